// A body that fails on its way out. The head is sent by then, so all that is left is to cut the connection, which tells the
// reader that the file is not whole. Left to itself the listener would print a stack and write the error into the body.

import { describeError } from '../base/errors.ts';
import type { HttpContext, HttpParts } from './context.ts';

export function cutShortOnError(
  c: HttpContext,
  { log }: Pick<HttpParts, 'log'>,
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          log.warn('a file could not be sent to its end', { path: c.req.path, reason: describeError(error) });
          const outgoing = c.env?.outgoing;
          if (!outgoing) return controller.error(error);
          outgoing.destroy();
          controller.close();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
