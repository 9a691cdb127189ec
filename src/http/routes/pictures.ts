// Pictures for players and scripts, at the addresses CamAlert had: a run of JPEGs and a single one. Open to who is signed
// in, and to who has a stream token for the camera.

import { Hono } from 'hono';
import { z } from 'zod';
import { describeError, NightjarError } from '../../base/errors.ts';
import { cameraId, query } from '../checked.ts';
import { addressOf, type HttpContext, type HttpEnv, type HttpParts, RECHECK_MS, stillSignedIn } from '../context.ts';

const MAX_STREAMS = 32;
const BOUNDARY = 'nightjar';
const pictureQuery = () => z.object({ camera: cameraId().optional(), token: z.string().max(200).optional() });
const noStore = { 'cache-control': 'no-store, private', pragma: 'no-cache' };

export const pictureRoutes = ({ ports, clock, log }: HttpParts) => {
  const { access, cameras, pictures } = ports;
  let streams = 0;

  const mayLook = (c: HttpContext, camera: string, token: string | undefined): boolean =>
    token === undefined ? stillSignedIn(c, ports) : access.streamTokenOpens(token, camera, addressOf(c));

  /** The camera that is meant, once it is known that the asker may look at it. */
  const cameraFor = (c: HttpContext, q: z.infer<ReturnType<typeof pictureQuery>>): string => {
    const camera = q.camera ?? cameras.list()[0]?.id ?? '';
    // Denied before missing: a stranger learns no names of cameras.
    if (!mayLook(c, camera, q.token)) throw new NightjarError('denied', 'sign in first, or use a stream token');
    if (!cameras.get(camera)) throw new NightjarError('missing', 'there is no such camera');
    return camera;
  };

  return new Hono<HttpEnv>()
    .get('/snapshot.jpg', query(pictureQuery), async (c) => {
      const camera = cameraFor(c, c.req.valid('query'));
      const jpeg = await pictures.snapshot(camera, c.req.raw.signal);
      return new Response(c.req.method === 'HEAD' ? null : (jpeg as Uint8Array<ArrayBuffer>), {
        headers: { 'content-type': 'image/jpeg', 'content-length': String(jpeg.length), ...noStore },
      });
    })
    .get('/stream.mjpg', query(pictureQuery), (c) => {
      const q = c.req.valid('query');
      const camera = cameraFor(c, q);
      const headers = { 'content-type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`, ...noStore };
      if (c.req.method === 'HEAD') return new Response(null, { headers });
      if (streams >= MAX_STREAMS) throw new NightjarError('unavailable', 'too many players are connected');
      const abort = new AbortController();
      const run = pictures.mjpeg(camera, abort.signal)[Symbol.asyncIterator]();
      streams++;
      const recheck = () => {
        if (!mayLook(c, camera, q.token)) return leave();
        cancelRecheck = clock.after(RECHECK_MS, recheck);
      };
      let cancelRecheck = clock.after(RECHECK_MS, recheck);
      let left = false;
      const leave = () => {
        if (left) return;
        left = true;
        streams--;
        cancelRecheck();
        abort.abort();
      };
      c.req.raw.signal.addEventListener('abort', leave, { once: true });
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            try {
              const { done, value } = await run.next();
              // Who left while a picture was awaited has closed the stream already.
              if (left && !done) return;
              if (!done) return controller.enqueue(part(value));
              leave();
              controller.close();
            } catch (error) {
              if (left) return;
              // The run has no promised length: it ends, and the player connects again.
              log.warn('a run of pictures ended', { camera, reason: describeError(error) });
              leave();
              controller.close();
            }
          },
          async cancel() {
            leave();
            await run.return?.();
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(body, { headers });
    });
};

/** One picture with its own header. The next boundary goes with it: a player shows a part when it sees the boundary behind it. */
export function part(jpeg: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(
    `--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`,
  );
  const bytes = new Uint8Array(head.length + jpeg.length + 2);
  bytes.set(head);
  bytes.set(jpeg, head.length);
  bytes.set([13, 10], head.length + jpeg.length);
  return bytes;
}
