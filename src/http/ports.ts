// The narrow interfaces the routes ask of the rooms. `app.ts` hands in the real things; tests hand in small ones.

import type { LogLine } from '../base/log.ts';
import type { CameraSettings, MotionSettings, SourceSettings } from '../config/camera.ts';
import type { LiveSeat, LiveViewer } from '../live/wire.ts';
import type { Feed } from '../media/types.ts';
import type {
  CameraPatch,
  CameraView,
  Changes,
  DayView,
  EventView,
  FoundDevice,
  MailTestReport,
  RecordingDetail,
  RecordingPage,
  RecordReason,
  SectionName,
  SettingsSchemaView,
  SettingsView,
  StatusView,
  StreamTokenView,
  TestReport,
  TuningFrame,
  TuningOpened,
  TuningReplay,
} from './api.ts';

/** Who is asking. */
export interface Person {
  readonly id: string;
  readonly name: string;
}
export interface Session {
  readonly id: string;
  readonly person: Person;
}

export type LoginResult =
  | { readonly ok: true; readonly session: Session /** the cookie's value */; readonly cookie: string }
  | { readonly ok: false; readonly reason: 'wrong' | 'throttled'; readonly retryAfterS?: number };

/** Implemented by `access/`. */
export interface AccessPort {
  isClaimed(): boolean;
  claim(
    body: { code: string; name: string; passphrase: string },
    address: string,
  ): Promise<LoginResult | { readonly ok: false; readonly reason: 'claimed' | 'weak'; readonly message: string }>;
  login(body: { name: string; passphrase: string }, address: string): Promise<LoginResult>;
  /** The session of a cookie's value, or undefined when it is unknown, ended or too old. Prolongs it. */
  session(cookie: string): Session | undefined;
  logout(sessionId: string): void;
  changePassphrase(
    person: Person,
    current: string,
    next: string,
    address: string,
    /** The session that asks: it stays, all others of this person end. Without it all end. */
    keepSessionId?: string,
  ): Promise<
    | { readonly ok: true }
    | { readonly ok: false; readonly reason: 'wrong' | 'throttled' | 'weak'; readonly message: string }
  >;
  streamTokens(): readonly StreamTokenView[];
  createStreamToken(name: string, cameraId: string | null): StreamTokenView;
  revokeStreamToken(id: string): boolean;
  /** Whether a token opens this camera. Throttled per address like a login. */
  streamTokenOpens(token: string, cameraId: string, address: string): boolean;
}

/** Implemented in `app.ts` over `camera/`, `motion/`, `recorder/` and `config/`. */
export interface CamerasPort {
  list(): readonly CameraView[];
  get(id: string): CameraView | undefined;
  add(body: { readonly name: string; readonly source: SourceSettings } & CameraPatch): Promise<CameraView>;
  change(id: string, patch: CameraPatch): Promise<CameraView>;
  remove(id: string): Promise<void>;
  /** `cameraId`: take a secret that is '' in `source` from this camera. */
  test(source: SourceSettings, cameraId: string | undefined, signal: AbortSignal): Promise<TestReport>;
  devices(): Promise<readonly FoundDevice[]>;
  feed(id: string): Feed | undefined;
  startManual(id: string, limitS: number | undefined): Promise<CameraView>;
  stopManual(id: string): Promise<CameraView>;
  settings(id: string): CameraSettings | undefined;
}

/** A body with a known length, so that players can seek by byte range. */
export interface Body {
  readonly bytes: number;
  /** `from` inclusive, `to` exclusive. */
  stream(from: number, to: number): ReadableStream<Uint8Array>;
}

/** Implemented by `library/` and `playback/`. */
export interface RecordingsPort {
  list(query: {
    readonly cameraId?: string;
    readonly fromMs?: number;
    readonly toMs?: number;
    readonly reason?: RecordReason;
    readonly before?: string;
    readonly limit: number;
  }): RecordingPage;
  days(query: { readonly cameraId?: string; readonly reason?: RecordReason }): readonly DayView[];
  get(id: string): RecordingDetail | undefined;
  events(query: {
    readonly cameraId?: string;
    readonly fromMs?: number;
    readonly toMs?: number;
    readonly limit: number;
  }): readonly EventView[];
  still(recordingId: string): Promise<Uint8Array | undefined>;
  /** PNG. */
  difference(eventId: string): Promise<Uint8Array | undefined>;
  segment(id: string): Promise<Body | undefined>;
  /** One fast-start MP4 of the whole recording, and the name to save it under. */
  download(recordingId: string): Promise<{ readonly name: string; readonly body: Body } | undefined>;
  remove(ids: readonly string[]): Promise<number>;
}

/** Implemented in `app.ts` over `config/`. */
export interface SettingsPort {
  view(): SettingsView;
  schema(): SettingsSchemaView;
  replace(section: SectionName, value: unknown): Promise<SettingsView>;
}

export interface MailPort {
  test(to: string | undefined, signal: AbortSignal): Promise<MailTestReport>;
}

export interface StatusPort {
  status(): Promise<StatusView>;
  /** For GET /health, without login: nothing in it that a stranger should not know. */
  health(): {
    readonly status: 'ok' | 'degraded';
    readonly version: string;
    readonly uptimeS: number;
    readonly cameras: { readonly live: number; readonly total: number };
  };
  logs(maxLines: number): readonly LogLine[];
}

/** What changed, for server-sent events. */
export interface ChangesPort {
  listen(listener: <K extends keyof Changes>(name: K, data: Changes[K]) => void): () => void;
}

/** Implemented by `live/`: one JPEG encoder per camera for all viewers. */
export interface PicturesPort {
  /** A JPEG of now. Throws `unavailable` when the camera is not live, `missing` when there is no such camera. */
  snapshot(cameraId: string, signal: AbortSignal): Promise<Uint8Array>;
  /** JPEGs as they come, dropped for slow readers, until the signal aborts. */
  mjpeg(cameraId: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Implemented by `live/`: what one page's WebSocket asks for. */
export interface LivePort {
  join(viewer: LiveViewer): LiveSeat;
}
export type { LiveSeat, LiveViewer };

/** What a page that tunes a camera is told. */
export interface TuningListener {
  frame(frame: TuningFrame): void;
  /** The camera was removed, or another took its place. */
  ended(): void;
}
export interface TuningSeat extends TuningOpened {
  leave(): void;
}

/** Implemented in `app/` over `motion/` and `camera/`. All throw `missing` when there is no such camera. */
export interface TuningPort {
  /** Throws `conflict` while another camera is tuned. */
  open(cameraId: string, listener: TuningListener): TuningSeat;
  /** Throws `conflict` when nobody tunes this camera. `untilMs`: all pictures before it are in the answer. */
  frames(cameraId: string, fromMs: number, toMs: number): { readonly bytes: Uint8Array; readonly untilMs: number };
  /** Throws `conflict` when the viewer is unknown, or asked again meanwhile. */
  replay(cameraId: string, viewer: string, motion: MotionSettings, signal: AbortSignal): Promise<TuningReplay>;
}

export interface Ports {
  readonly boxName: () => string;
  readonly version: string;
  readonly access: AccessPort;
  readonly cameras: CamerasPort;
  readonly recordings: RecordingsPort;
  readonly settings: SettingsPort;
  readonly mail: MailPort;
  readonly status: StatusPort;
  readonly changes: ChangesPort;
  readonly pictures: PicturesPort;
  readonly live: LivePort;
  readonly tuning: TuningPort;
}
