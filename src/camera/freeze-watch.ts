// Notices a camera that still talks but no longer sees: no packet for 5 s, packets of which no picture can be made for 10 s,
// or exactly the same small picture for 60 s. A quiet scene is not the same picture: a sensor's noise changes at least one
// grey value within a minute. Pure; the caller brings the time and calls `look` about once a second.

export interface FreezeLimits {
  readonly noPacketMs: number;
  readonly samePictureMs: number;
  /** How long packets may come without one picture that can be decoded, after there were some. */
  readonly noPictureMs: number;
  /** How long a connection may take until its first packet. */
  readonly firstPacketMs: number;
}

export const freezeLimits: FreezeLimits = {
  noPacketMs: 5000,
  samePictureMs: 60_000,
  noPictureMs: 10_000,
  firstPacketMs: 20_000,
};

/** Resting, a picture comes every few seconds only, and one that cannot be decoded is missed for as long again. */
export const limitsOf = (limits: FreezeLimits = freezeLimits, rests: boolean): FreezeLimits =>
  rests ? { ...limits, noPictureMs: Math.max(limits.noPictureMs, 30_000) } : limits;

export class FreezeWatch {
  readonly #limits: FreezeLimits;
  readonly #startedAtMs: number;
  #packetAtMs: number | undefined;
  #pictureAtMs: number | undefined;
  #changedAtMs: number | undefined;
  #picture: number | bigint | undefined;

  constructor(startedAtMs: number, limits: FreezeLimits = freezeLimits) {
    this.#startedAtMs = startedAtMs;
    this.#limits = limits;
  }

  packet(arrivedAtMs: number): void {
    this.#packetAtMs = arrivedAtMs;
  }

  /** `fingerprint`: a hash of every grey value. */
  picture(fingerprint: number | bigint, arrivedAtMs: number): void {
    this.#pictureAtMs = arrivedAtMs;
    if (fingerprint === this.#picture) return;
    this.#picture = fingerprint;
    this.#changedAtMs = arrivedAtMs;
  }

  look(nowMs: number): 'ok' | 'no-packets' | 'damaged' | 'frozen' {
    if (this.#packetAtMs === undefined) {
      return nowMs - this.#startedAtMs >= this.#limits.firstPacketMs ? 'no-packets' : 'ok';
    }
    if (nowMs - this.#packetAtMs >= this.#limits.noPacketMs) return 'no-packets';
    if (this.#pictureAtMs !== undefined && nowMs - this.#pictureAtMs >= this.#limits.noPictureMs) return 'damaged';
    const frozen = this.#changedAtMs !== undefined && nowMs - this.#changedAtMs >= this.#limits.samePictureMs;
    return frozen ? 'frozen' : 'ok';
  }
}
