// What travels between the page and the box, as types only: imported by `web/` and by the routes, so that both sides
// are checked against the same words. All times are UTC milliseconds. Errors are `{ error: { kind, message, issues? } }`.

import type {
  CameraAlertSettings,
  CameraSettings,
  MotionSettings,
  RecordSettings,
  SourceSettings,
} from '../config/camera.ts';
import type {
  BoxSettings,
  MailSettings,
  RemoteSettings,
  SectionName,
  StorageSettings,
  UpdateSettings,
} from '../config/settings.ts';
import type { CameraHealth, Fault, Point } from '../media/types.ts';
import type { CardLife } from '../system/card-life.ts';
import type { PresetView } from './api-system.ts';
import type { SignedInPerson } from './api-vault.ts';

export type * from './api-network.ts';
export type * from './api-system.ts';
export type * from './api-vault.ts';
export type {
  CameraAlertSettings,
  CameraHealth,
  CameraSettings,
  Fault,
  MotionSettings,
  Point,
  RecordSettings,
  SectionName,
  SourceSettings,
};

/** GET /api/v1/session (public). */
export interface SessionView {
  readonly state: 'unclaimed' | 'signed-out' | 'signed-in';
  readonly boxName: string;
  readonly person?: SignedInPerson;
  readonly version: string;
  /** The box's Ed25519 public key, hex: a new keyring names it, and what it signs is checked against it. */
  readonly deviceKey: string;
  /** On the appliance while nobody owns it: whether claiming needs the code of the screen, and what was wrong with nightjar.toml. */
  readonly setup?: { readonly codeNeeded: boolean; readonly preset?: Pick<PresetView, 'problems'> };
}
/** POST /api/v1/logout → SessionView. Claiming, signing in, people and keys: `api-vault.ts`. */

export type RecordReason = 'motion' | 'continuous' | 'manual';

/** GET /api/v1/cameras. Secrets in `settings` are replaced by '' and listed in `secretsSet`. */
export interface CameraView {
  readonly id: string;
  readonly name: string;
  readonly settings: CameraSettings;
  /** Paths of secrets that are set, e.g. `source.password`. Send '' back to keep one, or a new value to replace it. */
  readonly secretsSet: readonly string[];
  readonly health: CameraHealth;
  /** False outside the camera's motion schedule, or when motion is off. */
  readonly watching: boolean;
  readonly motion: { readonly moving: boolean /** 0–100 */; readonly level: number };
  readonly recording: readonly RecordReason[];
  /** When what is being recorded began, the seconds before the motion included. */
  readonly recordingSinceMs?: number;
  /** When the running manual recording stops by itself. */
  readonly manualUntilMs?: number;
}

/** POST /api/v1/cameras {name, source, …} → 201 CameraView; PUT /api/v1/cameras/:id with any top-level parts; DELETE /api/v1/cameras/:id. */
export type CameraPatch = {
  readonly [K in keyof Omit<CameraSettings, 'id'>]?: Partial<CameraSettings[K]> | CameraSettings[K];
};

/** POST /api/v1/cameras/test {source, cameraId?}: tries an address and says which step failed. */
export interface TestReport {
  readonly ok: boolean;
  readonly steps: readonly {
    readonly name: 'address' | 'reach' | 'login' | 'stream' | 'picture';
    readonly state: 'ok' | 'failed' | 'skipped';
    readonly message: string;
  }[];
  readonly fault?: Fault;
  readonly video?: { readonly codec: string; readonly width: number; readonly height: number; readonly fps?: number };
  /** A JPEG, base64. */
  readonly picture?: string;
}

/** GET /api/v1/devices: cameras that are plugged in. */
export interface FoundDevice {
  readonly kind: 'usb' | 'picamera';
  readonly name: string;
  readonly source: SourceSettings;
}

/** POST /api/v1/cameras/:id/recording {limitS?} starts by hand; DELETE stops. Both answer CameraView. */

/**
 * GET /api/v1/cameras/:id/tuning: server-sent events while somebody tries motion settings on a camera: `opened` →
 * TuningOpened, `frame` → TuningFrame for each picture that detection looks at, `ended` → {} when the camera is gone. The box
 * keeps the small grey pictures of the last minutes for as long as this is open, for one camera at a time (409 for another).
 */
export interface TuningOpened {
  /** Names this page in TuningReplayBody. */
  readonly viewer: string;
  /** How far back pictures are kept at most. */
  readonly keepMs: number;
}
/** What was seen in one small picture. Blobs are [x, y, width, height] in its pixels. */
export interface TuningStep {
  readonly atMs: number;
  readonly moving: boolean;
  /** 0–100. */
  readonly level: number;
  /** The whole picture is changing, or is just being learnt. */
  readonly global: boolean;
  readonly blobs: readonly (readonly [x: number, y: number, width: number, height: number])[];
}
export interface TuningFrame extends TuningStep {
  readonly width: number;
  readonly height: number;
  /** When the oldest picture that is kept was made; absent before the first. */
  readonly sinceMs?: number;
  /** Absent while the camera is not watched. */
  readonly cells?: {
    readonly columns: number;
    readonly rows: number;
    /** Side of a cell in pixels of the small picture. */
    readonly side: number;
    /** A character per cell, row by row, of the base64 alphabet: eighths that differ × 8 + eighths that move. */
    readonly marks: string;
    /** A digit per cell, 0–7: how much usually moves there. */
    readonly restless: string;
  };
}
/**
 * GET /api/v1/cameras/:id/tuning/frames?from=&to= : the kept pictures of that time (`from` inclusive, `to` exclusive), at most
 * 25, oldest first, one behind the other: time in ms (float64), width and height (uint16), all little endian, then a byte
 * of grey per pixel. `X-Frames-Until` is where to go on asking.
 */
/** POST /api/v1/cameras/:id/tuning/replay {viewer, motion} → TuningReplay; 409 when the same page asks again before it is done. */
export interface TuningReplayBody {
  readonly viewer: string;
  readonly motion: MotionSettings;
}
export interface TuningVisit {
  readonly startMs: number;
  readonly endMs: number;
  /** Highest level, 0–100. */
  readonly level: number;
  /** It had not ended with the last picture. */
  readonly goesOn: boolean;
}
export interface TuningReplay {
  /** The pictures it looked at; both absent when there are none yet. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly width: number;
  readonly height: number;
  /** Visits with the settings that were sent, and with those that are saved. The schedule is left out. */
  readonly draft: readonly TuningVisit[];
  readonly saved: readonly TuningVisit[];
  /** With the settings that were sent. */
  readonly steps: readonly TuningStep[];
  /** Processor time it took the box, for asking again at a bearable rate. */
  readonly tookMs: number;
}

/** GET /api/v1/recordings?camera=&from=&to=&reason=&before=&limit= : newest first. */
export interface RecordingView {
  readonly id: string;
  readonly cameraId: string;
  readonly cameraName: string;
  readonly startMs: number;
  /** Absent while it is being recorded. */
  readonly endMs?: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly reasons: readonly RecordReason[];
  readonly hasStill: boolean;
  /** Highest motion level, 0–100. */
  readonly peakLevel: number;
  readonly events: readonly EventView[];
  readonly interrupted: boolean;
  /** Kept until its owner says otherwise. */
  readonly starred: boolean;
  /** True where the clock was not right, and nobody has learned since when it was: its times are a guess. */
  readonly timeUnknown?: boolean;
}
export interface RecordingPage {
  readonly recordings: readonly RecordingView[];
  /** Pass as `before` for the next page; absent at the end. */
  readonly nextBefore?: string;
}
/** GET /api/v1/recordings/days?camera=&reason= : days (in the box's time zone) that have recordings, newest first. */
export interface DayView {
  readonly day: string; // 2026-11-21
  readonly recordings: number;
  readonly bytes: number;
  readonly fromMs: number;
  readonly toMs: number;
}
/** GET /api/v1/recordings/:id → RecordingDetail; DELETE; POST /api/v1/recordings/delete {ids} → {deleted: n}. */
export interface RecordingDetail extends RecordingView {
  readonly segments: readonly SegmentView[];
}
/** A file of fragmented MP4 (init + fragments), sealed; its own times start at 0. How it is fetched: SegmentIndexView. */
export interface SegmentView {
  readonly id: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
}
/** GET /api/v1/events?camera=&from=&to=&limit= : newest first. */
export interface EventView {
  readonly id: string;
  readonly cameraId: string;
  readonly startMs: number;
  readonly peakMs: number;
  /** Absent while it goes on. */
  readonly endMs?: number;
  readonly level: number;
  readonly recordingId?: string;
  readonly mail?: 'waiting' | 'sent' | 'failed' | 'held-back';
  /** Names of the zones in which it moved; absent without zones. */
  readonly zones?: readonly string[];
  /**
   * Whether colour pictures of before and then show something, too. False: they look the same there, and no mail was sent.
   * Absent where nobody looked again, or could.
   */
  readonly confirmed?: boolean;
  /** What differs: its share of the picture, and its middle in shares of width and height, 0–1. */
  readonly changed?: { readonly percent: number; readonly x: number; readonly y: number };
  /** True: GET /api/v1/events/:id/difference answers a sealed PNG that shows what differs. */
  readonly difference?: boolean;
}

/** GET /api/v1/settings → SettingsView; PUT /api/v1/settings/:section replaces one section ('' keeps a secret). */
export interface SettingsView {
  readonly box: BoxSettings;
  readonly mail: MailSettings;
  readonly storage: StorageSettings;
  readonly updates: UpdateSettings;
  readonly remote: RemoteSettings;
  readonly secretsSet: readonly string[];
  /** Settings fixed by the environment, e.g. `mail.host`; the page shows them as such. */
  readonly fromEnvironment: readonly string[];
}
/** GET /api/v1/settings/schema → JSON Schema of each section and of a camera, from the zod schemas (with `description` and `secret`). */
export interface SettingsSchemaView {
  readonly sections: Readonly<Record<SectionName, unknown>>;
  readonly camera: unknown;
}

/** POST /api/v1/mail/test {to?} → MailTestReport; the server's own words either way. */
export interface MailTestReport {
  readonly ok: boolean;
  readonly message: string;
  readonly advice?: string;
}

/** GET /api/v1/status. */
export interface StatusView {
  readonly version: string;
  readonly boxName: string;
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly disk: {
    readonly totalBytes: number;
    readonly freeBytes: number;
    readonly recordingsBytes: number;
    readonly keepFreeBytes: number;
    readonly full: boolean;
    /** How many days the disk holds at the rate of the last day; absent until that is known. */
    readonly daysHeld?: number;
    /** Of the card or drive that holds it; absent where there is none, or the machine does not tell. */
    readonly card?: CardLife;
  };
  readonly outbox: { readonly waiting: number; readonly lastError?: string; readonly nextTryMs?: number };
  readonly memoryBytes: number;
  readonly load: number;
  readonly temperatureC?: number;
  readonly addresses: readonly string[];
  readonly tlsFingerprint?: string;
  /** What is wrong and what to do, worst first; empty when all is well. */
  readonly notices: readonly {
    readonly level: 'info' | 'warn' | 'error';
    readonly message: string;
    readonly advice?: string;
  }[];
}
/** GET /api/v1/logs?lines= → { lines: LogLine[] } (see base/log.ts); GET /api/v1/logs/download → text. */

/** GET /api/v1/stream-tokens; POST {name, cameraId|null, proof?} (as in VaultBody) → 201 with `token` shown once; DELETE /api/v1/stream-tokens/:id. */
export interface StreamTokenView {
  readonly id: string;
  readonly name: string;
  /** null: every camera. */
  readonly cameraId: string | null;
  readonly createdAtMs: number;
  readonly lastUsedMs?: number;
  readonly token?: string;
}

/**
 * GET /api/v1/changes: server-sent events, so that the page never polls. Event names and their JSON data:
 * `cameras` → CameraView[]; `recording` → RecordingView; `recording-removed` → {id}; `event` → EventView; `notice` → {}.
 */
export interface Changes {
  readonly cameras: readonly CameraView[];
  readonly recording: RecordingView;
  readonly 'recording-removed': { readonly id: string };
  readonly event: EventView;
  readonly notice: Readonly<Record<string, never>>;
}

/**
 * WebSocket /api/v1/live: one per page for any number of cameras. `?watch=yard,gate` is as good as a first LiveRequest.
 * Page → box, text JSON: LiveRequest. Box → page, text JSON: LiveNotice; binary: one fragment each:
 * byte 0 channel, byte 1 flags (1 init segment, 2 key frame, 4 fragments were left out before this one), bytes 2–9 wall time
 * of capture in ms (float64, little endian), then the MP4 bytes. Fragment times are on an axis per channel that only grows.
 * Closed with 1008 for a message that is no LiveRequest, 4401 when the session has ended.
 */
export type { LiveNotice, LiveRequest } from '../live/wire.ts';

export interface ErrorBody {
  readonly error: {
    readonly kind: string;
    readonly message: string;
    readonly issues?: readonly { readonly path: string; readonly message: string }[];
  };
}
