// What low power saves, measured: how long a decoder rested, what one picture costs it while it is awake, and so what all of
// them would have cost. Sums fade, so that the figures are those of the last hour or so. Pure.

import type { LowPowerHealth } from '../media/types.ts';

const HALF_LIFE_MS = 3_600_000;
/** Pictures decoded awake before their cost is believed: the clock of processes ticks in hundredths of a second. */
const FEWEST_PICTURES = 30;
/** A longer pause between two pictures is an outage, not rest. */
const LONGEST_STEP_MS = 10_000;

export class PowerMeter {
  #atMs: number | undefined;
  #totalMs = 0;
  #restingMs = 0;
  #pictures = 0;
  #cpuMs = 0;
  #awakePictures = 0;
  #awakeCpuMs = 0;
  #sample: { readonly cpuMs: number; readonly fed: number; readonly awake: boolean } | undefined;

  /** Every picture of the stream, decoded or not. */
  picture(atMs: number, resting: boolean): void {
    const stepMs = Math.min(LONGEST_STEP_MS, Math.max(0, atMs - (this.#atMs ?? atMs)));
    this.#atMs = atMs;
    const keep = 0.5 ** (stepMs / HALF_LIFE_MS);
    this.#totalMs = this.#totalMs * keep + stepMs;
    this.#restingMs = this.#restingMs * keep + (resting ? stepMs : 0);
    this.#pictures = this.#pictures * keep + 1;
    this.#cpuMs *= keep;
  }

  /** The decoder's processor time so far, and how many pictures it was given. `wasAwake`: for the whole time since the last look. */
  look(cpuMs: number, fed: number, wasAwake: boolean): void {
    const last = this.#sample;
    this.#sample = { cpuMs, fed, awake: wasAwake };
    // Another process: its start is no picture's cost, and counts as spent all the same.
    const spentMs = last && cpuMs >= last.cpuMs ? cpuMs - last.cpuMs : cpuMs;
    this.#cpuMs += spentMs;
    if (!last || cpuMs < last.cpuMs || last.fed === 0 || !wasAwake || fed <= last.fed) return;
    this.#awakeCpuMs += spentMs;
    this.#awakePictures += fed - last.fed;
    if (this.#awakePictures > 20_000) {
      this.#awakePictures /= 2;
      this.#awakeCpuMs /= 2;
    }
  }

  report(): Pick<LowPowerHealth, 'restingShare' | 'savedPercent'> {
    if (this.#totalMs <= 0) return { restingShare: 0 };
    const restingShare = Math.round((100 * this.#restingMs) / this.#totalMs) / 100;
    if (this.#awakePictures < FEWEST_PICTURES) return { restingShare };
    const wholeMs = this.#pictures * (this.#awakeCpuMs / this.#awakePictures);
    const saved = Math.max(0, (100 * (wholeMs - this.#cpuMs)) / this.#totalMs);
    // Rough enough that pages are not told of every tenth.
    return { restingShare, savedPercent: saved < 10 ? Math.round(saved * 2) / 2 : Math.round(saved) };
  }
}
