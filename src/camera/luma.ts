// The way to small grey pictures for detection: what ffmpeg is told, and how the bytes it writes become frames again.
// Live cameras and `nightjar detect` use the same words, so that a clip is judged as the camera would have been.
// Spawning and draining are left to the caller.

/** Pictures per second that detection looks at. */
export const LUMA_FPS = 5;
const LONG_SIDE = 320;

export interface LumaSize {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/**
 * The picture size for detection: long side 320 (never larger than the video), aspect kept, both sides even. A size that is
 * not known yet (0 or nonsense) gives 320×180, which ffmpeg then stretches to: detection does not mind.
 */
export function lumaSizeFor(videoWidth: number, videoHeight: number): LumaSize {
  if (!(videoWidth > 0 && videoHeight > 0 && videoWidth < 1e5 && videoHeight < 1e5)) {
    return { width: LONG_SIDE, height: 180, fps: LUMA_FPS };
  }
  const shrink = Math.min(1, LONG_SIDE / Math.max(videoWidth, videoHeight));
  const even = (pixels: number) => Math.max(16, 2 * Math.round((pixels * shrink) / 2));
  return { width: even(videoWidth), height: even(videoHeight), fps: LUMA_FPS };
}

/**
 * Decoder options, before `-i`. One thread: two cost 10–20 % more processor time for the same frames (measured at 720p and
 * 1080p). Leaving the in-loop filter out saves 10–20 %; its slight blockiness is gone after scaling down.
 */
export function lumaDecoderOptions(): string[] {
  return ['-threads', '1', '-skip_loop_filter', 'all'];
}

/**
 * Output arguments: raw grey pictures at 5 per second into `pipe:fd`. `fps` comes before `scale` so that only pictures which
 * are kept are scaled; the scaler is then noise beside decoding (area, bilinear and fast_bilinear differ by less than
 * the measurement), and `area` averages over every source pixel, which halves sensor noise where the others skip pixels.
 * Times count from the first decoded picture, which is the first copied one too; `round=up` keeps a picture at most one source
 * frame older than its time. One encoder thread: with more, ffmpeg holds every raw picture back until the next (285 ms from
 * camera to here instead of 84).
 */
export function lumaOutput(fd: number, size: LumaSize): string[] {
  return [
    ...['-map', '0:v:0', '-an', '-sn', '-dn'],
    ...[
      '-vf',
      `setpts=PTS-STARTPTS,fps=${size.fps}:round=up,scale=${size.width}:${size.height}:flags=area,format=gray`,
    ],
    ...['-threads', '1', '-c:v', 'rawvideo', '-f', 'rawvideo', '-flush_packets', '1', `pipe:${fd}`],
  ];
}

/**
 * Puts frames together from chunks of any size. `onFrame` gets the same buffer every time: it is valid only during the call,
 * and a listener that keeps a picture copies it. Nothing is allocated after construction.
 */
export class LumaReader {
  readonly #frame: Uint8Array;
  readonly #onFrame: (data: Uint8Array, index: number) => void;
  #filled = 0;
  #index = 0;

  constructor(size: Pick<LumaSize, 'width' | 'height'>, onFrame: (data: Uint8Array, index: number) => void) {
    this.#frame = new Uint8Array(size.width * size.height);
    this.#onFrame = onFrame;
  }

  push(bytes: Uint8Array): void {
    const frame = this.#frame;
    for (let at = 0; at < bytes.length; ) {
      const take = Math.min(frame.length - this.#filled, bytes.length - at);
      // A whole chunk is copied without making a view of it.
      frame.set(take === bytes.length ? bytes : bytes.subarray(at, at + take), this.#filled);
      at += take;
      this.#filled += take;
      if (this.#filled === frame.length) {
        this.#filled = 0;
        this.#onFrame(frame, this.#index++);
      }
    }
  }
}
