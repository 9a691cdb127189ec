// What the alerts are given: settings, what happens, and whom to ask for pictures and proof. And the titles of notices.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { KeptEvents } from './catch-up.ts';
import type { MailSettings, MailTimes } from './mail.ts';
import type { MailState } from './outbox-options.ts';

export interface AlertSettings {
  readonly mail: MailSettings;
  readonly boxName: string;
  readonly timeZone: string;
  /** '' when the box's address is not known. */
  readonly publicUrl: string;
  camera(id: string):
    | {
        readonly name: string;
        readonly mailOnMotion: boolean;
        readonly mailOnLost: boolean;
        readonly coolDownS: number;
        readonly attachDifference?: boolean;
      }
    | undefined;
}

/** As the motion room announces it; times are monotonic. */
export interface MotionEvent {
  readonly kind: 'start' | 'peak' | 'end';
  readonly id: string;
  readonly atMs: number;
  /** 0–100 */
  readonly level: number;
}

export interface CameraHealthReport {
  readonly state: 'off' | 'starting' | 'live' | 'lost';
  readonly fault?: { readonly message: string; readonly advice: string };
}

export interface EventProof {
  readonly confirmed: boolean;
  /** The moment that bears it out, if it is not the one that was asked for. */
  readonly atMs?: number;
  /** PNG: what differs from the picture before. Asked for only where it is attached; undefined if it cannot be drawn. */
  readonly difference?: Promise<Uint8Array | undefined>;
}

export type NoticeKind =
  | 'disk-full'
  | 'disk-space'
  | 'recording-blocked'
  | 'recording-again'
  | 'settings'
  | 'sign-in'
  | 'clock'
  | 'name'
  | 'certificate';

export interface AlertsOptions {
  readonly dataDir: string;
  /** Seals the pictures of waiting mails; from `memory-key.ts`. */
  readonly pictureKey: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => AlertSettings;
  /** A JPEG of the camera at a moment of the monotonic clock, or as near to it as there is one. */
  readonly pictureOf: (cameraId: string, atMs: number) => Promise<Uint8Array | undefined>;
  /**
   * Whether a second look bears an event out: as soon as it is known, or, of one that goes on and is not borne out, when it is
   * over. Then no mail is sent. Without: every event is borne out.
   */
  readonly proofOf?: (cameraId: string, eventId: string, atMs: number) => Promise<EventProof>;
  readonly linkTo: (recordingId: string) => string | undefined;
  readonly kept?: KeptEvents;
  /** What became of an event's mail, durable when it returns. */
  readonly onMailState?: (eventId: string, state: MailState) => void;
  /** A mail nobody will get, for the status page. */
  readonly onFailed?: (message: string) => void;
  readonly settleMs?: number;
  /** What waits from before a restart is first tried after this: the box's own address must be known, for the links. */
  readonly startPauseMs?: number;
  readonly mailTimes?: MailTimes;
  /** A further certificate authority for the mail server, PEM. */
  readonly trustedCa?: string;
}

export const noticeTitles: Readonly<Record<NoticeKind, string>> = {
  'disk-full': 'The disk is full',
  'disk-space': 'Space for recordings runs low',
  'recording-blocked': 'Nothing can be recorded',
  'recording-again': 'Recording goes on',
  settings: 'The settings need a look',
  'sign-in': 'Somebody is guessing passphrases',
  clock: 'The clock needs a look',
  name: 'Your box is not found by its name',
  certificate: 'The certificate needs a look',
};
