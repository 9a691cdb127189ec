// The kept pictures of the last minutes, fetched around the moment that is looked at and forgotten when they are far away.

import { pauseMs } from './replay-axis.ts';

const headBytes = 12;
/** Before and after the wanted moment: what playing needs next. */
const behindMs = 1000;
const aheadMs = 4000;
/** Half a minute; 10 MB. */
const mostPictures = 150;

export interface GreyPicture {
  readonly atMs: number;
  readonly width: number;
  readonly height: number;
  readonly grey: Uint8Array;
}

/** The pictures of one answer; what is cut off at its end is left out. */
export function readGreyPictures(bytes: ArrayBuffer): readonly GreyPicture[] {
  const view = new DataView(bytes);
  const pictures: GreyPicture[] = [];
  for (let at = 0; at + headBytes <= bytes.byteLength; ) {
    const [width, height] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const end = at + headBytes + width * height;
    if (end > bytes.byteLength) break;
    pictures.push({
      atMs: view.getFloat64(at, true),
      width,
      height,
      grey: new Uint8Array(bytes, at + headBytes, width * height),
    });
    at = end;
  }
  return pictures;
}

/** The newest picture that is not after this moment, nor much older. */
export function pictureAt(pictures: Iterable<GreyPicture>, atMs: number): GreyPicture | undefined {
  let best: GreyPicture | undefined;
  for (const picture of pictures) {
    if (picture.atMs <= atMs && (!best || picture.atMs > best.atMs)) best = picture;
  }
  return best && atMs - best.atMs < pauseMs ? best : undefined;
}

export class GreyPictures {
  readonly #fetchRange: (fromMs: number, toMs: number) => Promise<ArrayBuffer>;
  readonly #onNew: () => void;
  #known = new Map<number, GreyPicture>();
  /** Seconds that were asked for, and until when there were pictures then: one that was not over yet is asked for again. */
  #asked = new Map<number, number>();
  #busy = false;
  #wanted: { readonly atMs: number; readonly untilMs: number } | undefined;

  constructor(fetchRange: (fromMs: number, toMs: number) => Promise<ArrayBuffer>, onNew: () => void) {
    this.#fetchRange = fetchRange;
    this.#onNew = onNew;
  }

  /**
   * The picture of this moment, if it is here; fetches what is around it, as far as `untilMs`, the newest there is. While one
   * answer is awaited only the newest wish counts.
   */
  at(atMs: number, untilMs: number): GreyPicture | undefined {
    this.#wanted = { atMs, untilMs };
    void this.#fetch();
    return pictureAt(this.#known.values(), atMs);
  }

  async #fetch(): Promise<void> {
    const wanted = this.#wanted;
    if (this.#busy || wanted === undefined) return;
    const { atMs, untilMs } = wanted;
    const isHere = (s: number) => (this.#asked.get(s) ?? -1) >= Math.min((s + 1) * 1000, untilMs);
    const seconds = [0, 1, 2].map((n) => Math.floor(atMs / 1000) + n).filter((s) => s * 1000 <= untilMs);
    if (seconds.every(isHere)) return;
    this.#busy = true;
    const fromMs = Math.floor((atMs - behindMs) / 1000) * 1000;
    const toMs = Math.floor((atMs + aheadMs) / 1000) * 1000;
    try {
      const pictures = readGreyPictures(await this.#fetchRange(fromMs, toMs));
      for (const picture of pictures) this.#known.set(picture.atMs, picture);
      for (let s = fromMs / 1000; s < toMs / 1000; s++) this.#asked.set(s, untilMs);
      this.#forget(atMs);
      this.#onNew();
    } catch {
      // The next wish tries again.
    }
    this.#busy = false;
    if (this.#wanted !== wanted) void this.#fetch();
  }

  #forget(aroundMs: number): void {
    if (this.#known.size <= mostPictures) return;
    const near = [...this.#known.values()]
      .sort((a, b) => Math.abs(a.atMs - aroundMs) - Math.abs(b.atMs - aroundMs))
      .slice(0, mostPictures / 2);
    this.#known = new Map(near.map((picture) => [picture.atMs, picture]));
    const whole = new Set(near.map((picture) => Math.floor(picture.atMs / 1000)));
    this.#asked = new Map([...this.#asked].filter(([s]) => whole.has(s)));
  }
}
