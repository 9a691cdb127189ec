// One visit while it lasts: from when it is worth telling, its pauses, its best moment, its zones. When one may begin, and what
// ends it from outside, is the watcher's.

import type { MotionSignal } from './detector.ts';
import type { MotionParams } from './params.ts';
import type { MotionEvent } from './watcher.ts';

/** Motion that pauses for longer than this before it was announced begins anew. */
const PENDING_GAP_MS = 700;
/** Pictures further apart than this do not show what was between them: a reconnect. */
const BLIND_GAP_MS = 2000;
/** Longer blindness than this in one pause is a pause like any other: who knows who is there now. */
const MOST_BLIND_MS = 10_000;
/** A slightly better moment is told at most this often; a much better one at once. */
const PEAK_EVERY_MS = 1000;

export class Visit {
  /** Undefined until it has lasted long enough, and may, be announced. */
  id: string | undefined;
  lastMovingMs: number;
  /** Of the pause in progress: how long nothing could be seen. */
  blindMs = 0;
  /** Whether it moved in the picture before this one, without a gap between them. */
  #wasMoving = true;
  #startMs: number;
  #peakMs: number;
  #level = 0;
  /** Level weighed by how well the thing stands in the picture, at its best and as last told. */
  #worth = 0;
  #toldWorth = 0;
  #toldMs = 0;
  readonly #zones = new Set<string>();

  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#peakMs = startMs;
    this.lastMovingMs = startMs;
  }

  /** Hears of every picture, before it is asked whether it is over. */
  passed({ moving, global }: MotionSignal, sinceFrameMs: number): void {
    if (global && !moving) this.blindMs = Math.min(MOST_BLIND_MS, this.blindMs + sinceFrameMs);
    if (!moving || sinceFrameMs > BLIND_GAP_MS) this.#wasMoving = false;
  }

  /** Whether the pause until this picture is too long for one visit. */
  isOver({ moving, sinceMs }: MotionSignal, atMs: number, mergeGapMs: number): boolean {
    // However slowly pictures come: from one in which it moves to the next there is no pause.
    if (this.#wasMoving) return false;
    // What moves now was there before it was believed.
    const untilMs = moving ? Math.min(atMs, sinceMs ?? atMs) : atMs;
    const stillMs = untilMs - this.lastMovingMs;
    if (this.id === undefined) return stillMs > PENDING_GAP_MS;
    return stillMs > 0 && stillMs - this.blindMs >= mergeGapMs;
  }

  /** A picture in which something moves. `worth` says how good a picture of it this one is. */
  moved(
    { level, zones }: MotionSignal,
    worth: number,
    atMs: number,
    coolUntilMs: number,
    { smallestDurationMs }: MotionParams,
    newId: () => string,
  ): MotionEvent[] {
    this.lastMovingMs = atMs;
    this.blindMs = 0;
    this.#wasMoving = true;
    if (atMs < coolUntilMs) return [];
    this.#level = Math.max(this.#level, level);
    for (const zone of zones ?? []) this.#zones.add(zone);
    if (worth > this.#worth) {
      this.#worth = worth;
      this.#peakMs = atMs;
    }
    if (this.id === undefined) {
      if (atMs - this.#startMs < smallestDurationMs) return [];
      this.id = newId();
      this.#startMs = Math.max(this.#startMs, coolUntilMs);
      this.#peakMs = Math.max(this.#peakMs, this.#startMs);
      this.#tell(worth, atMs);
      return [{ kind: 'start', id: this.id, atMs: this.#startMs, level, ...this.#inZones() }];
    }
    const better = worth - this.#toldWorth;
    const much = better >= Math.max(3, this.#toldWorth * 0.25);
    if (!much && !(better > 0 && atMs - this.#toldMs >= PEAK_EVERY_MS)) return [];
    this.#tell(worth, atMs);
    return [{ kind: 'peak', id: this.id, atMs, level: this.#level }];
  }

  ended(id: string): MotionEvent {
    return {
      kind: 'end',
      id,
      startMs: this.#startMs,
      peakMs: this.#peakMs,
      endMs: this.lastMovingMs,
      level: this.#level,
      ...this.#inZones(),
    };
  }

  #tell(worth: number, atMs: number): void {
    this.#toldWorth = worth;
    this.#toldMs = atMs;
  }

  #inZones(): { zones?: readonly string[] } {
    return this.#zones.size > 0 ? { zones: [...this.#zones] } : {};
  }
}
