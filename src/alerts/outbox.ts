// Mails that wait until a mail server has taken them. Each is on the disk before its first try and leaves it after its last;
// tries are spaced 10 s to 15 min, for two days. How a mail is written and sent is the `deliver` it is given.
//
// What became of a mail is told before it leaves the disk, and a mail of which that was told is not sent at a start: so a
// crash loses none and sends none twice, but for one whose "250" was still on its way: better twice than never.

import { randomBytes } from 'node:crypto';
import { Backoff } from '../base/backoff.ts';
import { describeError } from '../base/errors.ts';
import type { Alert } from './alert.ts';
import type { Attempt } from './attempt.ts';
import { overBounds } from './outbox-bounds.ts';
import { type Entry, OutboxFiles } from './outbox-files.ts';
import { FIRST_PAUSE_MS, GIVE_UP_MS, LONGEST_PAUSE_MS, type MailState, type OutboxOptions } from './outbox-options.ts';
import { bytesOfPictures, type Waiting } from './waiting-mail.ts';

const CLOSE_GRACE_MS = 3000;

export class Outbox {
  readonly #o: OutboxOptions;
  readonly #files: OutboxFiles;
  readonly #backoff: Backoff;
  readonly #waiting = new Map<string, Waiting>();
  readonly #stop = new AbortController();
  readonly #pausedUntilMs: number;
  #serverNotBeforeMs = 0;
  #lastTryMs = Number.NEGATIVE_INFINITY;
  #ownersFault = false;
  #lastError: string | undefined;
  #sequence = 0;
  #closing = false;
  #cancelTimer: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #writes: Promise<void> = Promise.resolve();

  constructor(options: OutboxOptions) {
    this.#o = options;
    this.#files = new OutboxFiles(options.folder, options.pictureKey, options.log);
    this.#backoff = new Backoff({
      firstMs: FIRST_PAUSE_MS,
      maxMs: LONGEST_PAUSE_MS,
      ...(options.random ? { random: options.random } : {}),
    });
    const now = options.clock.monotonicMs();
    const pausedUntilMs = now + (options.startPauseMs ?? 0);
    this.#pausedUntilMs = pausedUntilMs;
    for (const { entry, pictureBytes } of this.#files.load()) {
      const told = entry.eventId === undefined ? undefined : options.stateOf?.(entry.eventId);
      const lacksPicture = entry.eventId !== undefined && entry.tries === 0 && pictureBytes === 0;
      const notBeforeMs = options.holdWithoutPicture && lacksPicture ? Number.POSITIVE_INFINITY : pausedUntilMs;
      const waiting = { entry, pictureBytes, sinceMs: now, notBeforeMs, pausedUntilMs };
      if (told === undefined || told === 'waiting') this.#waiting.set(entry.id, waiting);
      else if (told === 'failed') this.#files.setAside(entry.id);
      else this.#inOrder(() => this.#remove(entry.id));
    }
    if (this.#waiting.size > 0) options.log.info(`${this.#waiting.size} mails from before the restart are waiting`);
    this.#arm();
  }

  /**
   * Takes a mail over; it survives a power cut from when this resolves. With `hold` it is not tried until `release`:
   * its picture is still to come. With `pause` it waits like those from before the restart. On a full disk it is kept
   * in memory and tried all the same.
   */
  async put(
    alert: Alert,
    o: {
      readonly domain: string;
      readonly eventId?: string;
      readonly hold?: boolean;
      readonly pause?: boolean;
      readonly picture?: Uint8Array;
    },
  ): Promise<string> {
    const { clock } = this.#o;
    const createdMs = clock.wallMs();
    const order = `${new Date(createdMs).toISOString().replace(/[-:.]/g, '')}-${String(this.#sequence++ % 1e6).padStart(6, '0')}`;
    const id = `${order}-${randomBytes(5).toString('hex')}`;
    const entry: Entry = {
      version: 1,
      id,
      messageId: `<nightjar.${id}@${o.domain}>`,
      createdMs,
      waitedMs: 0,
      tries: 0,
      done: {},
      alert,
      ...(o.eventId === undefined ? {} : { eventId: o.eventId }),
    };
    const waiting: Waiting = {
      entry,
      pictureBytes: o.picture?.length ?? 0,
      sinceMs: clock.monotonicMs(),
      notBeforeMs: Number.POSITIVE_INFINITY,
      ...(o.pause ? { pausedUntilMs: this.#pausedUntilMs } : {}),
      ...(o.picture ? { pictures: { picture: o.picture } } : {}),
    };
    this.#waiting.set(id, waiting);
    await this.#inOrder(() => this.#save(waiting));
    this.#tell(waiting, 'waiting');
    await this.#keepWithinBounds();
    if (!o.hold) this.#makeReady(waiting);
    return id;
  }

  /** The held mail is complete and may go. */
  async release(id: string, alert: Alert, picture?: Uint8Array, difference?: Uint8Array): Promise<void> {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    waiting.entry = { ...waiting.entry, alert };
    waiting.pictures = { ...(picture ? { picture } : {}), ...(difference ? { difference } : {}) };
    waiting.pictureBytes = bytesOfPictures(waiting.pictures);
    await this.#inOrder(() => this.#save(waiting));
    await this.#keepWithinBounds();
    this.#makeReady(waiting);
  }

  /** What was held is not to be sent after all. */
  async withdraw(id: string): Promise<void> {
    const waiting = this.#waiting.get(id);
    if (waiting) await this.#finish(waiting, 'held-back');
  }

  /** Whether a mail of this event waits. */
  has(eventId: string): boolean {
    return [...this.#waiting.values()].some(({ entry }) => entry.eventId === eventId);
  }

  /** Mails of events that wait for their `release`. */
  held(): readonly { readonly id: string; readonly eventId: string; readonly alert: Alert }[] {
    return [...this.#waiting.values()].flatMap(({ entry: { id, eventId, alert }, notBeforeMs }) =>
      eventId === undefined || Number.isFinite(notBeforeMs) ? [] : [{ id, eventId, alert }],
    );
  }

  /** Tries at once: the settings have changed. */
  retryNow(): void {
    const now = this.#o.clock.monotonicMs();
    this.#backoff.reset();
    this.#serverNotBeforeMs = now;
    this.#ownersFault = false;
    for (const waiting of this.#waiting.values()) {
      if (Number.isFinite(waiting.notBeforeMs)) waiting.notBeforeMs = now;
    }
    this.#arm();
  }

  status(): { readonly waiting: number; readonly lastError?: string; readonly nextTryMs?: number } {
    const due = this.#next()?.dueMs;
    const { clock } = this.#o;
    return {
      waiting: this.#waiting.size,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(due === undefined ? {} : { nextTryMs: Math.round(clock.wallMs() + Math.max(0, due - clock.monotonicMs())) }),
    };
  }

  /** Resolves when no try is under way and none is due now. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Lets a running try end, for a short while: cut off, its mail might go out twice. What waits stays on the disk. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#cancelTimer?.();
    const cancel = this.#o.clock.after(CLOSE_GRACE_MS, () => this.#stop.abort());
    await this.idle();
    cancel();
    this.#stop.abort();
    await this.#writes;
  }

  /** What came first is on the disk first, and so is tried first. */
  #inOrder(write: () => Promise<void>): Promise<void> {
    this.#writes = this.#writes.then(write);
    return this.#writes;
  }

  #makeReady(waiting: Waiting): void {
    const now = this.#o.clock.monotonicMs();
    waiting.notBeforeMs = Math.max(now, waiting.pausedUntilMs ?? now);
    // Something has just happened: that is worth a try before the pause is over, unless the server told us to go away.
    if (!this.#ownersFault && this.#serverNotBeforeMs > now) {
      this.#serverNotBeforeMs = Math.min(this.#serverNotBeforeMs, Math.max(now, this.#lastTryMs + FIRST_PAUSE_MS));
    }
    this.#arm();
  }

  /** The oldest mail among those that are due first. */
  #next(): { readonly waiting: Waiting; readonly dueMs: number } | undefined {
    const now = this.#o.clock.monotonicMs();
    let best: { waiting: Waiting; dueMs: number } | undefined;
    for (const waiting of this.#waiting.values()) {
      const dueMs = Math.max(waiting.notBeforeMs, this.#serverNotBeforeMs, now);
      if (Number.isFinite(dueMs) && (!best || dueMs < best.dueMs)) best = { waiting, dueMs };
    }
    return best;
  }

  #arm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#running || this.#closing) return;
    const next = this.#next();
    if (!next) return;
    const delayMs = next.dueMs - this.#o.clock.monotonicMs();
    if (delayMs > 0) {
      this.#cancelTimer = this.#o.clock.after(Math.min(delayMs, 2 ** 31 - 1), () => this.#arm());
      return;
    }
    this.#running = this.#try(next.waiting)
      .catch((error) => this.#serverFailed(`an unexpected fault: ${describeError(error)}`, false))
      .finally(() => {
        this.#running = undefined;
        this.#arm();
      });
  }

  async #try(waiting: Waiting): Promise<void> {
    const { clock, log } = this.#o;
    const { entry } = waiting;
    if (this.#waitedMs(waiting) >= GIVE_UP_MS) {
      this.#lastError ??= 'no mail server took it for two days';
      return this.#conclude(waiting);
    }
    const wanted = this.#o.recipients();
    if (wanted.length === 0) {
      log.info('a waiting mail was dropped: mail is switched off, or has no recipient');
      return this.#finish(waiting, 'held-back');
    }
    const to = wanted.filter((address) => entry.done[address.toLowerCase()] === undefined);
    if (to.length === 0) return this.#conclude(waiting);
    const pictures = waiting.pictures ?? (waiting.pictureBytes > 0 ? await this.#files.pictures(entry.id) : {});
    this.#lastTryMs = clock.monotonicMs();
    const { alert, messageId, createdMs } = entry;
    const attempt = await this.#o.deliver(
      { alert, messageId, createdMs, waitedMs: this.#waitedMs(waiting), ...pictures, to },
      this.#stop.signal,
    );
    // Stopped on purpose: that was no try. What the server did take is noted all the same.
    if (this.#stop.signal.aborted && attempt.kind !== 'answered') return;
    waiting.entry = { ...waiting.entry, tries: entry.tries + 1 };
    switch (attempt.kind) {
      case 'answered':
        this.#serverWorks();
        return this.#answered(waiting, attempt);
      case 'mail-refused':
        this.#serverWorks();
        if (attempt.tooLarge && waiting.pictureBytes > 0) {
          log.warn(`the mail server finds the picture too large; sending without it: ${attempt.message}`);
          return this.#dropPicture(waiting);
        }
        return this.#fail(waiting, attempt.message);
      case 'mail-failed':
        waiting.silent = !attempt.answered;
        if (attempt.answered) this.#serverWorks();
        else this.#serverFailed(attempt.message, false);
        return this.#postpone(waiting, attempt.message);
      case 'server-failed':
        this.#serverFailed(attempt.message, attempt.ownersFault);
        return this.#save(waiting);
    }
  }

  async #answered(waiting: Waiting, attempt: Extract<Attempt, { kind: 'answered' }>): Promise<void> {
    const done = { ...waiting.entry.done };
    for (const address of attempt.accepted) done[address.toLowerCase()] = 'accepted';
    for (const { address, message } of attempt.refused) {
      done[address.toLowerCase()] = 'refused';
      this.#lastError = `${address}: ${message}`;
      this.#o.log.warn('the mail server refuses a recipient for good; check the address under Settings, Mail', {
        recipient: address,
        answer: message,
      });
    }
    waiting.entry = { ...waiting.entry, done };
    if (attempt.later.length === 0) return this.#conclude(waiting);
    const first = attempt.later[0]!;
    return this.#postpone(waiting, `${first.address}: ${first.message}`);
  }

  /** Nothing more will be tried. */
  async #conclude(waiting: Waiting): Promise<void> {
    const accepted = Object.values(waiting.entry.done).includes('accepted');
    return accepted
      ? this.#finish(waiting, 'sent')
      : this.#fail(waiting, this.#lastError ?? 'every recipient was refused');
  }

  /** This mail waits longer each time; the others go on. */
  async #postpone(waiting: Waiting, message: string): Promise<void> {
    // One step longer than the server's own pause after silence, so that another mail is tried first then.
    const doublings = Math.min(20, waiting.entry.tries - (waiting.silent ? 0 : 1));
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** doublings);
    waiting.notBeforeMs = this.#o.clock.monotonicMs() + pauseMs;
    this.#lastError = message;
    this.#o.log.warn(`a mail did not go through and is tried again in ${Math.round(pauseMs / 1000)} s`, {
      answer: message,
    });
    await this.#save(waiting);
  }

  #serverFailed(message: string, ownersFault: boolean): void {
    const pauseMs = this.#backoff.nextMs();
    this.#serverNotBeforeMs = this.#o.clock.monotonicMs() + pauseMs;
    this.#ownersFault = ownersFault;
    if (this.#lastError !== message) {
      this.#o.log.warn(`mail waits: ${message}`, { waiting: this.#waiting.size, nextTryS: Math.round(pauseMs / 1000) });
    }
    this.#lastError = message;
  }

  #serverWorks(): void {
    if (this.#backoff.tries > 0) {
      this.#o.log.info('the mail server takes mails again');
      // What met with silence need not wait any longer, unless it may itself be what silences the server.
      const now = this.#o.clock.monotonicMs();
      for (const w of this.#waiting.values()) if (w.silent && w.entry.tries <= 3) w.notBeforeMs = now;
    }
    this.#backoff.reset();
    this.#serverNotBeforeMs = 0;
    this.#ownersFault = false;
    this.#lastError = undefined;
  }

  async #finish(waiting: Waiting, state: MailState): Promise<void> {
    this.#tell(waiting, state);
    this.#waiting.delete(waiting.entry.id);
    await this.#remove(waiting.entry.id);
  }

  async #remove(id: string): Promise<void> {
    try {
      await this.#files.remove(id);
    } catch (error) {
      this.#o.log.warn(
        `a mail could not be removed from the outbox (${describeError(error)}); a restart may send it again`,
      );
    }
  }

  #fail(waiting: Waiting, message: string): void {
    this.#tell(waiting, 'failed');
    this.#waiting.delete(waiting.entry.id);
    this.#files.setAside(waiting.entry.id);
    this.#o.log.error('a mail could not be delivered and was moved to outbox/failed', { reason: message });
    this.#o.onFailed?.(waiting.entry.alert, message);
  }

  async #dropPicture(waiting: Waiting): Promise<void> {
    waiting.pictureBytes = 0;
    delete waiting.pictures;
    await this.#files.removePictures(waiting.entry.id);
  }

  async #keepWithinBounds(): Promise<void> {
    const { withoutPicture, givenUp } = overBounds([...this.#waiting.values()], this.#o);
    for (const waiting of withoutPicture) await this.#dropPicture(waiting);
    for (const waiting of givenUp.filter((w) => this.#waiting.has(w.entry.id)))
      this.#fail(waiting, 'too many mails were waiting; the oldest went first');
  }

  async #save(waiting: Waiting): Promise<void> {
    waiting.entry = { ...waiting.entry, waitedMs: Math.round(this.#waitedMs(waiting)) };
    waiting.sinceMs = this.#o.clock.monotonicMs();
    try {
      await this.#files.write(waiting.entry, waiting.pictures);
      delete waiting.pictures;
    } catch (error) {
      this.#o.log.warn(`a waiting mail is in memory only (${describeError(error)}); a restart loses it`);
    }
    // It may have been finished or given up while it was being written.
    if (!this.#waiting.has(waiting.entry.id)) await this.#files.remove(waiting.entry.id).catch(() => {});
  }

  /** Running time, not wall time: a clock that jumps from 1970 to today must not age a mail by half a century. */
  #waitedMs(waiting: Waiting): number {
    return waiting.entry.waitedMs + (this.#o.clock.monotonicMs() - waiting.sinceMs);
  }

  #tell(waiting: Waiting, state: MailState): void {
    try {
      if (waiting.entry.eventId !== undefined) this.#o.onState?.(waiting.entry.eventId, state);
    } catch (error) {
      this.#o.log.warn(`what became of a mail could not be noted: ${describeError(error)}`);
    }
  }
}
