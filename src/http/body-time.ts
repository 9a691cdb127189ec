// How long the body of a request may take. One that dribbles in is ended here and not by the server's own `requestTimeout`, which
// knows no exception (and on the encrypted port no bodies): who takes in a large file asks for more, piece by piece.

import type { IncomingMessage } from 'node:http';

/** However steadily it comes, no body takes longer. */
export const LONGEST_BODY_MS = 60 * 60_000;

const prolongers = new WeakMap<object, () => void>();

/** `bodyMs`: the body must be there in this time, or `prolongBody` called again within it. */
export function limitBody(incoming: IncomingMessage, bodyMs: number): void {
  if (incoming.method === 'GET' || incoming.method === 'HEAD') return;
  const end = () => {
    if (incoming.complete) return;
    // The connection first: of a request that is destroyed on a living one Bun tells the client 200. Over HTTP/2 others share it.
    if (incoming.httpVersionMajor === 1) incoming.socket.destroy();
    incoming.destroy();
  };
  const startedMs = performance.now();
  let timer = setTimeout(end, bodyMs);
  prolongers.set(incoming, () => {
    if (performance.now() - startedMs > LONGEST_BODY_MS) return;
    clearTimeout(timer);
    timer = setTimeout(end, bodyMs);
  });
  const over = () => {
    clearTimeout(timer);
    prolongers.delete(incoming);
  };
  incoming.once('end', over);
  incoming.once('close', over);
}

/** A piece of a large body has come: as much time again for the next. */
export const prolongBody = (incoming: object | undefined): void => {
  if (incoming) prolongers.get(incoming)?.();
};
