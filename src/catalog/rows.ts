// What the rows of the catalog mean. Times are UTC ms, whole numbers.

export type Reason = 'motion' | 'continuous' | 'manual';
export type MailState = 'waiting' | 'sent' | 'failed' | 'held-back';
/** open: its file is being written, or about to be. garbage: its file is being removed, or gone. */
export type RowState = 'open' | 'kept' | 'garbage';

export interface RecordingRow {
  readonly id: string;
  readonly cameraId: string;
  readonly startMs: number;
  /** null: it is running. */
  readonly endMs: number | null;
  readonly durationMs: number;
  readonly bytes: number;
  readonly reasons: readonly Reason[];
  readonly peakLevel: number;
  readonly interrupted: boolean;
  /** Neither age nor lack of room removes it. */
  readonly starred: boolean;
  /** The clock was not right when it was recorded, and its right time has not become known since. */
  readonly timeUnknown: boolean;
}

export interface SegmentRow {
  readonly id: string;
  readonly recordingId: string;
  readonly cameraId: string;
  readonly path: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
  readonly bootId: string;
  readonly startSinceBootMs: number;
  /** Whether its time is known by now; null: nobody could say. */
  readonly wallSynchronised: boolean | null;
  /** In its camera's chain of signed records, from 1; 0 while that is not known. */
  readonly sequence: number;
  readonly state: RowState;
}

/** A still of a recording, or the difference picture of one of its events: both live and go with the recording. */
export interface StillRow {
  readonly path: string;
  readonly recordingId: string;
  /** null: it is a still. */
  readonly eventId: string | null;
  readonly atMs: number;
  readonly bytes: number;
  readonly state: RowState;
}

/** What differs between the colour pictures before and at an event's moment. */
export interface Changed {
  /** Share of the picture. */
  readonly percent: number;
  /** Its middle, in shares of width and height, 0–1. */
  readonly x: number;
  readonly y: number;
}

/** What a second look at an event, in colour, has found. */
export interface Proof {
  /** False: the pictures show practically nothing where the detector believed something. */
  readonly confirmed: boolean;
  readonly changed?: Changed;
}

export interface EventRow {
  readonly id: string;
  readonly cameraId: string;
  readonly startMs: number;
  readonly peakMs: number;
  /** null: it goes on. */
  readonly endMs: number | null;
  readonly level: number;
  readonly recordingId: string | null;
  readonly mail: MailState | null;
  /** Names of the zones in which it moved; null: no zones are set. */
  readonly zones: readonly string[] | null;
  /** null: nobody looked again, or could. */
  readonly proof: Proof | null;
  /** A difference picture is kept. */
  readonly difference: boolean;
  /** When it began on the clock that runs from switching on; null: not noted. */
  readonly moment: BootMoment | null;
}

/** A moment on the time since boot, which never steps. */
export interface BootMoment {
  readonly bootId: string;
  readonly sinceBootMs: number;
}

const reasons: readonly Reason[] = ['motion', 'continuous', 'manual'];

export const reasonBits = (given: readonly Reason[]): number =>
  reasons.reduce((bits, reason, i) => bits | (given.includes(reason) ? 1 << i : 0), 0);

export const reasonsOf = (bits: number): readonly Reason[] => reasons.filter((_, i) => bits & (1 << i));

export const isReason = (word: string): word is Reason => (reasons as readonly string[]).includes(word);
