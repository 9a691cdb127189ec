// What changes, as server-sent events, so that no page polls. Each listener has a bounded queue; one that falls far behind is
// let go and starts afresh when its browser comes back.

import { Hono } from 'hono';
import { NightjarError } from '../../base/errors.ts';
import type { Changes } from '../api.ts';
import { type HttpEnv, type HttpParts, RECHECK_MS, sessionOf, stillSignedIn } from '../context.ts';
import { heardBy } from '../role-routes.ts';

const HEARTBEAT_MS = 15_000;
const MAX_LISTENERS = 64;
const MAX_QUEUED_BYTES = 512 * 1024;

export const changesRoutes = ({ ports, clock }: HttpParts) => {
  let listeners = 0;
  return new Hono<HttpEnv>().get('/changes', (c) => {
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    if (listeners >= MAX_LISTENERS) throw new NightjarError('unavailable', 'too many pages are open');
    listeners++;
    const queue = new ChangeQueue();
    const heartbeat = () => {
      queue.add(undefined, ': here\n\n');
      cancelHeartbeat = clock.after(HEARTBEAT_MS, heartbeat);
    };
    const recheck = () => {
      if (!stillSignedIn(c, ports)) return leave();
      cancelRecheck = clock.after(RECHECK_MS, recheck);
    };
    let cancelHeartbeat = clock.after(HEARTBEAT_MS, heartbeat);
    let cancelRecheck = clock.after(RECHECK_MS, recheck);
    const { role } = sessionOf(c).person;
    const unlisten = ports.changes.listen((name, data) => {
      if (!heardBy(role, name)) return;
      if (!queue.add(name, `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)) leave();
    });
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      listeners--;
      cancelHeartbeat();
      cancelRecheck();
      unlisten();
      queue.close();
    };
    c.req.raw.signal.addEventListener('abort', leave, { once: true });
    queue.add(undefined, 'retry: 2000\n\n');
    queue.add('cameras', `event: cameras\ndata: ${JSON.stringify(ports.cameras.list())}\n\n`);
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const text = await queue.next();
          if (text === undefined) controller.close();
          else controller.enqueue(encoder.encode(text));
        },
        cancel: leave,
      },
      { highWaterMark: 0 },
    );
    return new Response(body, { headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' } });
  });
};

/** Waiting messages, in order. Of the cameras' state only the newest waits: it is whole each time. */
export class ChangeQueue {
  readonly #waiting: { name: keyof Changes | undefined; text: string }[] = [];
  #bytes = 0;
  #wake: (() => void) | undefined;
  #closed = false;

  /** False when the listener is too far behind. */
  add(name: keyof Changes | undefined, text: string): boolean {
    if (this.#closed) return true;
    if (name === 'cameras' || name === undefined) this.#drop(name);
    this.#waiting.push({ name, text });
    this.#bytes += text.length;
    this.#wake?.();
    return this.#bytes <= MAX_QUEUED_BYTES;
  }

  /** The next message, when there is one; undefined when it is over. */
  async next(): Promise<string | undefined> {
    while (this.#waiting.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const message = this.#closed ? undefined : this.#waiting.shift();
    this.#bytes -= message?.text.length ?? 0;
    return message?.text;
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  #drop(name: keyof Changes | undefined): void {
    const at = this.#waiting.findIndex((waiting) => waiting.name === name);
    if (at >= 0) this.#bytes -= this.#waiting.splice(at, 1)[0]!.text.length;
  }
}
