// The second look at what a camera's watcher believes: when it is taken, what follows from it, and the picture that shows why.
// Comparing is motion's business, decoding the stills'. Nothing here can hold an alert back but a look that was taken in time
// and found nothing; and while a visit goes on that was not confirmed, it is looked at again.

import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ColourPair } from '../camera/moment.ts';
import type { Proof } from '../catalog/rows.ts';
import type { LumaFrame } from '../media/types.ts';
import type { Claim } from '../motion/confirm.ts';
import type { MotionParams } from '../motion/params.ts';
import type { MotionSignal } from '../motion/watcher.ts';
import type { Compare, Looked } from './comparison.ts';

/** A look that takes longer than this counts as one that confirms: an alert must not wait for it. */
export const LOOK_LIMIT_MS = 2000;
/** A visit that was not confirmed and goes on is looked at again after this, and then after twice as long each time. */
const AGAIN_AFTER_MS = 2000;
const AGAIN_MOST_MS = 8000;
/** Visits that somebody may still ask about, and moments of one. */
const MOST_VISITS = 4;
const MOST_MOMENTS = 8;

/** What an alert wants to know of an event. */
export interface Answer {
  readonly confirmed: boolean;
  /** When it was confirmed by a later moment than the first: that moment, monotonic. */
  readonly atMs?: number;
  /** PNG; may still be drawn. */
  readonly difference?: Promise<Uint8Array | undefined>;
}

export interface ConfirmationParts {
  readonly coloursOf: (atMs: number) => Promise<ColourPair | undefined>;
  /** Undefined when too much waits. */
  readonly compare: Compare;
  readonly params: () => MotionParams & { readonly confirm: boolean };
  /** Told of each look that was taken in time, and of a picture even when it came late. `atMs` is monotonic. */
  readonly onProof: (eventId: string, proof: Proof | undefined, difference: Looked['png'], atMs: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface Visit {
  readonly id: string;
  readonly moments: { readonly atMs: number; readonly claim: Claim }[];
  readonly answer: PromiseWithResolvers<Answer>;
  state: 'new' | 'looking' | 'unconfirmed' | 'answered';
  ended: boolean;
  looks: number;
  againAtMs: number;
}

export class Confirmation {
  readonly #parts: ConfirmationParts;
  #visits: Visit[] = [];

  constructor(parts: ConfirmationParts) {
    this.#parts = parts;
  }

  begin(eventId: string): void {
    const answer = Promise.withResolvers<Answer>();
    const visit: Visit = {
      ...{ id: eventId, moments: [], answer, state: 'new', ended: false, looks: 0 },
      againAtMs: Number.POSITIVE_INFINITY,
    };
    this.#visits = [...this.#visits.slice(1 - MOST_VISITS), visit];
  }

  /** What was believed at a moment whose packets are remembered. */
  claim(eventId: string, atMs: number, signal: MotionSignal, { width, height }: LumaFrame): void {
    const visit = this.#visit(eventId);
    if (!visit) return;
    const boxes = signal.blobs.map((b) => ({
      ...{ x: b.x / width, y: b.y / height },
      ...{ width: b.width / width, height: b.height / height },
    }));
    const { sensitivity, smallestAreaPercent, zones, masks } = this.#parts.params();
    visit.moments.push({ atMs, claim: { boxes, sensitivity, smallestAreaPercent, zones, masks } });
    if (visit.moments.length > MOST_MOMENTS) visit.moments.shift();
  }

  /** Takes the first look, at this moment, unless it was taken or confirming is turned off. */
  look(eventId: string, atMs: number): void {
    const visit = this.#visit(eventId);
    if (visit?.state !== 'new') return;
    if (this.#parts.params().confirm) void this.#look(visit, atMs);
    else this.#answer(visit, { confirmed: true });
  }

  /** Whether this visit, which goes on, should be looked at again now; claim the moment then, and call `lookAgain`. */
  wantsAnotherLook(eventId: string): boolean {
    const visit = this.#visit(eventId);
    return visit?.state === 'unconfirmed' && this.#parts.clock.monotonicMs() >= visit.againAtMs;
  }

  lookAgain(eventId: string, atMs: number): void {
    const visit = this.#visit(eventId);
    if (visit?.state === 'unconfirmed') void this.#look(visit, atMs);
  }

  /** Resolves when it is known; for what goes on unconfirmed, when it is over. Of an unknown event: confirmed. */
  answerFor(eventId: string, atMs: number): Promise<Answer> {
    this.look(eventId, atMs);
    return this.#visit(eventId)?.answer.promise ?? Promise.resolve({ confirmed: true });
  }

  end(eventId: string, atMs: number): void {
    const visit = this.#visit(eventId);
    if (!visit) return;
    visit.ended = true;
    if (visit.state === 'unconfirmed') this.#answer(visit, { confirmed: false });
    this.look(eventId, atMs);
  }

  async #look(visit: Visit, atMs: number): Promise<void> {
    const { clock, log, onProof } = this.#parts;
    visit.state = 'looking';
    visit.looks++;
    let inTime = true;
    let cancel = () => {};
    const limit = new Promise<undefined>((resolve) => {
      cancel = clock.after(LOOK_LIMIT_MS, () => {
        inTime = false;
        resolve(undefined);
      });
    });
    const looked = this.#compare(visit, atMs).catch((error) => {
      log.debug(`a second look at motion failed: ${describeError(error)}`);
      return undefined;
    });
    void looked.then((found) => {
      // Too late to hold anything back, but still worth showing.
      if (!inTime && found) onProof(visit.id, found.proof.confirmed ? found.proof : undefined, found.png, atMs);
    });
    const found = await Promise.race([looked, limit]);
    cancel();
    if (found) onProof(visit.id, found.proof, found.png, atMs);
    if (!found || found.proof.confirmed) {
      const difference = found ? { difference: found.png } : {};
      return this.#answer(visit, { confirmed: true, ...(visit.looks > 1 ? { atMs } : {}), ...difference });
    }
    if (visit.ended) return this.#answer(visit, { confirmed: false });
    visit.state = 'unconfirmed';
    visit.againAtMs = clock.monotonicMs() + Math.min(AGAIN_MOST_MS, AGAIN_AFTER_MS * 2 ** (visit.looks - 1));
  }

  async #compare(visit: Visit, atMs: number) {
    const moment = visit.moments.reduce<Visit['moments'][0] | undefined>(
      (best, m) => (best && Math.abs(best.atMs - atMs) <= Math.abs(m.atMs - atMs) ? best : m),
      undefined,
    );
    const colours = moment && (await this.#parts.coloursOf(moment.atMs));
    return colours && (await this.#parts.compare(colours, moment.claim));
  }

  #answer(visit: Visit, answer: Answer): void {
    visit.state = 'answered';
    visit.answer.resolve(answer);
  }

  #visit(eventId: string): Visit | undefined {
    return this.#visits.find((visit) => visit.id === eventId);
  }
}
