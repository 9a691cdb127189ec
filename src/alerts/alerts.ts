// Turns what happens into mails: motion with its best picture, cameras lost and back, notices. Decides by `policy.ts`, hands
// over to the outbox, which has the mail on the disk before anything else. Other ways to be told come beside mail later.

import { join } from 'node:path';
import { describeError } from '../base/errors.ts';
import type { Alert } from './alert.ts';
import {
  type AlertsOptions,
  type CameraHealthReport,
  type MotionEvent,
  type NoticeKind,
  noticeTitles,
} from './alerts-options.ts';
import type { Attempt, Job } from './attempt.ts';
import { catchUp } from './catch-up.ts';
import { type MailSettings, mailGap, mailServer, sendMail, testMail } from './mail.ts';
import { writeMessage } from './message.ts';
import { Outbox } from './outbox.ts';
import { pictureInTime } from './picture-in-time.ts';
import { pictureName } from './picture-name.ts';
import { type CameraWatch, decideMotion, decideNotice, unwatched, watchCamera } from './policy.ts';

export type {
  AlertSettings,
  AlertsOptions,
  CameraHealthReport,
  EventProof,
  MotionEvent,
  NoticeKind,
} from './alerts-options.ts';

/**
 * How long after the confirmed start a better picture is waited for. Confirmation takes 0.4–0.6 s, decoding up to 0.3 s: that
 * leaves a second of the 2.5 s for a loaded machine and the mail server.
 */
export const SETTLE_MS = 600;
const START_PAUSE_MS = 2000;
/** Before this the clock has not been set yet. */
const PLAUSIBLE_MS = Date.UTC(2025, 0, 1);

interface Pending {
  readonly cameraId: string;
  readonly startMs: number;
  best: { readonly atMs: number; readonly level: number };
  recordingId: string | undefined;
  /** Of the mail before this one. */
  readonly lastMailedAtMs: number | undefined;
  readonly put: Promise<string>;
  readonly cancel: () => void;
}

/** Reads what waits on the disk and starts to send it. */
export function openAlerts(options: AlertsOptions): Alerts {
  return new Alerts(options);
}

export class Alerts {
  readonly #o: AlertsOptions;
  readonly #outbox: Outbox;
  readonly #pending = new Map<string, Pending>();
  readonly #watches = new Map<
    string,
    { watch: CameraWatch; fault?: CameraHealthReport['fault']; cancel?: () => void }
  >();
  readonly #lastMotionMailMs = new Map<string, number>();
  readonly #lastNoticeMs = new Map<NoticeKind, number>();
  readonly #work = new Set<Promise<void>>();
  #closed = false;

  constructor(options: AlertsOptions) {
    this.#o = options;
    this.#outbox = new Outbox({
      folder: join(options.dataDir, 'outbox'),
      pictureKey: options.pictureKey,
      clock: options.clock,
      log: options.log,
      deliver: (job, signal) => this.#deliver(job, signal),
      recipients: () => this.#recipients(),
      startPauseMs: options.startPauseMs ?? START_PAUSE_MS,
      ...(options.onMailState ? { onState: options.onMailState } : {}),
      ...(options.kept ? { stateOf: options.kept.mailState, holdWithoutPicture: true } : {}),
      onFailed: (_alert, message) => options.onFailed?.(message),
    });
    const { kept, onMailState } = options;
    if (kept) {
      const giveUp = (eventId: string) => onMailState?.(eventId, 'failed');
      this.#track(
        catchUp({
          ...options,
          kept,
          outbox: this.#outbox,
          domain: this.#domain(),
          cameraName: (id) => this.#cameraName(id),
          giveUp,
        }),
      );
    }
  }

  /**
   * `recordingId`: the recording that is running, if one is. May come with a later event of the same id. Answers, for a start,
   * what becomes of its mail. The caller keeps that with the event, in one step: an event that is known after a power
   * cut as waiting gets its mail then, if the power went before the mail was on the disk.
   */
  motion(cameraId: string, event: MotionEvent, recordingId?: string): 'waiting' | 'held-back' | undefined {
    if (this.#closed) return undefined;
    const pending = this.#pending.get(event.id);
    if (pending) {
      // A peak of the same level is a better view of the same thing.
      const isBetter = event.kind === 'peak' ? event.level >= pending.best.level : event.level > pending.best.level;
      if (isBetter) pending.best = { atMs: event.atMs, level: event.level };
      pending.recordingId ??= recordingId;
      if (event.kind === 'end') this.#settle(event.id);
      return undefined;
    }
    if (event.kind !== 'start') return undefined;
    const camera = this.#o.settings().camera(cameraId);
    const lastMailedAtMs = this.#lastMotionMailMs.get(cameraId);
    const decision = decideMotion({
      atMs: event.atMs,
      lastMailedAtMs,
      coolDownMs: (camera?.coolDownS ?? 0) * 1000,
      wanted: camera?.mailOnMotion === true && this.#recipients().length > 0,
    });
    // Where no mail is wanted there is nothing to hold back.
    if (decision !== 'mail') return decision === 'cool-down' ? 'held-back' : undefined;
    this.#lastMotionMailMs.set(cameraId, event.atMs);
    // The event began when the thing was first seen; now, some hundred milliseconds later, there is more of it to see.
    const best = { atMs: Math.max(event.atMs, this.#o.clock.monotonicMs()), level: event.level };
    const pendingNow: Pending = {
      cameraId,
      startMs: event.atMs,
      best,
      recordingId,
      lastMailedAtMs,
      // On the disk before the picture is there: whoever cuts the power now still makes a mail.
      put: this.#outbox.put(this.#motionAlert(cameraId, event.atMs, event.level, recordingId), {
        domain: this.#domain(),
        eventId: event.id,
        hold: true,
      }),
      cancel: this.#o.clock.after(this.#o.settleMs ?? SETTLE_MS, () => this.#settle(event.id)),
    };
    this.#pending.set(event.id, pendingNow);
    return 'waiting';
  }

  cameraHealth(cameraId: string, health: CameraHealthReport): void {
    if (this.#closed) return;
    const kept = this.#watches.get(cameraId) ?? { watch: unwatched };
    this.#watches.set(cameraId, kept);
    if (health.fault) kept.fault = health.fault;
    this.#watch(cameraId, health.state);
  }

  /** Mails at most one notice of a kind in six hours. */
  notice(kind: NoticeKind, text: string): void {
    const now = this.#o.clock.monotonicMs();
    if (this.#closed || this.#recipients().length === 0) return;
    // "Records again" answers "cannot record" and "the disk is full", and nothing else.
    const isAnswered = this.#lastNoticeMs.has('recording-blocked') || this.#lastNoticeMs.has('disk-full');
    if (kind === 'recording-again' && !isAnswered) return;
    if (!decideNotice(now, this.#lastNoticeMs.get(kind))) return;
    this.#lastNoticeMs.set(kind, now);
    this.#send({ kind: 'notice', title: noticeTitles[kind], text, atMs: this.#o.clock.wallMs() });
  }

  /** Call when settings have changed: what waits is tried at once, the new way. */
  apply(): void {
    const settings = this.#o.settings();
    for (const [id, kept] of this.#watches) {
      if (settings.camera(id)) continue;
      kept.cancel?.();
      this.#watches.delete(id);
      this.#lastMotionMailMs.delete(id);
    }
    this.#outbox.retryNow();
  }

  status(): { readonly waiting: number; readonly lastError?: string; readonly nextTryMs?: number } {
    return this.#outbox.status();
  }

  /** Sends a test mail now, past the outbox, also while mail is switched off. Reports the server's own answer. */
  async test(
    to: string | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly ok: boolean; readonly message: string; readonly advice?: string }> {
    const { mail, boxName, timeZone, publicUrl } = this.#o.settings();
    const recipients = to ? [to] : mail.to;
    if (recipients.length === 0) {
      return { ok: false, message: 'There is no recipient.', advice: 'Add an address under Settings, Mail.' };
    }
    const atMs = this.#o.clock.wallMs();
    const text = 'Mail from this box reaches you. Alerts with pictures will look like this one.';
    const alert: Alert = { kind: 'notice', title: 'Test mail', text, atMs };
    return testMail(
      {
        message: writeMessage(alert, { boxName, timeZone, link: publicUrl, hasPicture: false }),
        messageId: `<nightjar.test.${crypto.randomUUID()}@${this.#domain()}>`,
        dateMs: atMs,
        to: recipients,
        senderName: boxName,
      },
      this.#sendOptions(mail, signal),
    );
  }

  /** Resolves when nothing is being prepared or tried. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
    await this.#outbox.idle();
  }

  /** Writes down what is being prepared and stops sending. What waits goes out after the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { cancel } of this.#watches.values()) cancel?.();
    for (const id of [...this.#pending.keys()]) this.#settle(id);
    while (this.#work.size > 0) await Promise.all(this.#work);
    await this.#outbox.close();
  }

  /** The event's best moment so far is the mail's picture. */
  #settle(eventId: string): void {
    const pending = this.#pending.get(eventId);
    if (!pending) return;
    this.#pending.delete(eventId);
    pending.cancel();
    this.#track(
      (async () => {
        const id = await pending.put;
        const { cameraId, startMs, best, recordingId } = pending;
        // Whatever fails there is no reason to say nothing.
        const proof = await this.#o.proofOf?.(cameraId, eventId, best.atMs).catch(() => undefined);
        if (proof?.confirmed === false) return await this.#holdBack(id, pending);
        const picture = await pictureInTime(this.#o, cameraId, () =>
          this.#o.pictureOf(cameraId, proof?.atMs ?? best.atMs),
        );
        const difference = this.#o.settings().camera(cameraId)?.attachDifference ? await proof?.difference : undefined;
        const alert = this.#motionAlert(cameraId, startMs, best.level, recordingId);
        await this.#outbox.release(id, alert, picture, difference);
      })(),
    );
  }

  /** It was nothing: the next event's mail must not wait for the cool-down of one that was never sent. */
  async #holdBack(id: string, { cameraId, startMs, lastMailedAtMs }: Pending): Promise<void> {
    if (this.#lastMotionMailMs.get(cameraId) === startMs) {
      if (lastMailedAtMs === undefined) this.#lastMotionMailMs.delete(cameraId);
      else this.#lastMotionMailMs.set(cameraId, lastMailedAtMs);
    }
    await this.#outbox.withdraw(id);
  }

  #motionAlert(cameraId: string, atMs: number, level: number, recordingId: string | undefined): Alert {
    return {
      kind: 'motion',
      cameraId,
      cameraName: this.#cameraName(cameraId),
      atMs: Math.round(this.#wallOf(atMs)),
      level,
      ...(recordingId === undefined ? {} : { recordingId }),
    };
  }

  #watch(cameraId: string, kind: CameraHealthReport['state'] | 'tick'): void {
    const kept = this.#watches.get(cameraId);
    if (!kept || this.#closed) return;
    kept.cancel?.();
    delete kept.cancel;
    const atMs = this.#o.clock.monotonicMs();
    const { watch, news, wakeAtMs } = watchCamera(kept.watch, { kind, atMs });
    kept.watch = watch;
    if (wakeAtMs !== undefined) {
      kept.cancel = this.#o.clock.after(Math.max(1, wakeAtMs - atMs), () => this.#watch(cameraId, 'tick'));
    }
    if (!news || !this.#o.settings().camera(cameraId)?.mailOnLost || this.#recipients().length === 0) return;
    const base = { cameraId, cameraName: this.#cameraName(cameraId), sinceMs: Math.round(this.#wallOf(news.sinceMs)) };
    this.#send(
      news.kind === 'lost'
        ? {
            kind: 'camera-lost',
            ...base,
            message: kept.fault?.message ?? 'No picture comes from it.',
            advice: kept.fault?.advice ?? 'Check its power and its network.',
            outages: news.outages,
          }
        : { kind: 'camera-back', ...base, awayMs: Math.round(news.awayMs), outages: news.outages },
    );
  }

  #send(alert: Alert): void {
    this.#track(this.#outbox.put(alert, { domain: this.#domain() }).then(() => {}));
  }

  #track(work: Promise<void>): void {
    const done = work
      .catch((error) => this.#o.log.error(`an alert could not be prepared: ${describeError(error)}`))
      .finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  #deliver(job: Job, signal: AbortSignal): Promise<Attempt> {
    const { mail, boxName, timeZone, publicUrl } = this.#o.settings();
    const { alert, picture, difference } = job;
    const recording = alert.kind === 'motion' && alert.recordingId ? this.#o.linkTo(alert.recordingId) : undefined;
    const link = recording ?? publicUrl;
    const nowMs = this.#o.clock.wallMs();
    const clockKnown = nowMs > PLAUSIBLE_MS && job.createdMs > PLAUSIBLE_MS;
    return sendMail(
      {
        message: writeMessage(alert, {
          boxName,
          timeZone,
          ...(link ? { link } : {}),
          hasPicture: picture !== undefined,
          hasDifference: difference !== undefined,
          waitedMs: clockKnown ? Math.max(job.waitedMs, nowMs - job.createdMs) : job.waitedMs,
        }),
        messageId: job.messageId,
        dateMs: clockKnown ? Math.min(job.createdMs, nowMs) : nowMs,
        to: job.to,
        senderName: boxName,
        ...(picture ? { picture: { name: pictureName(alert, '.jpg'), bytes: picture } } : {}),
        ...(difference ? { difference: { name: pictureName(alert, '-difference.png'), bytes: difference } } : {}),
      },
      this.#sendOptions(mail, signal),
    );
  }

  #sendOptions(settings: MailSettings, signal: AbortSignal) {
    const { mailTimes: times, trustedCa } = this.#o;
    return { settings, signal, ...(times ? { times } : {}), ...(trustedCa === undefined ? {} : { trustedCa }) };
  }

  /** Nobody while mail is switched off or cannot work. */
  #recipients(): readonly string[] {
    const { mail } = this.#o.settings();
    return mail.enabled && mailGap(mail) === undefined ? mail.to : [];
  }

  /** The right half of Message-IDs: the sender's domain, so that spam filters find nothing odd. */
  #domain(): string {
    const domain = mailServer(this.#o.settings().mail).from.split('@')[1] ?? '';
    return /^[a-z0-9.-]{1,200}$/i.test(domain) ? domain : 'nightjar.invalid';
  }

  #cameraName(cameraId: string): string {
    return this.#o.settings().camera(cameraId)?.name ?? cameraId;
  }

  #wallOf(monotonicMs: number): number {
    return this.#o.clock.wallMs() - (this.#o.clock.monotonicMs() - monotonicMs);
  }
}
