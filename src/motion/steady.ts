// Keeps the pictures of a moved camera in place: decides which pictures are worth asking where they lie (shake.ts), lays them
// back, and says when a camera has moved for good. Learning it anew then is the detector's business.

import type { Light } from './light.ts';
import { noShift, Shake, type Shift, type Usual } from './shake.ts';

/** Share of the cells whose mean is off by this many grey levels: a picture moved by a pixel is off wherever it has an edge. */
const OFF_SHARE = 0.06;
const OFF_LEVELS = 1.5;
/** Pictures (5 s) in the same other place after which the camera is taken to stay there. */
const FOR_GOOD = 25;
/** Pictures (2 s) after a new beginning in which nothing is laid back: what the background shows may be the one who stands before the lens. */
const PAUSE = 10;

export class Steady {
  readonly #shake: Shake;
  readonly #raw: Uint8Array;
  #shift: Shift = noShift;
  #same = 0;
  #pause = PAUSE;

  constructor(width: number, height: number) {
    this.#shake = new Shake(width, height);
    this.#raw = new Uint8Array(width * height);
  }

  /** The background was learnt anew: what is seen now is where things are. */
  restart(): void {
    this.#shake.clear();
    this.#shift = noShift;
    this.#same = 0;
    this.#pause = PAUSE;
  }

  /** The last picture as it came, where it was laid back; otherwise it is the one that the pixels remember. */
  get raw(): Uint8Array | undefined {
    return this.#shift === noShift ? undefined : this.#raw;
  }

  get movedForGood(): boolean {
    return this.#shift !== noShift && this.#same >= FOR_GOOD;
  }

  /** The picture laid back over its background, valid until the next call; undefined where it lies there already. */
  layBack(
    data: Uint8Array,
    means: Float32Array,
    usualMeans: Float32Array,
    toBackground: Light,
    usual: Usual,
  ): Uint8Array | undefined {
    if (this.#pause > 0) {
      this.#pause--;
      return undefined;
    }
    const asked = this.#shift !== noShift || isOff(means, usualMeans, toBackground);
    const shift = asked ? this.#shake.find(data, usual, toBackground) : noShift;
    this.#same = shift.dx === this.#shift.dx && shift.dy === this.#shift.dy ? this.#same + 1 : 0;
    this.#shift = shift;
    if (shift === noShift) return undefined;
    this.#raw.set(data);
    return this.#shake.layBack(data, shift, usual, toBackground);
  }
}

function isOff(means: Float32Array, usual: Float32Array, { gain, offset }: Light): boolean {
  let off = 0;
  for (let i = 0; i < means.length; i++) off += Math.abs(means[i]! * gain + offset - usual[i]!) > OFF_LEVELS ? 1 : 0;
  return off > means.length * OFF_SHARE;
}
