// How much moved when: the detector's levels of the last minute, camera by camera, so that each chunk of a recording can say how much
// moves while it lasts. Chunks are asked for by the time of their pictures: what is recorded begins before the motion does.

/** Longer than the longest time from before motion that is recorded with it. */
const KEPT_MS = 90_000;

interface Noted {
  readonly atMs: number;
  readonly level: number;
}

export class Levels {
  readonly #byCamera = new Map<string, Noted[]>();

  /** How many are kept. */
  get size(): number {
    return [...this.#byCamera.values()].reduce((sum, noted) => sum + noted.length, 0);
  }

  /** `atMs`: the picture's moment on the monotonic clock. */
  note(cameraId: string, level: number, atMs: number): void {
    const noted = this.#byCamera.get(cameraId) ?? [];
    this.#byCamera.set(cameraId, noted);
    noted.push({ atMs, level });
    if (noted[0]!.atMs < atMs - 2 * KEPT_MS) {
      noted.splice(
        0,
        noted.findIndex((each) => each.atMs >= atMs - KEPT_MS),
      );
    }
  }

  /**
   * Answers for one chunk after the other, each up to a moment, the highest level of the pictures since the one before; undefined
   * when nobody looked. What the detector was late with counts for the next chunk.
   */
  follow(cameraId: string, fromMs: number): (toMs: number) => number | undefined {
    let told: Noted | undefined;
    return (toMs) => {
      const noted = this.#byCamera.get(cameraId) ?? [];
      const begin = told ? noted.indexOf(told) + 1 : noted.findIndex((each) => each.atMs >= fromMs);
      let highest: number | undefined;
      for (let i = Math.max(0, begin); begin >= 0 && i < noted.length && noted[i]!.atMs < toMs; i++) {
        told = noted[i]!;
        highest = Math.max(highest ?? 0, told.level);
      }
      return highest;
    };
  }
}
