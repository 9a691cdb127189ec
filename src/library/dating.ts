// When things were recorded, as far as is known by now. A box without a battery for its clock may begin in 1970 and learn the time
// minutes later; clocks are set, and step. Everything recorded is held by boot and time since boot, and this says what wall time that
// was: looks at the clock every few seconds, notes what it learns in `boots.json`, and moves the rows of the catalog along. Files
// keep their names. What to believe is decided in `boot-marks.ts` and `boot-order.ts`.

import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { privateFolder } from '../base/durable.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Catalog, Redated } from '../catalog/catalog.ts';
import type { BootMoment } from '../catalog/rows.ts';
import type { Boot } from './boot.ts';
import { type Marks, noted, STEP_MS, spanAt } from './boot-marks.ts';
import { isKnown, madeWay, newestEndMs } from './boot-order.ts';
import { type BootsFile, type BootTime, type BootTimes, bootsFile, readBoots } from './boots-file.ts';
import { Redating } from './redating.ts';

/** What a file's header says of its time. */
export interface Stamp {
  readonly bootId: string;
  /** Whole ms, as is `startMs`. */
  readonly startSinceBootMs: number;
  readonly startMs: number;
  readonly wallSynchronised: boolean | null;
}

export interface DatingParts {
  readonly recordingsFolder: string;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly log: Log;
  readonly file?: BootsFile;
}

/** When files were recorded, as far as is known: all that is needed to make rows of them. */
export type Dates = Pick<Dating, 'date'>;

/** What earlier starts have noted, for who only reads. */
export function datesOf(recordingsFolder: string): Dates {
  const boots = readBoots(recordingsFolder);
  return { date: (stamp) => dateBy(boots, stamp) };
}

/** What is needed of the library once it is in order. */
export interface DatingShelf {
  readonly catalog: Catalog;
  announce(redated: Redated): void;
}

export interface Dating {
  /** From now on looks by itself. Before, only what earlier starts have noted is known. */
  begin(shelf: DatingShelf): void;
  /** Looks at the clock now. Never throws: what cannot be written is tried again at the next look. */
  look(): void;
  /** A moment of our monotonic clock, for a header. */
  stamp(monotonicMs: number): Stamp;
  /** When that was, as far as is known now. A boot that nobody remembers is dated as the header says. */
  date(stamp: Stamp): Pick<Stamp, 'startMs' | 'wallSynchronised'>;
  /** A moment of this boot that somebody has just told in the machine's wall time. */
  momentOf(wallMs: number): BootMoment;
  /** UTC ms of a moment of this boot. */
  wallOf(sinceBootMs: number): number;
  /** Whether the present time is known; null: nobody can say. */
  isTimeKnown(): boolean | null;
  /** The moment by which age is judged; undefined while the clock is doubted: nothing is too old then. */
  ageNowMs(): number | undefined;
  close(): void;
}

const LOOK_MS = 5000;
const DAY_MS = 86_400_000;
/** A step that is larger, and that nobody vouches for or that contradicts what was known, must stand for a while. */
const LARGE_STEP_MS = DAY_MS;
const LARGE_STEP_STANDS_MS = 600_000;
/** A clock that is further ahead of everything recorded is doubted before it makes anything too old: it may say 2106. */
const FAR_AHEAD_MS = 7 * DAY_MS;
const DOUBTED_MS = { known: 3_600_000, unknown: DAY_MS };
/** A moment is told within this time: the seconds before motion, and the time to notice it. */
const TOLD_WITHIN_MS = 120_000;
/** Between two steps of moving rows: time for who records, and for pages. */
const REDATING_PAUSE_MS = 20;
/** Boots of which nothing is kept are forgotten beyond so many. */
const KEPT_BOOTS = 64;

export const createDating = (parts: DatingParts): Dating => new BootDating(parts);

class BootDating implements Dating {
  readonly #boot: Boot;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #file: BootsFile;
  readonly #folder: string;
  #boots: BootTimes;
  #shelf: DatingShelf | undefined;
  /** Wall minus time since boot as the clock had it, newest last: moments are told in it. */
  readonly #raw: { readonly fromMs: number; offsetMs: number }[] = [];
  #large: { readonly offsetMs: number; readonly sinceMs: number } | undefined;
  #isTrueToFile = false;
  /** Rows are on their way to what is known by now. */
  #redating: Redating | undefined;
  /** This boot stands in the file. */
  #isRemembered: boolean;
  /** Where other boots end: asked once, as nothing is added to them. */
  #notBeforeMs: number | undefined;
  #failed = '';
  #cancel: () => void = () => {};
  #cancelMore: () => void = () => {};

  constructor({ recordingsFolder, boot, clock, log, file = bootsFile(recordingsFolder) }: DatingParts) {
    [this.#boot, this.#clock, this.#log, this.#file, this.#folder] = [boot, clock, log, file, recordingsFolder];
    this.#boots = file.read();
    this.#isRemembered = this.#boots.some(({ bootId }) => bootId === boot.id);
    this.#readClock();
  }

  begin(shelf: DatingShelf): void {
    this.#shelf = shelf;
    this.#isTrueToFile = (shelf.catalog.read.datedAs() ?? digestOf([])) === this.#digest();
    const turn = () => {
      this.look();
      this.#cancel = this.#clock.after(LOOK_MS, turn);
    };
    turn();
  }

  close(): void {
    this.#cancel();
    this.#cancelMore();
    this.#shelf = undefined;
  }

  look(): void {
    const { sinceBootMs, offsetMs } = this.#readClock();
    const shelf = this.#shelf;
    if (!shelf) return;
    this.#attempt(() => {
      this.#note(shelf, sinceBootMs, offsetMs);
      if (!this.#isTrueToFile) this.#redate(shelf, this.#redating ?? new Redating(this.#boots));
    });
  }

  #attempt(step: () => void): void {
    try {
      step();
      this.#failed = '';
    } catch (error) {
      const reason = describeError(error);
      if (reason !== this.#failed) this.#log.warn('what was recorded cannot be dated yet', { reason });
      this.#failed = reason;
    }
  }

  stamp(monotonicMs: number): Stamp {
    this.look();
    this.#attempt(() => this.#remember());
    const { id: bootId } = this.#boot;
    const startSinceBootMs = Math.round(this.#boot.sinceBootMs(monotonicMs));
    const startMs = startSinceBootMs + this.#raw.at(-1)!.offsetMs;
    const stamp = { bootId, startSinceBootMs, startMs, wallSynchronised: this.#boot.wallSynchronised() };
    return { ...stamp, ...this.date(stamp) };
  }

  date(stamp: Stamp): Pick<Stamp, 'startMs' | 'wallSynchronised'> {
    return dateBy(this.#boots, stamp);
  }

  momentOf(wallMs: number): BootMoment {
    // a moment told just after a step may still be in the time before it
    const latestMs = this.#sinceBootMs() + TOLD_WITHIN_MS;
    const isPossible = (sinceMs: number, fromMs: number) => sinceMs >= fromMs - TOLD_WITHIN_MS && sinceMs <= latestMs;
    const raw = this.#raw.findLast((one) => isPossible(wallMs - one.offsetMs, one.fromMs)) ?? this.#raw.at(-1)!;
    return { bootId: this.#boot.id, sinceBootMs: Math.round(wallMs - raw.offsetMs) };
  }

  wallOf(sinceBootMs: number): number {
    const span = spanAt(this.#marksOf(this.#boot.id), sinceBootMs);
    return sinceBootMs + (span?.offsetMs ?? this.#raw.at(-1)!.offsetMs);
  }

  isTimeKnown(): boolean | null {
    const marks = this.#marksOf(this.#boot.id);
    if (isKnown(marks)) return true;
    return marks[0]?.kind === 'placed' || this.#boot.wallSynchronised() !== null ? false : null;
  }

  ageNowMs(): number | undefined {
    const sinceBootMs = this.#sinceBootMs();
    const present = this.#boots.find((boot) => boot.bootId === this.#boot.id);
    if (!present || sinceBootMs < (present.doubtedUntilMs ?? 0)) return undefined;
    return this.wallOf(sinceBootMs);
  }

  #marksOf(bootId: string): Marks {
    return this.#boots.find((boot) => boot.bootId === bootId)?.marks ?? [];
  }

  #sinceBootMs(): number {
    return Math.round(this.#boot.sinceBootMs(this.#clock.monotonicMs()));
  }

  #readClock(): { readonly sinceBootMs: number; readonly offsetMs: number } {
    const sinceBootMs = this.#sinceBootMs();
    const offsetMs = Math.round(this.#clock.wallMs() - sinceBootMs);
    const last = this.#raw.at(-1);
    if (last && Math.abs(offsetMs - last.offsetMs) < STEP_MS) {
      last.offsetMs = offsetMs;
    } else {
      this.#raw.push({ fromMs: sinceBootMs, offsetMs });
      if (this.#raw.length > 8) this.#raw.shift();
      if (last) {
        this.#boot.stepped?.();
        this.#log.info('the clock was set', { byS: Math.round((offsetMs - last.offsetMs) / 1000) });
      }
    }
    return { sinceBootMs, offsetMs };
  }

  /** Decides what to believe, and writes it down before any row follows. */
  #note({ catalog }: DatingShelf, sinceBootMs: number, offsetMs: number): void {
    const { id: bootId } = this.#boot;
    const endOf = (id: string) => catalog.read.endOfBoot(id)?.endSinceBootMs;
    const present = this.#boots.find((boot) => boot.bootId === bootId);
    const firstMs = present?.firstMs ?? sinceBootMs;
    const synchronised = this.#boot.wallSynchronised();
    const marks = present?.marks ?? [];
    const isDoubtOver = present?.doubtedUntilMs !== undefined && sinceBootMs >= present.doubtedUntilMs;
    if (!isDoubtOver && this.#isSettled(marks, offsetMs, synchronised)) return;
    if (this.#mustStand(marks, sinceBootMs, offsetMs, synchronised)) return;
    this.#notBeforeMs ??= newestEndMs(this.#boots, bootId, endOf);
    const notBeforeMs = this.#notBeforeMs;
    const next = noted(marks, { sinceBootMs, offsetMs, synchronised, firstMs, notBeforeMs });
    if (next === marks && !isDoubtOver) return;
    const nowMs = sinceBootMs + spanAt(next, sinceBootMs)!.offsetMs;
    const isThought = present && present.doubtedUntilMs === undefined && marks[0]?.kind !== 'placed';
    const thoughtMs = isThought ? this.wallOf(sinceBootMs) : Number.NEGATIVE_INFINITY;
    const aheadMs = nowMs - Math.max(thoughtMs, notBeforeMs);
    const isDoubted = next !== marks && Number.isFinite(aheadMs) && aheadMs > FAR_AHEAD_MS;
    const doubtedUntilMs = sinceBootMs + DOUBTED_MS[isKnown(next) ? 'known' : 'unknown'];
    const now: BootTime = { bootId, firstMs, marks: next, ...(isDoubted ? { doubtedUntilMs } : {}) };
    const boots = present ? this.#boots.map((boot) => (boot === present ? now : boot)) : [...this.#boots, now];
    const remembered =
      boots.length > KEPT_BOOTS && catalog.read.isFilled()
        ? boots.filter((b, i) => i >= boots.length - KEPT_BOOTS || endOf(b.bootId) !== undefined)
        : boots;
    this.#become(madeWay(remembered, bootId, endOf));
    if (isKnown(next) && !isKnown(marks)) this.#log.info('the time is known');
  }

  /** The common case, without asking the catalog. */
  #isSettled(marks: Marks, offsetMs: number, synchronised: boolean | null): boolean {
    const last = marks.at(-1);
    if (!last || Math.abs(last.offsetMs - offsetMs) >= STEP_MS) return false;
    this.#large = undefined;
    if (last.kind === 'known') return true;
    return last.kind === 'clock' && synchronised !== true && (synchronised === null || marks.length === 1);
  }

  #mustStand(marks: Marks, sinceMs: number, offsetMs: number, synchronised: boolean | null): boolean {
    const last = marks.at(-1);
    const isFirstKnown = synchronised === true && last?.kind !== 'known';
    if (!last || last.kind === 'placed' || isFirstKnown) return false;
    if (Math.abs(last.offsetMs - offsetMs) <= LARGE_STEP_MS) return false;
    if (!this.#large || Math.abs(this.#large.offsetMs - offsetMs) >= STEP_MS) this.#large = { offsetMs, sinceMs };
    return sinceMs - this.#large.sinceMs < LARGE_STEP_STANDS_MS;
  }

  #become(boots: BootTimes): void {
    const before = this.#boots;
    // a boot that is new has no rows
    const changed = boots.filter((boot) => !before.includes(boot) && before.some((b) => b.bootId === boot.bootId));
    if (changed.some((boot) => this.#isKept(boot)) || boots.length < before.length) this.#write(boots);
    this.#boots = boots;
    this.#notBeforeMs = undefined;
    if (!this.#shelf || changed.length === 0) return;
    const isBehind = !this.#isTrueToFile;
    this.#isTrueToFile = false;
    // what is under way leads to where nothing belongs any more
    if (this.#redating) this.#shelf.announce(this.#redating.moved());
    this.#redate(this.#shelf, new Redating(isBehind ? boots : changed));
  }

  /** Boots in which nothing was recorded are not worth a line. */
  #isKept = ({ bootId }: BootTime): boolean => this.#isRemembered || bootId !== this.#boot.id;

  #write(boots: BootTimes): void {
    privateFolder(this.#folder);
    this.#file.write(boots.filter(this.#isKept));
  }

  /** Notes this boot before anything is recorded in it. */
  #remember(): void {
    if (this.#isRemembered || !this.#shelf) return;
    this.#isRemembered = true;
    try {
      this.#write(this.#boots);
    } catch (error) {
      this.#isRemembered = false;
      throw error;
    }
    if (this.#isTrueToFile) this.#shelf.catalog.markDated(this.#digest());
  }

  #digest = (): string => digestOf(this.#boots.filter(this.#isKept));

  /** Brings rows up to what is known, some now and the others soon, so that nobody who records waits for it. */
  #redate({ catalog, announce }: DatingShelf, redating: Redating): void {
    this.#cancelMore();
    this.#redating = redating;
    if (!redating.step(catalog)) {
      this.#cancelMore = this.#clock.after(REDATING_PAUSE_MS, () => this.#goOn());
      return;
    }
    catalog.markDated(this.#digest());
    this.#redating = undefined;
    this.#isTrueToFile = true;
    const { recordingIds, eventIds } = redating.moved();
    if (recordingIds.length + eventIds.length === 0) return;
    this.#log.info('recordings were dated anew', { recordings: recordingIds.length });
    announce({ recordingIds, eventIds });
  }

  #goOn(): void {
    const [shelf, redating] = [this.#shelf, this.#redating];
    if (shelf && redating) this.#attempt(() => this.#redate(shelf, redating));
  }
}

function dateBy(boots: BootTimes, stamp: Stamp): Pick<Stamp, 'startMs' | 'wallSynchronised'> {
  const { bootId, startSinceBootMs, startMs, wallSynchronised } = stamp;
  const span = spanAt(boots.find((boot) => boot.bootId === bootId)?.marks ?? [], startSinceBootMs);
  if (!span) return { startMs, wallSynchronised };
  const isStillUnknown = wallSynchronised === null ? null : false;
  return { startMs: startSinceBootMs + span.offsetMs, wallSynchronised: span.known ? true : isStillUnknown };
}

const digestOf = (boots: BootTimes): string =>
  createHash('sha256')
    .update(JSON.stringify(boots.map(({ bootId, marks }) => [bootId, marks])))
    .digest('hex')
    .slice(0, 32);
