// What an outbox is given, and the pauses it keeps.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Alert } from './alert.ts';
import type { Attempt, Job } from './attempt.ts';

export type MailState = 'waiting' | 'sent' | 'failed' | 'held-back';

export interface OutboxOptions {
  readonly folder: string;
  /** 32 bytes, from `memory-key.ts`. */
  readonly pictureKey: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  /** Must not throw for what a mail server can do; when it does, the mail is tried again. */
  readonly deliver: (job: Job, signal: AbortSignal) => Promise<Attempt>;
  /** Who gets mails now. Nobody: what waits is dropped at its next turn. */
  readonly recipients: () => readonly string[];
  readonly onState?: (eventId: string, state: MailState) => void;
  /** What `onState` was told last, also before the restart. */
  readonly stateOf?: (eventId: string) => MailState | undefined;
  readonly onFailed?: (alert: Alert, message: string) => void;
  readonly random?: () => number;
  /** What is found on the disk is first tried after this. */
  readonly startPauseMs?: number;
  /** Mails of events that are found without a picture, and that no server has seen, are held until `release`; see `held`. */
  readonly holdWithoutPicture?: boolean;
  readonly maxMails?: number;
  readonly maxPictureBytes?: number;
}

export const FIRST_PAUSE_MS = 10_000;
export const LONGEST_PAUSE_MS = 15 * 60_000;
export const GIVE_UP_MS = 48 * 3_600_000;
