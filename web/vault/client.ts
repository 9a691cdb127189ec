// What pages may ask of the vault. The keys live in a worker of the page and nowhere else: they are gone with the tab, and
// asked for again after a reload. Types and the one instance; what travels is in `messages.ts`, the worker's side is `worker.ts`.

import type { Keyring, LoginParameters, PersonView, Role, SegmentIndexView, Wrapped } from '../../src/http/api.ts';
import { createStore, type Store } from '../store.ts';
import type { FromWorker, ToWorker, WorkerCalls } from './messages.ts';

/** locked: ask for the passphrase. open: recordings can be shown. nothing: this person may see live pictures only. */
export type VaultState = 'locked' | 'open' | 'nothing';

export interface NewVault {
  readonly keyring: Keyring;
  readonly signIn: string;
  /** Shown once: fifteen words, and the text that a QR code carries. */
  readonly recovery: RecoverySheet;
}
export interface RecoverySheet {
  readonly words: readonly string[];
  readonly text: string;
}
export interface ChangedKeyring {
  readonly keyring: Keyring;
  /** Of the person who was added or reset. */
  readonly personId: string;
  readonly signIn: string;
}

/** A picture or a segment that was opened; throws VaultError with the vault's own sentence when it cannot be. */
export interface VaultClient {
  readonly state: Store<VaultState>;

  /** Makes keys for a new box and holds them. 1–2 s on a phone. */
  claim(passphrase: string, deviceKey: string): Promise<NewVault>;
  /** Stretches a passphrase; the answer signs in. The other half stays in the worker for `open`. */
  stretch(passphrase: string, parameters: LoginParameters): Promise<string>;
  /** Opens the vault with what `stretch` left, after signing in. Becomes `nothing` for somebody live-only. */
  open(keyring: Keyring, personId: string): Promise<void>;
  /** Signs the challenge of a recovery; `recovery` is words in any case and spacing, or the QR code's text. */
  answerChallenge(recovery: string, challenge: string): Promise<string>;
  openWithRecovery(keyring: Keyring): Promise<void>;
  /** Forgets all keys. */
  lock(): Promise<void>;
  /** Goes with a change of people or keys, to show the box whose it is; undefined after a recovery. */
  proof(): Promise<string | undefined>;

  changePassphrase(
    keyring: Keyring,
    personId: string,
    before: string,
    after: string,
  ): Promise<{ readonly current: string; readonly signIn: string; readonly wrapped: Wrapped }>;
  addPerson(
    keyring: Keyring,
    newcomer: { readonly role: Role; readonly passphrase: string; readonly earlier: boolean },
  ): Promise<ChangedKeyring>;
  removePerson(keyring: Keyring, personId: string): Promise<Keyring>;
  resetPerson(keyring: Keyring, personId: string, passphrase: string): Promise<ChangedKeyring>;
  replaceRecovery(keyring: Keyring): Promise<{ readonly keyring: Keyring; readonly recovery: RecoverySheet }>;

  /** A still or difference picture, as an address for <img>; give it back with URL.revokeObjectURL. */
  /** `path` as for `api.get`, e.g. `/recordings/r1/still`. */
  picture(path: string, mimeType: 'image/jpeg' | 'image/png', signal?: AbortSignal): Promise<string>;
  segment(id: string, index: SegmentIndexView): VaultSegment;
  /** One MP4 of these segments, one behind the other; `onProgress` is told how much of it is done, 0–1. */
  exportMp4(
    parts: readonly ExportPart[],
    options: {
      readonly createdAtMs: number;
      readonly signal: AbortSignal;
      readonly onProgress: (share: number) => void;
    },
  ): Promise<{ readonly file: Blob /** What could not be opened and is not in it. */; readonly missingMs: number }>;
}

export interface ExportPart {
  readonly id: string;
  readonly bytes: number;
  readonly durationMs: number;
}

/** One segment, opened piece by piece. */
export interface VaultSegment {
  /** Chunks from the key frame at or before `fromMs`, init segment first, with what is missing between them; ends with the file. */
  pieces(fromMs: number, signal: AbortSignal): AsyncIterable<VaultPiece>;
  close(): void;
}
export type VaultPiece =
  | { readonly kind: 'init'; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: 'media';
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly fromMs: number;
      readonly toMs: number;
    }
  /** Damaged or missing: say so in its place, and go on. */
  | { readonly kind: 'gap'; readonly fromMs: number; readonly toMs: number; readonly message: string };

export class VaultError extends Error {
  /** The vault's own word for it (`SealFault`), e.g. `wrong-passphrase`; or `locked`, `offline`, `gone`, `signed-out`, `unable`. */
  readonly fault: string;
  constructor(fault: string, message: string) {
    super(message);
    this.fault = fault;
  }
}

export type { PersonView };

/** What of a worker is needed here. */
export type WorkerPort = Pick<Worker, 'postMessage' | 'onmessage' | 'onerror' | 'terminate'>;

/** Made of its own bundle; the build puts its version into the address. */
const startWorker = (): WorkerPort =>
  new Worker(process.env.NIGHTJAR_VAULT_WORKER ?? '/vault-worker.js', { type: 'module' });

type Answer<K extends keyof WorkerCalls> = ReturnType<WorkerCalls[K]>;
interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((share: number) => void) | undefined;
}

/** The worker is started by the first call. */
export function createVault(start: () => WorkerPort = startWorker): VaultClient {
  const state = createStore<VaultState>('locked');
  const waiting = new Map<number, Waiting>();
  let worker: WorkerPort | undefined;
  let lastId = 0;

  function running(): WorkerPort {
    if (worker) return worker;
    const started = start();
    worker = started;
    started.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      const one = waiting.get(data.id);
      if (data.kind === 'progress') return one?.onProgress?.(data.done);
      waiting.delete(data.id);
      state.set(data.state);
      if (data.kind === 'answer') one?.resolve(data.value as never);
      else one?.reject(new VaultError(data.fault, data.message));
    };
    // It could not be loaded or has died: its keys are gone with it.
    started.onerror = () => {
      started.terminate();
      worker = undefined;
      state.set('locked');
      const error = new VaultError(
        'unable',
        'This browser could not start what opens recordings. Load the page again.',
      );
      for (const one of waiting.values()) one.reject(error);
      waiting.clear();
    };
    return started;
  }

  function call<K extends keyof WorkerCalls>(
    name: K,
    args: Parameters<WorkerCalls[K]>,
    signal?: AbortSignal,
    onProgress?: (share: number) => void,
  ): Promise<Answer<K>> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const id = ++lastId;
      const stop = () => {
        waiting.delete(id);
        worker?.postMessage({ kind: 'abort', id } satisfies ToWorker);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          signal?.removeEventListener('abort', stop);
          settle(value);
        };
      };
      waiting.set(id, { resolve: settled(resolve as (value: never) => void), reject: settled(reject), onProgress });
      running().postMessage({ kind: 'call', id, name, args } satisfies ToWorker);
    });
  }

  return {
    state,
    claim: (passphrase, deviceKey) => call('claim', [passphrase, deviceKey]),
    stretch: (passphrase, parameters) => call('stretch', [passphrase, parameters]),
    open: (keyring, personId) => call('open', [keyring, personId]),
    answerChallenge: (recovery, challenge) => call('answerChallenge', [recovery, challenge]),
    openWithRecovery: (keyring) => call('openWithRecovery', [keyring]),
    lock: async () => {
      if (worker) await call('lock', []);
    },
    changePassphrase: (...args) => call('changePassphrase', args),
    proof: () => call('proof', []),
    addPerson: (...args) => call('addPerson', args),
    removePerson: (...args) => call('removePerson', args),
    resetPerson: (...args) => call('resetPerson', args),
    replaceRecovery: (keyring) => call('replaceRecovery', [keyring]),
    async picture(path, mimeType, signal) {
      const bytes = await call('picture', [path], signal);
      return URL.createObjectURL(new Blob([bytes], { type: mimeType }));
    },
    segment: (id, index) => segmentOf(call, id, index),
    exportMp4: (parts, { createdAtMs, signal, onProgress }) =>
      call('exportMp4', [parts, createdAtMs], signal, onProgress),
  };
}

type Call = <K extends keyof WorkerCalls>(
  name: K,
  args: Parameters<WorkerCalls[K]>,
  signal?: AbortSignal,
) => Promise<Answer<K>>;

function segmentOf(call: Call, id: string, index: SegmentIndexView): VaultSegment {
  const streams = new Set<AbortController>();
  return {
    async *pieces(fromMs, signal) {
      const stop = new AbortController();
      const onAbort = () => stop.abort(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      streams.add(stop);
      const opened = call('openPieces', [id, index, fromMs], stop.signal);
      // also one that was opened after nobody waited for it any more
      const close = () =>
        void opened.then(
          (stream) => call('closePieces', [stream]),
          () => {},
        );
      try {
        const stream = await opened;
        for (;;) {
          const piece = await call('nextPiece', [stream], stop.signal);
          if (!piece) return;
          yield piece;
        }
      } finally {
        close();
        streams.delete(stop);
        signal.removeEventListener('abort', onAbort);
      }
    },
    close() {
      for (const stop of streams) stop.abort();
    },
  };
}

/** The vault of this tab. */
export const vault: VaultClient = createVault();
