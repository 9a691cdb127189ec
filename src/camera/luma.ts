// The way to small grey pictures for detection: what ffmpeg is told, and how the bytes it writes become frames again.
// Live cameras and `nightjar detect` use the same words, so that a clip is judged as the camera would have been.
// Spawning and draining are left to the caller.

import { NightjarError } from '../base/errors.ts';
import { LumaHalver } from '../media/luma-halve.ts';

/** Pictures per second that detection looks at. */
export const LUMA_FPS = 5;
/** The long side of a picture for detection is at most this. */
const LONG_SIDE = 360;
/** Larger than this no decoder here makes them. */
const MOST_PIXELS = 4_000_000;

/**
 * Decoder options, before `-i`. One thread: two cost 10–20 % more processor time for the same frames (measured at 720p and
 * 1080p). Leaving the in-loop filter out saves 10–40 %; its slight blockiness is gone after scaling down. Frames that no other
 * frame refers to are not decoded: every second one or more where an encoder makes them, none where it does not.
 */
export function lumaDecoderOptions(): string[] {
  return ['-threads', '1', '-skip_loop_filter', 'all', '-skip_frame', 'noref'];
}

/**
 * Output arguments: grey pictures at 5 per second into `pipe:fd`, each stream telling its own size (YUV4MPEG2). The grey plane
 * is taken as it stands in the video, without converting its range: that alone costs as much as the detector. A picture
 * is made smaller by the mean of whole squares of pixels until no side is beyond LONG_SIDE.
 *
 * `shrinks: 'reader'` leaves the last halving to LumaReader, which does it for a fraction of what the scaler takes. A process
 * that also copies packets must say `'ffmpeg'`: it waits while a picture is larger than a pipe holds and nobody reads,
 * and the packets would wait with it.
 *
 * `fps` comes first so that only pictures which are kept are worked on. Times count from the first decoded picture, which is
 * the first copied one too; `round=up` keeps a picture at most one source frame older than its time. One encoder thread: with
 * more, ffmpeg holds every raw picture back until the next (285 ms from camera to here instead of 84).
 */
export function lumaOutput(fd: number, shrinks: 'reader' | 'ffmpeg'): string[] {
  const most = shrinks === 'reader' ? 2 * LONG_SIDE : LONG_SIDE;
  const shrink = `if(gt(max(iw\\,ih)\\,${most})\\,ceil(max(iw\\,ih)/${LONG_SIDE})\\,1)`;
  const scale = `scale=w=max(16\\,trunc(iw/${shrink})):h=max(16\\,trunc(ih/${shrink})):flags=area`;
  return [
    ...['-map', '0:v:0', '-an', '-sn', '-dn'],
    ...['-vf', `setpts=PTS-STARTPTS,fps=${LUMA_FPS}:round=up,extractplanes=y,format=gray,${scale}`],
    ...['-threads', '1', '-f', 'yuv4mpegpipe', '-strict', '-1', '-flush_packets', '1', `pipe:${fd}`],
  ];
}

/** A picture for detection: one byte per pixel, row after row without gaps. */
export interface LumaPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Where the pictures of a stream are put together, and what is made of each. */
interface Shape {
  readonly input: Uint8Array;
  readonly small: () => LumaPicture;
}

/**
 * Puts pictures together from chunks of any size. `onPicture` gets the same memory every time: it is valid only during the
 * call, and a listener that keeps a picture copies it. Throws `invalid` when the bytes are not what ffmpeg writes.
 */
export class LumaReader {
  readonly #onPicture: (picture: LumaPicture, index: number) => void;
  /** What is being read: the lines that introduce stream or picture, and the picture. */
  #line: number[] = [];
  #shape: Shape | undefined;
  #inPicture = false;
  #filled = 0;
  #index = 0;

  constructor(onPicture: (picture: LumaPicture, index: number) => void) {
    this.#onPicture = onPicture;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (!this.#shape || !this.#inPicture) at = this.#readLine(bytes, at);
      else at = this.#readPicture(this.#shape, bytes, at);
    }
  }

  #readPicture({ input, small }: Shape, bytes: Uint8Array, at: number): number {
    const take = Math.min(input.length - this.#filled, bytes.length - at);
    input.set(bytes.subarray(at, at + take), this.#filled);
    this.#filled += take;
    if (this.#filled === input.length) {
      this.#filled = 0;
      this.#inPicture = false;
      this.#onPicture(small(), this.#index++);
    }
    return at + take;
  }

  #readLine(bytes: Uint8Array, from: number): number {
    const end = bytes.indexOf(0x0a, from);
    const upTo = end < 0 ? bytes.length : end;
    this.#line.push(...bytes.subarray(from, Math.min(upTo, from + 201)));
    if (this.#line.length > 200) throw notPictures();
    if (end < 0) return upTo;
    const line = String.fromCharCode(...this.#line);
    this.#line = [];
    if (this.#shape) {
      if (!line.startsWith('FRAME')) throw notPictures();
      this.#inPicture = true;
    } else {
      this.#shape = shapeOf(line);
    }
    return end + 1;
  }
}

function shapeOf(header: string): Shape {
  const [, width, height] = (/^YUV4MPEG2 W(\d+) H(\d+) .*Cmono\b/.exec(header) ?? []).map(Number);
  if (!width || !height || width * height > MOST_PIXELS) throw notPictures();
  if (Math.max(width, height) > LONG_SIDE) {
    const halver = new LumaHalver(width, height);
    return {
      input: halver.input,
      small: () => ({ width: halver.width, height: halver.height, data: halver.halve() }),
    };
  }
  const input = new Uint8Array(width * height);
  const picture = { width, height, data: input };
  return { input, small: () => picture };
}

const notPictures = () => new NightjarError('invalid', 'the decoder wrote something that is no picture');
