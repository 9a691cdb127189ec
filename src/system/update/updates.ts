// Updates while the box runs: takes files, asks the release address once a day, and says that the running one is healthy. One
// installation at a time. What is decided about slots is in `trial.ts`, how a file gets into one in `install.ts`.

import { describeError, NightjarError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type InstallOptions, installUpdate } from './install.ts';
import type { Manifest } from './manifest.ts';
import { emptyRecord, type Running, type Slot, type UpdateRecord } from './record.ts';
import { askReleaseAddress, fetchUpdate, type ReleaseAddressOptions } from './release-address.ts';
import { clearSlot, loadRecord, saveRecord } from './slots.ts';
import { confirmed, slotsInUse } from './trial.ts';
import { isOlder } from './version-order.ts';
import type { UpdateState, UpdatesView } from './view.ts';

export interface UpdatesOptions extends InstallOptions, ReleaseAddressOptions {
  /** Which executable this process is: see `runningSlot`. */
  readonly running: Running;
  readonly settings: () => { readonly address: string; readonly check: boolean };
  /** Ends the service so that systemd starts it again, through `choose-slot`. */
  readonly restartService: () => void;
  /** Undefined while the box does not know the time. */
  readonly nowMs: () => number | undefined;
  readonly log: Log;
  /** 0 to 1: boxes that were switched on together do not all ask at once. */
  readonly random?: () => number;
}

export interface IncomingFile {
  /** As announced. */
  readonly bytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly allowOlder: boolean;
  readonly signal: AbortSignal;
}

export interface Updates {
  view(): UpdatesView;
  /** True until `confirm`: show health first, then say so. */
  readonly onTrial: boolean;
  /** The running one is healthy: it stays. Nothing when it is not on trial. Throws when that cannot be written down. */
  confirm(): Promise<void>;
  /** Resolves when the file is whole, judged and in its slot; the service restarts soon after. Throws as `installUpdate`, and `conflict`. */
  receive(file: IncomingFile): Promise<UpdatesView>;
  /** Throws `conflict` when there is no address. */
  check(signal: AbortSignal): Promise<UpdatesView>;
  /** Resolves when fetching has begun. Throws `conflict` when nothing is offered. */
  install(): Promise<UpdatesView>;
  close(): Promise<void>;
}

/** The page hears of it first. */
const RESTART_AFTER_MS = 2000;
const FIRST_CHECK_MS = 10 * 60_000;
const CHECK_EVERY_MS = 24 * 3_600_000;

/** By where it was started from: `executable` is `process.execPath`. */
export const runningSlot = (executable: string, folder: string): Running =>
  (['a', 'b'] as const satisfies readonly Slot[]).find((slot) => executable.startsWith(`${folder}/${slot}/`)) ??
  'factory';

/** Never throws: a box whose updates cannot be read records all the same. */
export async function openUpdates(options: UpdatesOptions): Promise<Updates> {
  const { files, folder, log, clock, running } = options;
  const onDisk = async (): Promise<UpdateRecord> => {
    const found = await loadRecord(files, folder);
    return found === undefined || found === 'unreadable' ? emptyRecord : found;
  };
  let record = emptyRecord;
  try {
    record = await onDisk();
    // What an interrupted installation left behind takes up room that recordings could have.
    for (const slot of ['a', 'b'] as const) {
      if (running !== slot && !slotsInUse(record).has(slot)) await clearSlot(files, folder, slot);
    }
  } catch (error) {
    log.warn('the record of updates cannot be read', { reason: describeError(error) });
  }
  let state: UpdateState = { kind: 'idle' };
  let checked:
    | { readonly offered?: Manifest; readonly checkedAtMs: number; readonly checkProblem?: string }
    | undefined;
  const closing = new AbortController();
  let work: Promise<unknown> = Promise.resolve();
  /** The daily look may begin while an update is being fetched: both are waited for at the end. */
  const begin = (what: Promise<unknown>) => {
    work = Promise.allSettled([work, what]);
  };
  let stopTimer = () => {};

  const onTrial = () => record.trial?.slot === running;
  const shown = (): UpdateState => {
    const { trial } = record;
    return state.kind !== 'receiving' && state.kind !== 'restarting' && trial && onTrial()
      ? { kind: 'trial', version: trial.version }
      : state;
  };
  const view = (): UpdatesView => {
    const { offered, ...rest } = checked ?? {};
    return {
      state: shown(),
      ...(record.last ? { last: record.last } : {}),
      ...(offered && isOlder(options.version, offered.version) ? { offered: releaseOf(offered) } : {}),
      ...rest,
      hasKeys: options.keys.length > 0,
    };
  };

  const demandIdle = () => {
    const { kind } = shown();
    if (kind === 'idle' || kind === 'failed') return;
    const why =
      kind === 'trial' ? 'the last update is still on trial: wait two minutes' : 'another update is on its way';
    throw new NightjarError('conflict', why);
  };

  const take = async (
    chunks: AsyncIterable<Uint8Array>,
    ofBytes: number,
    wanted: { readonly allowOlder: boolean; readonly version?: string },
  ) => {
    state = { kind: 'receiving', bytes: 0, ofBytes };
    const counted = async function* () {
      let bytes = 0;
      for await (const chunk of chunks) {
        bytes += chunk.length;
        state = { kind: 'receiving', bytes, ofBytes };
        yield chunk;
      }
    };
    try {
      record = await installUpdate(options, await onDisk(), { chunks: counted(), ...wanted });
      state = { kind: 'restarting', version: record.trial?.version ?? '' };
      log.info(`version ${record.trial?.version} is in slot ${record.trial?.slot}; the service restarts into it`);
      clock.after(RESTART_AFTER_MS, options.restartService);
    } catch (error) {
      // A slot may have been given up for it.
      record = await onDisk().catch(() => record);
      state = { kind: 'idle' };
      log.warn('an update was not installed', { reason: describeError(error) });
      throw error;
    }
  };

  const check = async (signal: AbortSignal) => {
    const { address } = options.settings();
    if (address === '') {
      throw new NightjarError('conflict', 'there is no release address: type one under Settings, Updates');
    }
    try {
      const offered = await askReleaseAddress(options, address, AbortSignal.any([signal, closing.signal]));
      checked = { offered, checkedAtMs: clock.wallMs() };
      if (isOlder(options.version, offered.version)) log.info(`version ${offered.version} is there to be installed`);
    } catch (error) {
      checked = {
        ...(checked?.offered ? { offered: checked.offered } : {}),
        checkedAtMs: clock.wallMs(),
        checkProblem: asSentence(error),
      };
    }
    return view();
  };

  const checkAfter = (delayMs: number) => {
    stopTimer = clock.after(delayMs, () => {
      const { address, check: mayAsk } = options.settings();
      if (address !== '' && mayAsk && options.keys.length > 0) begin(check(closing.signal));
      checkAfter(CHECK_EVERY_MS);
    });
  };
  checkAfter(FIRST_CHECK_MS * (1 + 5 * (options.random ?? Math.random)()));

  return {
    view,
    get onTrial() {
      return onTrial();
    },
    async confirm() {
      const next = confirmed(record, running, options.nowMs());
      if (next === record) return;
      await saveRecord(files, folder, next);
      record = next;
      log.info(`version ${options.version} is healthy and stays`);
    },
    async receive(file) {
      demandIdle();
      await take(whileWanted(file.chunks, AbortSignal.any([file.signal, closing.signal])), file.bytes, {
        allowOlder: file.allowOlder,
      });
      return view();
    },
    check,
    async install() {
      demandIdle();
      const offered = view().offered && checked?.offered;
      const { address } = options.settings();
      if (!offered || address === '')
        throw new NightjarError('conflict', 'no newer version is offered: look for one first');
      state = { kind: 'receiving', bytes: 0, ofBytes: offered.packedBytes };
      const fetching = async () => {
        try {
          await using answer = await fetchUpdate(options, address, offered.version, closing.signal);
          await take(answer.chunks, offered.packedBytes, { allowOlder: false, version: offered.version });
        } catch (error) {
          state = { kind: 'failed', message: asSentence(error) };
        }
      };
      begin(fetching());
      return view();
    },
    async close() {
      stopTimer();
      closing.abort();
      await work;
    },
  };
}

/** What comes until the sender is given up; throws then, also when nothing comes at all. */
async function* whileWanted(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => {});
  const giveUp = () => gone.reject(new Error('the sender is gone'));
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  const source = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([source.next(), gone.promise]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

const releaseOf = ({ version, packedBytes, notes, releasedAtMs }: Manifest) => ({
  version,
  bytes: packedBytes,
  notes,
  releasedAtMs,
});

/** As the page shows it. What is not ours to explain is in the log. */
function asSentence(error: unknown): string {
  const words = error instanceof NightjarError ? error.message : 'the update could not be written: try again';
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
