// Pictures and kilobits per second over the last seconds, measured on what really came.

const windowMs = 5000;

export class RateMeter {
  #seconds: { readonly second: number; frames: number; bytes: number }[] = [];
  #startedAtMs: number | undefined;

  add(bytes: number, isPicture: boolean, nowMs: number): void {
    this.#startedAtMs ??= nowMs;
    const second = Math.floor(nowMs / 1000);
    let slot = this.#seconds.at(-1);
    if (slot?.second !== second) {
      slot = { second, frames: 0, bytes: 0 };
      this.#seconds.push(slot);
      if (this.#seconds.length > windowMs / 1000 + 2) this.#seconds.shift();
    }
    slot.bytes += bytes;
    if (isPicture) slot.frames++;
  }

  /** Undefined until two whole seconds have been seen. Whole seconds only, so that the number does not flicker. */
  rate(nowMs: number): { readonly fps: number; readonly kbps: number } | undefined {
    if (this.#startedAtMs === undefined) return undefined;
    const last = Math.floor(nowMs / 1000); // this second is not over
    const first = Math.max(last - windowMs / 1000, Math.floor(this.#startedAtMs / 1000) + 1);
    if (last - first < 2) return undefined;
    let frames = 0;
    let bytes = 0;
    for (const slot of this.#seconds) {
      if (slot.second < first || slot.second >= last) continue;
      frames += slot.frames;
      bytes += slot.bytes;
    }
    return {
      fps: Math.round((frames / (last - first)) * 10) / 10,
      kbps: Math.round((bytes * 8) / 1000 / (last - first)),
    };
  }
}
