// Looks every ten minutes whether space runs low, and remembers over restarts what was told. Deciding is `warnings.ts`.

import type { Clock } from '../base/clock.ts';
import { DurableJsonFile } from '../base/durable-json.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { nextWarning, nothingTold, type SpaceFacts, type WarningSettings, type WarningState } from './warnings.ts';

export interface WarningWatchOptions {
  readonly dataDir: string;
  readonly facts: () => Promise<Omit<SpaceFacts, 'nowMs'>>;
  readonly settings: () => WarningSettings;
  /** Sends the mail. */
  readonly tell: (text: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface WarningWatch {
  look(): Promise<void>;
  close(): Promise<void>;
}

const EVERY_MS = 600_000;

export function watchSpace({ dataDir, facts, settings, tell, clock, log }: WarningWatchOptions): WarningWatch {
  const file = new DurableJsonFile<WarningState>({ path: `${dataDir}/space-warnings.json`, parse });
  let state = file.read() ?? nothingTold;
  let looking: Promise<void> | undefined;
  let closed = false;
  let cancelNext = () => {};

  async function lookOnce(): Promise<void> {
    try {
      const next = nextWarning(state, { ...(await facts()), nowMs: clock.wallMs() }, settings());
      const isNew = JSON.stringify(next.state) !== JSON.stringify(state);
      state = next.state;
      // told first: a disk that is full keeps no state, and one mail too many is better than none
      if (next.text !== undefined) tell(next.text);
      if (isNew) file.write(state);
    } catch (error) {
      log.warn('whether space runs low could not be looked up or kept', { error: describeError(error) });
    }
  }
  const look = () => {
    looking ??= lookOnce().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const turn = () =>
    void look().then(() => {
      if (!closed) cancelNext = clock.after(EVERY_MS, turn);
    });
  turn();
  return {
    look,
    async close() {
      closed = true;
      cancelNext();
      await looking;
    },
  };
}

function parse(value: unknown): WarningState {
  const { toldPercent, toldDays, lastToldMs } = value as Record<string, unknown>;
  if (typeof toldPercent !== 'number' || typeof toldDays !== 'boolean') throw new Error('it is not what was told');
  return { toldPercent, toldDays, ...(typeof lastToldMs === 'number' ? { lastToldMs } : {}) };
}
