// Whether this machine's wall clock is right, on any Linux: systemd-timesyncd, chrony or ntpd, in that order of cost. The kernel
// knows (`adjtimex`), but has no file that says so; of the programs that ask it the first one that answers is asked again.

import { existsSync } from 'node:fs';
import { runChild } from '../base/child.ts';
import type { Clock } from '../base/clock.ts';

export interface Synchronised {
  /** null: nobody can say. */
  now(): boolean | null;
  /** The clock has just been set: what was known of it is worth nothing until somebody has been asked. */
  stepped(): void;
  close(): void;
}

/** Says nothing, for ever: for commands that record nothing, and for tests. */
export const unsaid: Synchronised = { now: () => null, stepped: () => {}, close: () => {} };

export interface SynchronisedParts {
  readonly clock: Clock;
  /** What a program prints; undefined when it is not there, or fails. */
  readonly ask?: (argv: readonly [string, ...string[]]) => Promise<string | undefined>;
  readonly exists?: (path: string) => boolean;
}

/** Asking starts a process (with timedatectl a second one): often only until the clock is right, or nobody seems to answer. */
const ASK_MS = 15_000;
const ASK_RARELY_MS = 600_000;
const UNANSWERED = 10;
const TIMESYNCD = '/run/systemd/timesync';

interface Witness {
  readonly argv: readonly [string, ...string[]];
  readonly read: (said: string) => boolean | null;
}

const witnesses: readonly Witness[] = [
  // the kernel's word, whoever keeps the time
  { argv: ['timedatectl', 'show', '-p', 'NTPSynchronized', '--value'], read: yesOrNo },
  { argv: ['chronyc', '-n', '-c', 'tracking'], read: chronyLeap },
  { argv: ['adjtimex', '--print'], read: unsyncBit },
  { argv: ['busybox', 'adjtimex'], read: unsyncBit },
];

/** Asks at once, and from then on by itself until it is closed. */
export function watchSynchronised(parts: SynchronisedParts): Synchronised {
  const { clock, ask = askProgram, exists = existsSync } = parts;
  let told: boolean | null = null;
  let witness: Witness | undefined;
  let unanswered = 0;
  // timesyncd makes its file when it has set the clock, and leaves it there whatever is done to the clock later
  let hasSeenFile = false;
  let isFileStale = false;
  let asking: Promise<void> | undefined;
  let isOutdated = false;
  let cancel = () => {};
  let closed = false;

  async function askOnce(): Promise<void> {
    for (const one of witness ? [witness] : witnesses) {
      const said = await ask(one.argv);
      const answer = said === undefined ? null : one.read(said.trim());
      if (answer === null) continue;
      if (isOutdated) return;
      [witness, told, unanswered] = [one, answer, 0];
      return;
    }
    unanswered++; // it may be restarting: its last word stands
  }

  function turn(): void {
    cancel();
    if (asking || closed) return;
    isOutdated = false;
    asking = askOnce()
      .catch(() => {})
      .finally(() => {
        asking = undefined;
        if (isOutdated) turn();
        else if (!closed)
          cancel = clock.after(now() === true || unanswered > UNANSWERED ? ASK_RARELY_MS : ASK_MS, turn);
      });
  }

  function now(): boolean | null {
    if (told !== null) return told;
    if (isFileStale || !exists(TIMESYNCD)) return null;
    const isThere = exists(`${TIMESYNCD}/synchronized`);
    hasSeenFile ||= isThere;
    return isThere;
  }

  turn();
  return {
    now,
    stepped() {
      told = null;
      isFileStale = hasSeenFile;
      isOutdated = true;
      turn();
    },
    close() {
      closed = true;
      cancel();
    },
  };
}

async function askProgram(argv: readonly [string, ...string[]]): Promise<string | undefined> {
  if (!Bun.which(argv[0])) return undefined;
  const { code, stdout } = await runChild(argv, { timeoutMs: 5000 });
  return code === 0 ? new TextDecoder().decode(stdout) : undefined;
}

function yesOrNo(said: string): boolean | null {
  return said === 'yes' ? true : said === 'no' ? false : null;
}

/** The last of its comma-separated values is the leap status. */
function chronyLeap(said: string): boolean | null {
  return said.includes(',') ? !said.endsWith('Not synchronised') : null;
}

/** Bit 6 of the status word is STA_UNSYNC. */
function unsyncBit(said: string): boolean | null {
  const status = /status:\s*(\d+)/.exec(said)?.[1];
  return status === undefined ? null : (Number(status) & 0x40) === 0;
}
