// The health of the running service: tells systemd that it is ready, feeds its watchdog, and keeps the record of restarts. The
// watchdog is fed by proof and not by a timer: every ten seconds capture, disk and web are each asked, and a turn in which one
// of them has nothing to show feeds nothing. How long that may go on is the unit's WatchdogSec.

import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type CaptureSign, CaptureWatch, provesCapture } from './capture-watch.ts';
import type { Notifier } from './notifier.ts';
import { type Proof, type Proofs, unproven, whatIsWrong } from './proof.ts';
import { noteUnwell, type RestartFile } from './restart-file.ts';
import { afterEnd, afterStart, dated, type Moment, type Restart } from './restarts.ts';
import type { WebProof } from './web-probe.ts';

export interface HealthOptions {
  readonly notifier: Notifier;
  readonly restarts: RestartFile;
  /** Where it stands what is wrong right now: see `unwellPlace`. */
  readonly unwellPath?: string;
  readonly boot: { readonly id: string; sinceBootMs(monotonicMs: number): number };
  /** Whether the wall clock is known to be right. */
  readonly wallSynchronised: () => boolean | null;
  /** The hardware watchdog reset the machine before this boot. */
  readonly isKernelReset: boolean;
  /** An update that has to prove itself: ready only after all three have, and no more time than the unit gives. */
  readonly trial?: { proven(): void | Promise<void> };
  readonly clock: Clock;
  readonly log: Log;
}

export interface Signs {
  readonly capture: () => readonly CaptureSign[];
  readonly disk: () => Promise<Proof>;
  readonly web: () => Promise<WebProof>;
}

export interface Health {
  /** Unexpected ends and their restarts, newest last. */
  restarts(): readonly Restart[];
  /** What is wrong at the moment, as a clause; undefined while all is well. */
  unwell(): string | undefined;
  /** The page listens: from now on it is asked. */
  watch(signs: Signs): void;
  /** Resolves when systemd was told that the service is ready. Never rejects. */
  readonly ready: Promise<void>;
  /** The service ends on purpose. Call it first of all that is stopped. */
  close(): void;
}

const TURN_MS = 10_000;
const UNTIL_READY_MS = 1000;
/** A start may take long when the index is made anew from the files of a large card. */
const START_MS = 1_800_000;
const MORE_TIME_MS = 60_000;
/** Well for so long, the box starts to count its restarts anew. */
const WELL_MS = 600_000;

/** Notes that the service has started. */
export function openHealth(options: HealthOptions): Health {
  const { notifier, restarts, boot, clock, log, trial } = options;
  const capture = new CaptureWatch();
  const liveBefore = restarts.record.camerasLive;
  let signs: Signs | undefined;
  let cancel = () => {};
  let closed = false;
  let isReady = false;
  let provenOwed = trial !== undefined;
  let wrong: string | undefined;
  let wellSinceMs: number | undefined;
  const becameReady = Promise.withResolvers<void>();

  const moment = (): Moment => ({
    bootId: boot.id,
    sinceBootMs: Math.max(0, Math.round(boot.sinceBootMs(clock.monotonicMs()))),
    ...(options.wallSynchronised() === true ? { atMs: clock.wallMs() } : {}),
  });
  const startedAtMs = clock.monotonicMs();
  const unwellNote = (because: string | undefined) => options.unwellPath && noteUnwell(options.unwellPath, because);
  unwellNote(undefined);
  restarts.change((record) => afterStart(record, moment(), options.isKernelReset));

  /** Until the page is up: it is not on trial and works on something, so systemd should not lose patience. */
  function askForTime(): void {
    if (trial || signs || clock.monotonicMs() - startedAtMs >= START_MS) return;
    notifier.moreTime(MORE_TIME_MS);
    cancel = clock.after(MORE_TIME_MS / 4, askForTime);
  }
  askForTime();

  async function turn(asked: Signs): Promise<void> {
    const cameras = asked.capture();
    const [disk, web] = await Promise.all([settled(asked.disk), settledWeb(asked.web)]);
    if (closed) return;
    const proofs: Proofs = { capture: capture.look(cameras, clock.monotonicMs()), disk, web: web.proof };
    judge(whatIsWrong(proofs));
    date();
    if (!isReady) {
      const shown = trial
        ? { ...proofs, capture: firstWrong(proofs.capture, provesCapture(cameras, liveBefore)) }
        : proofs;
      // Whoever holds every connection keeps the box neither from starting, nor a new version that has not answered from going back.
      const hasPage = trial ? web.answered : web.proof.ok;
      const waitsFor = hasPage ? (trial ? whatIsWrong(shown) : undefined) : 'the page does not answer yet';
      notifier.status(waitsFor ? `starting: ${waitsFor}` : 'running');
      if (waitsFor) return;
      await becomeReady();
    } else if (provenOwed) await prove();
    if (wrong === undefined) notifier.alive();
  }

  /** Tried again each turn: better an update that runs before that is written down than a box that goes back for it. */
  async function prove(): Promise<void> {
    try {
      await trial?.proven();
      provenOwed = false;
    } catch (error) {
      if (!isReady) log.error('the update works, but that could not be written down', { error: describeError(error) });
    }
  }

  async function becomeReady(): Promise<void> {
    await prove();
    isReady = true;
    notifier.ready();
    log.info('ready', { afterS: Math.round((clock.monotonicMs() - startedAtMs) / 100) / 10 });
    becameReady.resolve();
  }

  function judge(now: string | undefined): void {
    const atMs = clock.monotonicMs();
    if (now !== undefined && now !== wrong) {
      log.warn(`not well: ${now}`);
      unwellNote(now);
      if (isReady) notifier.status(`not well: ${now}`);
    } else if (now === undefined && wrong !== undefined) {
      log.info('well again');
      unwellNote(undefined);
      if (isReady) notifier.status('running');
    }
    wrong = now;
    wellSinceMs = now === undefined && isReady ? (wellSinceMs ?? atMs) : undefined;
    if (wellSinceMs !== undefined && atMs - wellSinceMs >= WELL_MS)
      restarts.change((record) => (record.rebootsInARow === 0 ? record : { ...record, rebootsInARow: 0 }));
  }

  function date(): void {
    const { atMs, ...rest } = moment();
    if (atMs !== undefined) restarts.change((record) => dated(record, { ...rest, atMs }));
  }

  function later(asked: Signs): void {
    const turnMs = isReady ? Math.min(TURN_MS, (notifier.watchdogMs ?? Number.POSITIVE_INFINITY) / 3) : UNTIL_READY_MS;
    cancel = clock.after(turnMs, () => next(asked));
  }
  function next(asked: Signs): void {
    void turn(asked)
      .catch((error) => log.error(`looking after the box failed: ${describeError(error)}`))
      .then(() => {
        if (!closed) later(asked);
      });
  }

  return {
    restarts: () => restarts.record.restarts,
    unwell: () => wrong,
    ready: becameReady.promise,
    watch(asked) {
      if (signs || closed) return;
      cancel();
      signs = asked;
      next(asked);
    },
    close() {
      if (closed) return;
      closed = true;
      cancel();
      notifier.stopping();
      const live = signs?.capture().filter((camera) => camera.state === 'live').length;
      // one that never got ready knows nothing of cameras
      const camerasLive = isReady && live !== undefined ? live : liveBefore;
      restarts.change((record) => ({ ...afterEnd(record, moment(), { result: 'success' }), camerasLive }));
      unwellNote(undefined);
    },
  };
}

const firstWrong = (a: Proof, b: Proof): Proof => (a.ok ? b : a);

/** What throws has not proven anything. */
async function settled(ask: () => Promise<Proof>): Promise<Proof> {
  return ask().catch(() => unproven('the disk does not answer'));
}

async function settledWeb(ask: () => Promise<WebProof>): Promise<WebProof> {
  return ask().catch(() => ({ proof: unproven('the page does not answer'), answered: false }));
}
