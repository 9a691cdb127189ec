// Trying motion settings on a camera: what detection sees, as server-sent events; the pictures that are kept meanwhile; and
// what other settings would have made of them.

import { Hono } from 'hono';
import { z } from 'zod';
import { motionSettings } from '../../config/camera.ts';
import { jsonBody, momentMs, query, recordId } from '../checked.ts';
import { type HttpEnv, type HttpParts, RECHECK_MS, stillSignedIn } from '../context.ts';

/** A page this many messages behind is shown the newest; what it missed was only worth seeing then. */
const MOST_WAITING = 10;

export const tuningRoutes = ({ ports, clock }: HttpParts) => {
  const { tuning } = ports;
  return new Hono<HttpEnv>()
    .get('/cameras/:id/tuning', (c) => {
      const waiting: string[] = [];
      let wake: (() => void) | undefined;
      let left = false;
      const say = (name: string, data: unknown) => {
        waiting.push(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
        if (waiting.length > MOST_WAITING) waiting.splice(1, waiting.length - MOST_WAITING);
        wake?.();
      };
      const { leave: leaveSeat, ...opened } = tuning.open(c.req.param('id'), {
        frame: (frame) => say('frame', frame),
        ended() {
          say('ended', {});
          leave();
        },
      });
      const leave = () => {
        if (left) return;
        left = true;
        cancelRecheck();
        leaveSeat();
        wake?.();
      };
      const recheck = () => {
        if (!stillSignedIn(c, ports)) return leave();
        cancelRecheck = clock.after(RECHECK_MS, recheck);
      };
      let cancelRecheck = clock.after(RECHECK_MS, recheck);
      c.req.raw.signal.addEventListener('abort', leave, { once: true });
      if (c.req.method === 'HEAD') leave();
      say('opened', opened);
      const encoder = new TextEncoder();
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            while (waiting.length === 0 && !left) {
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
            }
            const text = waiting.shift();
            if (text === undefined) controller.close();
            else controller.enqueue(encoder.encode(text));
          },
          cancel: leave,
        },
        { highWaterMark: 0 },
      );
      const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
      return new Response(c.req.method === 'HEAD' ? null : body, { headers });
    })
    .get(
      '/cameras/:id/tuning/frames',
      query(() => z.object({ from: momentMs(), to: momentMs() })),
      (c) => {
        const { from, to } = c.req.valid('query');
        const { bytes, untilMs } = tuning.frames(c.req.param('id'), from, to);
        return new Response(bytes as Uint8Array<ArrayBuffer>, {
          headers: { 'content-type': 'application/octet-stream', 'x-frames-until': String(untilMs) },
        });
      },
    )
    .post(
      '/cameras/:id/tuning/replay',
      jsonBody(() => z.strictObject({ viewer: recordId(), motion: motionSettings })),
      async (c) => {
        const { viewer, motion } = c.req.valid('json');
        return c.json(await tuning.replay(c.req.param('id'), viewer, motion, c.req.raw.signal));
      },
    );
};
