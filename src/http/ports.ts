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
  LoginParameters,
  MailTestReport,
  PersonView,
  RecordingDetail,
  RecordingPage,
  RecordReason,
  RecoverChallenge,
  SecondFactorOffer,
  SectionName,
  SegmentIndexView,
  SettingsSchemaView,
  SettingsView,
  SignedInPerson,
  StatusView,
  StreamTokenView,
  TestReport,
  TimelineView,
  TuningFrame,
  TuningOpened,
  TuningReplay,
  VaultView,
} from './api.ts';
import type { PresetView } from './api-system.ts';
import type { NetworkPort } from './ports-network.ts';
import type { SystemPort } from './ports-system.ts';

/** Who is asking. */
export type Person = SignedInPerson;
export interface Session {
  readonly id: string;
  readonly person: Person;
  /** Begun with the recovery key: may set a new passphrase for oneself without the present one. */
  readonly recovering?: true;
}

export type Begun = { readonly ok: true; readonly session: Session /** the cookie's value */; readonly cookie: string };
export type Throttled = { readonly ok: false; readonly reason: 'throttled'; readonly retryAfterS: number };
export type No<Reason extends string> = { readonly ok: false; readonly reason: Reason };
type Said = { readonly message: string };

/** What a browser sent as keyring: judged by `access/`. */
export interface SentKeyring {
  readonly keyring: unknown;
  readonly revision: string;
}

/** Implemented by `access/`. What changes people or keys throws `conflict` for an old revision, `invalid` and `missing`. */
export interface AccessPort {
  /** The box's Ed25519 public key, hex. */
  deviceKey(): string;
  isClaimed(): boolean;
  /** False once somebody owns the box. */
  isClaimCodeNeeded(): boolean;
  claim(
    body: { readonly code?: string; readonly name: string; readonly keyring: unknown; readonly signIn: string },
    address: string,
  ): Begun | Throttled | No<'wrong'> | (No<'claimed' | 'invalid'> & Said);
  loginParameters(
    name: string,
    address: string,
  ): { readonly ok: true; readonly parameters: LoginParameters } | Throttled;
  login(
    body: { readonly name: string; readonly signIn: string; readonly code?: string },
    address: string,
  ): Begun | Throttled | No<'wrong' | 'second-factor'>;
  /** The session of a cookie's value, or undefined when it is unknown, ended or too old. Prolongs it. */
  session(cookie: string): Session | undefined;
  logout(sessionId: string): void;
  vault(personId: string): VaultView;
  /** To be asked before anything that changes people or keys: the sender's own sign-in secret, or a session of the recovery key. */
  prove(session: Session, secret: string | undefined, address: string): { readonly ok: true } | Throttled | No<'wrong'>;
  changeKeys(sent: SentKeyring): VaultView;
  changePassphrase(
    session: Session,
    body: { readonly current: string; readonly signIn: string; readonly wrapped: unknown },
    address: string,
  ): { readonly ok: true } | Throttled | No<'wrong'>;
  people(): readonly PersonView[];
  addPerson(
    body: SentKeyring & { readonly name: string; readonly personId: string; readonly signIn: string },
  ): PersonView;
  removePerson(id: string, sent: SentKeyring): void;
  resetPerson(
    by: Session,
    id: string,
    body: SentKeyring & { readonly signIn: string },
  ): { readonly ok: true } | No<'current-needed'>;
  recover(address: string): ({ readonly ok: true } & RecoverChallenge) | Throttled;
  answerRecovery(
    body: { readonly id: string; readonly answer: string; readonly name?: string },
    address: string,
  ): Begun | Throttled | No<'wrong'> | (No<'invalid'> & Said);
  offerSecondFactor(personId: string): SecondFactorOffer;
  /** False for a wrong code. */
  confirmSecondFactor(personId: string, code: string): boolean;
  removeSecondFactor(
    personId: string,
    signIn: string,
    address: string,
  ): { readonly ok: true } | Throttled | No<'wrong'>;
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
  timeline(query: {
    readonly cameraId?: string;
    readonly fromMs: number;
    readonly toMs: number;
    readonly after?: string;
    readonly limit: number;
  }): TimelineView;
  /** Sealed, as all that follows. */
  still(recordingId: string): Promise<Uint8Array | undefined>;
  difference(eventId: string): Promise<Uint8Array | undefined>;
  segment(id: string): Promise<Body | undefined>;
  segmentIndex(id: string): Promise<SegmentIndexView | undefined>;
  remove(ids: readonly string[]): Promise<number>;
  /** False: there is no such recording. */
  setStarred(id: string, starred: boolean): Promise<boolean>;
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

/** Implemented by `setup/`. */
export interface SetupPort {
  /** What came of nightjar.toml; undefined when there was none. */
  preset(): PresetView | undefined;
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
  readonly system: SystemPort;
  readonly network?: NetworkPort;
  /** On the appliance. */
  readonly setup?: SetupPort;
}
