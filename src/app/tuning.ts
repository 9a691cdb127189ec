// Who tunes which camera, and what is kept for it: the pictures of the last minutes exist only while somebody looks, for one
// camera at a time. Trying settings on them runs in short slices, so that neither detection nor pages wait for it.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { describeError, NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { LUMA_FPS } from '../camera/luma.ts';
import type { smallPicturesOf } from '../camera/small-pictures.ts';
import type { MotionSettings } from '../config/camera.ts';
import type { TuningReplay } from '../http/api.ts';
import type { TuningListener, TuningPort, TuningSeat } from '../http/ports.ts';
import { FrameRing } from '../motion/frame-ring.ts';
import { type ReplayEvent, type ReplayStep, replay } from '../motion/replay.ts';
import type { Recorder } from '../recorder/recorder.ts';
import type { CameraUnit } from './camera-unit.ts';
import { paramsOf } from './motion-params.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { framesOnTheWire, stepOnTheWire, tuningFrame } from './tuning-words.ts';
import type { SeenFrame } from './unit-parts.ts';

export const KEEP_MS = 180_000;
/** Three minutes of 320×180 at five per second are 52 MB; larger pictures reach back less far. */
const KEEP_BYTES = 54_000_000;
/** A page that is loaded again finds what was kept. */
export const LINGER_MS = 60_000;
const MOST_VIEWERS = 8;
/** A replay holds the event loop no longer than this at a stretch. */
const SLICE_MS = 8;
const BREATH_MS = 2;

/** What tuning needs of a camera. */
export type TunedUnit = Pick<CameraUnit, 'settings' | 'tap'> & { readonly recorder: Pick<Recorder, 'recent'> };

export interface TuningParts {
  readonly unit: (cameraId: string) => TunedUnit | undefined;
  readonly smallPicturesOf: typeof smallPicturesOf;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets others work between two slices. */
  readonly breathe?: () => Promise<void>;
}

interface Viewer {
  readonly listener: TuningListener;
  replaying?: AbortController;
}

/** One camera being tuned. */
interface Bench {
  readonly cameraId: string;
  readonly unit: TunedUnit;
  readonly ring: FrameRing;
  readonly viewers: Map<string, Viewer>;
  /** Wall minus monotonic when it was opened: times that the page was told stay the keys of pictures, whatever the clock does. */
  readonly wallOffsetMs: number;
  readonly over: AbortController;
  cancelLinger?: () => void;
}

export class Tuning implements TuningPort {
  readonly #parts: TuningParts;
  readonly #turns = new OneAtATime();
  #bench: Bench | undefined;

  constructor(parts: TuningParts) {
    this.#parts = parts;
  }

  /** Bytes of pictures kept at the moment. */
  get bytes(): number {
    return this.#bench?.ring.bytes ?? 0;
  }

  open(cameraId: string, listener: TuningListener): TuningSeat {
    const unit = this.#unitOf(cameraId);
    const other = this.#bench;
    if (other && other.cameraId !== cameraId && other.viewers.size > 0) {
      const { name } = other.unit.settings;
      throw new NightjarError('conflict', `${name} is being tuned at the moment; one camera can be tuned at a time`);
    }
    if (other && other.unit !== unit) this.#end(other);
    const bench = this.#bench ?? this.#start(cameraId, unit);
    if (bench.viewers.size >= MOST_VIEWERS) {
      throw new NightjarError('conflict', 'this camera is being tuned on too many pages');
    }
    bench.cancelLinger?.();
    const viewer = randomUUID();
    bench.viewers.set(viewer, { listener });
    return {
      viewer,
      keepMs: KEEP_MS,
      leave: () => {
        bench.viewers.get(viewer)?.replaying?.abort();
        if (!bench.viewers.delete(viewer) || bench.viewers.size > 0) return;
        bench.cancelLinger = this.#parts.clock.after(LINGER_MS, () => this.#end(bench));
      },
    };
  }

  frames(cameraId: string, fromMs: number, toMs: number) {
    const bench = this.#benchOf(cameraId);
    return framesOnTheWire(bench.ring.frames(), bench.wallOffsetMs, fromMs, toMs);
  }

  async replay(cameraId: string, viewer: string, motion: MotionSettings, signal: AbortSignal): Promise<TuningReplay> {
    const bench = this.#benchOf(cameraId);
    const seat = bench.viewers.get(viewer);
    if (!seat) throw new NightjarError('conflict', 'this page no longer tunes the camera; load it again');
    seat.replaying?.abort();
    const mine = new AbortController();
    seat.replaying = mine;
    const given = AbortSignal.any([mine.signal, signal, bench.over.signal]);
    return await this.#turns.run(async () => {
      const frames = bench.ring.frames();
      const wanted = paramsOf({ motion });
      const inForce = paramsOf(bench.unit.settings);
      const { clock } = this.#parts;
      let tookMs = 0;
      const run = async (params: typeof wanted) => {
        const steps: ReplayStep[] = [];
        const running = replay(frames, params);
        for (;;) {
          if (given.aborted) throw new NightjarError('conflict', 'another replay took the place of this one');
          const startMs = clock.monotonicMs();
          let visits: readonly ReplayEvent[] | undefined;
          do {
            const next = running.next();
            if (next.done) visits = next.value;
            else steps.push(next.value);
          } while (!visits && clock.monotonicMs() - startMs < SLICE_MS);
          tookMs += clock.monotonicMs() - startMs;
          if (visits) return { steps, visits: visits.map((visit) => onTheWall(visit, bench.wallOffsetMs)) };
          await (this.#parts.breathe?.() ?? new Promise<void>((resolve) => clock.after(BREATH_MS, resolve)));
        }
      };
      const draft = await run(wanted);
      const saved = JSON.stringify(wanted) === JSON.stringify(inForce) ? draft : await run(inForce);
      const [first, last] = [frames[0], frames.at(-1)];
      return {
        ...(first && last ? { fromMs: this.#wall(bench, first.atMs), toMs: this.#wall(bench, last.atMs) } : {}),
        width: last?.width ?? 0,
        height: last?.height ?? 0,
        draft: draft.visits,
        saved: saved.visits,
        steps: draft.steps.map((step) => stepOnTheWire(step, bench.wallOffsetMs)),
        tookMs: Math.round(tookMs),
      };
    });
  }

  /** A camera came, changed or went. */
  unitChanged(cameraId: string): void {
    const bench = this.#bench;
    if (bench?.cameraId === cameraId && this.#parts.unit(cameraId) !== bench.unit) this.#end(bench);
  }

  close(): void {
    if (this.#bench) this.#end(this.#bench);
  }

  #start(cameraId: string, unit: TunedUnit): Bench {
    const { clock } = this.#parts;
    const bench: Bench = {
      cameraId,
      unit,
      ring: new FrameRing({ maxMs: KEEP_MS, maxBytes: KEEP_BYTES }),
      viewers: new Map(),
      wallOffsetMs: clock.wallMs() - clock.monotonicMs(),
      over: new AbortController(),
    };
    this.#bench = bench;
    let filled = false;
    const untap = unit.tap((seen) => {
      bench.ring.push(seen.frame);
      // Its size is known now: where detection has a small stream of its own, it is not that of the recorded one.
      if (!filled) void this.#prefill(bench, seen);
      filled = true;
      const told = tuningFrame(seen, bench.wallOffsetMs, bench.ring.sinceMs);
      for (const { listener } of bench.viewers.values()) listener.frame(told);
    });
    bench.over.signal.addEventListener('abort', untap, { once: true });
    return bench;
  }

  /** The seconds before, which the recorder holds anyway: so that there is something to look at at once. */
  async #prefill(bench: Bench, { frame }: SeenFrame): Promise<void> {
    const recent = bench.unit.recorder.recent();
    if (!recent) return;
    const { atMs } = frame;
    try {
      const before = await this.#parts.smallPicturesOf(recent.stream, recent.packets, {
        signal: bench.over.signal,
      });
      const halfStepMs = 500 / LUMA_FPS;
      if (!bench.over.signal.aborted) bench.ring.prefill(before.filter((f) => f.atMs < atMs - halfStepMs));
    } catch (error) {
      this.#parts.log.debug('no pictures from before the tuning', { reason: describeError(error) });
    }
  }

  #end(bench: Bench): void {
    if (this.#bench === bench) this.#bench = undefined;
    bench.cancelLinger?.();
    bench.over.abort();
    bench.ring.clear();
    for (const { listener } of bench.viewers.values()) listener.ended();
    bench.viewers.clear();
  }

  #unitOf(cameraId: string): TunedUnit {
    const unit = this.#parts.unit(cameraId);
    if (!unit) throw new NightjarError('missing', 'there is no such camera');
    return unit;
  }

  #benchOf(cameraId: string): Bench {
    this.#unitOf(cameraId);
    if (this.#bench?.cameraId !== cameraId) {
      throw new NightjarError('conflict', 'no pictures of this camera are kept; open its tuning page first');
    }
    return this.#bench;
  }

  #wall(bench: Bench, monotonicMs: number): number {
    return Math.round(monotonicMs + bench.wallOffsetMs);
  }
}

const onTheWall = (visit: ReplayEvent, offsetMs: number): ReplayEvent => ({
  ...visit,
  startMs: Math.round(visit.startMs + offsetMs),
  endMs: Math.round(visit.endMs + offsetMs),
});
