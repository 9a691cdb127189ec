// The worker of a page: holds the keys, and answers the calls of `client.ts` with what they open. What it sends to the page are
// pictures, pieces of film, changed keyrings, and sentences; never a key.

import type { VaultView } from '../../src/http/api.ts';
import { SealError } from '../../src/vault/fault.ts';
import type { SealedHeader } from '../../src/vault/head.ts';
import { type Keys, openSealed } from '../../src/vault/open.ts';
import { sourceOf } from '../../src/vault/walk.ts';
import { fetchBytes, OpenFault } from './box-files.ts';
import type { VaultPiece } from './client.ts';
import { KeyHolder } from './key-holder.ts';
import type { CallName, FromWorker, ToWorker, WorkerCalls } from './messages.ts';
import { exportMp4 } from './mp4-export.ts';
import { checkIsAsked, own, segmentPieces } from './sealed-segment.ts';

/** What is used of the worker's own global; the types of pages know none. */
interface WorkerScope {
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}
const scope = globalThis as unknown as WorkerScope;

interface CallContext {
  readonly signal: AbortSignal;
  readonly progress: (share: number) => void;
}
type Handlers = {
  readonly [K in CallName]: (
    args: Parameters<WorkerCalls[K]>,
    context: CallContext,
  ) => ReturnType<WorkerCalls[K]> | Promise<ReturnType<WorkerCalls[K]>>;
};

const holder = new KeyHolder({ nowMs: Date.now });
const calls = new Map<number, AbortController>();

interface PieceStream {
  readonly stop: AbortController;
  readonly pieces: AsyncGenerator<VaultPiece>;
  /** The piece after the one that was given out: it is opened while that one is shown. */
  next: Promise<IteratorResult<VaultPiece>>;
}
const streams = new Map<number, PieceStream>();
let lastStream = 0;

async function withKeys<T>(use: (keys: Keys) => Promise<T>): Promise<T> {
  const { keys } = holder;
  if (!keys) throw new OpenFault('locked', 'Type in your passphrase to open recordings.');
  try {
    return await use(keys);
  } catch (error) {
    if (!(error instanceof SealError) || error.fault !== 'wrong-key') throw error;
    // Somebody was removed since, and what is recorded now is for a newer key.
    const view = await fetchBytes('/vault', AbortSignal.timeout(10_000)).catch(() => undefined);
    if (!view || holder.keys !== keys) throw error;
    holder.refresh((JSON.parse(new TextDecoder().decode(view)) as VaultView).keyring);
    return await use(holder.keys ?? keys);
  }
}

/** `/recordings/r1/still` is the still of r1, `/events/e1/difference` the difference picture of e1. */
function isPictureOf(path: string, { kind, recordingId, eventId }: SealedHeader): boolean {
  const [, , id, what] = path.split('/');
  const own = kind === 'still' ? recordingId : eventId;
  return kind === what && own !== undefined && encodeURIComponent(own) === id;
}

function closeStream(id: number): void {
  const stream = streams.get(id);
  streams.delete(id);
  stream?.stop.abort();
  void stream?.pieces.return(undefined).catch(() => {});
}

const handlers: Handlers = {
  claim: ([passphrase, deviceKey]) => holder.claim(passphrase, deviceKey),
  stretch: ([passphrase, parameters]) => holder.stretch(passphrase, parameters),
  open: ([keyring, personId]) => holder.open(keyring, personId),
  answerChallenge: ([recovery, challenge]) => holder.answerChallenge(recovery, challenge),
  openWithRecovery: ([keyring]) => holder.openWithRecovery(keyring),
  lock() {
    for (const id of [...streams.keys()]) closeStream(id);
    for (const [, call] of calls) call.abort();
    holder.lock();
  },
  changePassphrase: (args) => holder.changePassphrase(...args),
  proof: () => holder.proof(),
  addPerson: (args) => holder.addPerson(...args),
  removePerson: (args) => holder.removePerson(...args),
  resetPerson: (args) => holder.resetPerson(...args),
  replaceRecovery: ([keyring]) => holder.replaceRecovery(keyring),

  async picture([path], { signal }) {
    const sealed = await fetchBytes(path, signal);
    return await withKeys(async (keys) => {
      const reader = await openSealed(sourceOf(sealed), keys);
      try {
        checkIsAsked(isPictureOf(path, reader.header));
        const bytes = reader.entries.length > 0 ? await reader.chunk(0) : undefined;
        if (!bytes) throw new SealError('damaged-chunk');
        return own(bytes);
      } finally {
        reader.forget();
      }
    });
  },

  openPieces([id, index, fromMs]) {
    const stop = new AbortController();
    const pieces = segmentPieces(id, index, fromMs, withKeys, stop.signal);
    const next = pieces.next();
    next.catch(() => {});
    streams.set(++lastStream, { stop, pieces, next });
    return lastStream;
  },
  async nextPiece([id]) {
    const stream = streams.get(id);
    if (!stream) return undefined;
    const { done, value } = await stream.next;
    if (done) {
      streams.delete(id);
      return undefined;
    }
    stream.next = stream.pieces.next();
    stream.next.catch(() => {});
    return value;
  },
  closePieces: ([id]) => closeStream(id),

  exportMp4: ([parts, createdAtMs], { signal, progress }) =>
    exportMp4(parts, { createdAtMs, withKeys, signal, onProgress: progress }),
};

async function answer<K extends CallName>(id: number, name: K, args: readonly unknown[]): Promise<void> {
  const stop = new AbortController();
  calls.set(id, stop);
  try {
    const progress = (done: number) => scope.postMessage({ kind: 'progress', id, done }, []);
    const value = await handlers[name](args as Parameters<WorkerCalls[K]>, { signal: stop.signal, progress });
    scope.postMessage({ kind: 'answer', id, value, state: holder.state }, buffersOf(value));
  } catch (error) {
    scope.postMessage({ kind: 'failure', id, ...sentenceOf(error), state: holder.state }, []);
  } finally {
    calls.delete(id);
  }
}

/** Film and pictures are handed over, not copied. */
function buffersOf(value: unknown): Transferable[] {
  if (value instanceof Uint8Array) return [value.buffer as ArrayBuffer];
  const bytes = (value as { readonly bytes?: unknown } | undefined)?.bytes;
  return bytes instanceof Uint8Array ? [bytes.buffer as ArrayBuffer] : [];
}

function sentenceOf(error: unknown): { readonly fault: string; readonly message: string } {
  if (error instanceof SealError || error instanceof OpenFault) return { fault: error.fault, message: error.message };
  const isAborted = error instanceof DOMException && error.name === 'AbortError';
  if (!isAborted) console.error(error);
  return { fault: isAborted ? 'aborted' : 'unable', message: 'This could not be opened. Load the page again.' };
}

scope.onmessage = ({ data }) => {
  if (data.kind === 'abort') calls.get(data.id)?.abort();
  else void answer(data.id, data.name, data.args);
};
