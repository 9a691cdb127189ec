// A rendered scene for the tests of this room: a textured backdrop, things on it, light on it, noise over it. The same
// seed gives the same pictures.

export class Scene {
  readonly width: number;
  readonly height: number;
  readonly #backdrop: Float32Array;
  readonly #scene: Float32Array;
  #seed: number;

  constructor(width: number, height: number, seed: number) {
    this.width = width;
    this.height = height;
    this.#seed = seed;
    // Soft shapes with a few hard edges, 60–150, as a yard has them.
    this.#backdrop = Float32Array.from({ length: width * height }, (_, i) => {
      const x = ((i % width) / width) * 160;
      const y = (Math.floor(i / width) / height) * 90;
      const wall = x > 100 + seed && y < 50 ? 25 : 0;
      return 90 + 20 * Math.sin(x / 13 + seed) + 15 * Math.sin(y / 9 + x / 40) + wall;
    });
    this.#scene = this.#backdrop.slice();
  }

  restore(): void {
    this.#scene.set(this.#backdrop);
  }

  add(left: number, top: number, width: number, height: number, contrast: number): void {
    for (let y = Math.max(0, top); y < Math.min(this.height, top + height); y++) {
      for (let x = Math.max(0, left); x < Math.min(this.width, left + width); x++) {
        this.#scene[y * this.width + x]! += contrast;
      }
    }
  }

  light(gain: number, offset: number): void {
    for (let i = 0; i < this.#scene.length; i++) this.#scene[i] = this.#scene[i]! * gain + offset;
  }

  /** Darkens what is left of `edge`, with a soft border. */
  shade(edge: number, gain: number): void {
    for (let i = 0; i < this.#scene.length; i++) {
      const inside = Math.min(1, Math.max(0, (edge - (i % this.width)) / 20));
      this.#scene[i]! *= 1 - inside * (1 - gain);
    }
  }

  /** Light from the lower left corner, brightest there. */
  lamp(brightness: number): void {
    for (let i = 0; i < this.#scene.length; i++) {
      const x = (i % this.width) / this.width;
      const y = 1 - Math.floor(i / this.width) / this.height;
      this.#scene[i]! += brightness * Math.exp(-2 * (x * x + y * y));
    }
  }

  shift(dx: number, dy: number): void {
    const from = this.#scene.slice();
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) {
        const sx = Math.max(0, Math.min(this.width - 1, x + dx));
        this.#scene[y * this.width + x] = from[Math.max(0, Math.min(this.height - 1, y + dy)) * this.width + sx]!;
      }
    }
  }

  /** Towards a picture in which dark is bright: 0 not at all, 1 wholly. */
  invert(share: number): void {
    for (let i = 0; i < this.#scene.length; i++) {
      this.#scene[i] = this.#scene[i]! * (1 - share) + (230 - this.#scene[i]!) * share;
    }
  }

  /** The picture with noise of the given standard deviation in grey levels. */
  picture(noise: number): Uint8Array {
    this.#seed = next(this.#seed);
    const start = this.#seed >> 4;
    const picture = new Uint8Array(this.#scene.length);
    for (let i = 0; i < picture.length; i++) {
      picture[i] = Math.min(255, Math.max(0, Math.round(this.#scene[i]! + bell[(start + i) & 0xffff]! * noise)));
    }
    return picture;
  }
}

const next = (seed: number) => (seed * 1_103_515_245 + 12_345) & 0x7fffffff;

/** Numbers with mean 0 and deviation 1: the sum of four even ones is near enough to a bell. Each picture starts elsewhere. */
const bell = Float32Array.from({ length: 0x10000 }, (_, i) => {
  let seed = i * 7919 + 17;
  let sum = 0;
  for (let k = 0; k < 4; k++) {
    seed = next(seed ^ (seed >> 11));
    sum += (seed >> 7) / 0xffffff - 0.5;
  }
  return sum * 1.73;
});
