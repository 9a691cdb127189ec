// The times of a decoder that is not given every picture. Pictures that are left out must not leave holes in its time, or
// `fps` would fill each with repeats that are scaled and written for nothing: a key picture by itself takes one fifth of a
// second of the decoder's time, whatever passed since the last. This keeps both times and translates back. Pure.

import type { Packet } from '../media/types.ts';

/** When the picture in a slot of the decoder's output was captured, and whether it is a key picture by itself. */
export interface SlotTime {
  readonly atMs: number;
  readonly sparse: boolean;
}

interface Stretch {
  /** The decoder's time of its first picture, in slots. */
  readonly fromSlots: number;
  readonly atMs: number;
  /** Only this slot is wanted of it; undefined: all of them. */
  onlySlot: number | undefined;
  dropped: boolean;
}

/** A key picture by itself comes so much before the end of its slot that the next picture, which lets it out, is in the next. */
const BEFORE_SLOT_END = 0.05;

export class DecoderTimeline {
  readonly #ticksPerSlot: number;
  readonly #slotMs: number;
  readonly #stretches: Stretch[] = [];
  #firstTicks: number | undefined;
  #lastDts = 0;
  #lastTicks = 0;
  /** Presentation times that were given, in slots; the latest few. */
  #given: number[] = [];
  #latestSlots = Number.NEGATIVE_INFINITY;
  #keyShow = 0;
  #joined = true;

  constructor(timescale: number, picturesPerS: number) {
    this.#ticksPerSlot = timescale / picturesPerS;
    this.#slotMs = 1000 / picturesPerS;
  }

  /** A key packet that does not follow what was given last. `sparse`: by itself, only its own picture is wanted. */
  begin(key: Packet, { sparse }: { readonly sparse: boolean }): Packet {
    let ticks = 0;
    let slots = 0;
    if (this.#firstTicks === undefined) this.#firstTicks = key.ctsOffset;
    else {
      // After everything that was given, in the order of showing and in that of decoding.
      const leastTicks = this.#lastTicks + 1 + key.ctsOffset - this.#firstTicks;
      const after = Math.max(this.#latestSlots, leastTicks / this.#ticksPerSlot);
      slots = Math.ceil(after + BEFORE_SLOT_END) + 1 - BEFORE_SLOT_END;
      ticks = Math.round(this.#firstTicks + slots * this.#ticksPerSlot - key.ctsOffset);
    }
    this.#stretches.push({
      fromSlots: slots,
      atMs: key.atMs,
      onlySlot: sparse ? Math.ceil(slots) : undefined,
      dropped: false,
    });
    this.#joined = false;
    this.#keyShow = key.dts + key.ctsOffset;
    return this.#place(key, ticks);
  }

  /** The packet after the one given last. Undefined: it cannot be decoded, because it also needs what was left out. */
  next(packet: Packet): Packet | undefined {
    if (packet.key) {
      this.#joined = true;
      const placed = this.#place(packet, this.#lastTicks + packet.dts - this.#lastDts);
      // The box's clock and the camera's drift apart: every group begins with the time it came with.
      const last = this.#stretches.at(-1);
      if (last?.onlySlot === undefined) {
        this.#stretches.push({
          fromSlots: this.#slotsOf(placed),
          atMs: packet.atMs,
          onlySlot: undefined,
          dropped: false,
        });
      }
      return placed;
    }
    const ticks = this.#lastTicks + packet.dts - this.#lastDts;
    if (!this.#joined && packet.dts + packet.ctsOffset < this.#keyShow) {
      // Shown before the key picture, decoded after it (open groups): predicted from the group before, too.
      this.pass(packet);
      return undefined;
    }
    return this.#place(packet, ticks);
  }

  /** The packet after the one given last is left out: no other is built on it. */
  pass(packet: Packet): undefined {
    this.#lastTicks += packet.dts - this.#lastDts;
    this.#lastDts = packet.dts;
  }

  /** From now on every picture since the last `begin` is wanted. */
  wantAll(): void {
    const last = this.#stretches.at(-1);
    if (last) last.onlySlot = undefined;
  }

  /** The last `begin` is begun anew: its picture, if it has not come yet, is not wanted. */
  dropLast(): void {
    const last = this.#stretches.at(-1);
    if (last) last.dropped = true;
  }

  /** What the decoder's output number `slot` shows. Undefined: a picture that is not wanted. Call in order. */
  slot(slot: number): SlotTime | undefined {
    while (this.#stretches.length > 1 && this.#stretches[1]!.fromSlots <= slot) this.#stretches.shift();
    const stretch = this.#stretches[0];
    if (!stretch || stretch.dropped) return undefined;
    if (stretch.onlySlot !== undefined) {
      return stretch.onlySlot === slot ? { atMs: stretch.atMs, sparse: true } : undefined;
    }
    return { atMs: stretch.atMs + Math.max(0, slot - stretch.fromSlots) * this.#slotMs, sparse: false };
  }

  /** How many slots the decoder must have written by now, when it holds back `reorder` pictures. */
  dueSlots(reorder: number): number {
    const shown = this.#given.toSorted((a, b) => b - a)[reorder];
    return shown === undefined ? 0 : Math.max(0, Math.ceil(shown - 1e-6));
  }

  #place(packet: Packet, dts: number): Packet {
    this.#lastDts = packet.dts;
    this.#lastTicks = dts;
    const placed = { ...packet, dts };
    const slots = this.#slotsOf(placed);
    this.#given.push(slots);
    if (this.#given.length > 24) this.#given.shift();
    this.#latestSlots = Math.max(this.#latestSlots, slots);
    return placed;
  }

  #slotsOf({ dts, ctsOffset }: Packet): number {
    return (dts + ctsOffset - this.#firstTicks!) / this.#ticksPerSlot;
  }
}
