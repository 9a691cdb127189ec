// The record of unexpected ends: the service crashed or stood still, the box lost power, its kernel hung, or it was restarted
// because nothing else helped. Pure: what a start, an end and a restart of the box make of the record. Tells a power cut from a
// restart by the kernel's boot id, and by whether somebody noted an end before it.

export type RestartKind = 'crash' | 'watchdog' | 'power' | 'reboot' | 'kernel';

export interface Restart {
  readonly kind: RestartKind;
  /** A sentence. */
  readonly message: string;
  /** Which run of the machine noted it, and how far it was into it: it is dated afterwards, when the time becomes known. */
  readonly bootId: string;
  readonly sinceBootMs: number;
  /** UTC; absent while the box does not know the time. */
  readonly atMs?: number;
}

export interface RestartRecord {
  /** The run of the machine in which the service last started, and whether it has ended since in a way that was noted. */
  readonly run?: { readonly bootId: string; readonly hasEnded: boolean };
  /** Newest last, at most 20. */
  readonly restarts: readonly Restart[];
  /** How often the box was restarted because of crashes without being well in between. */
  readonly rebootsInARow: number;
  /** Cameras that gave pictures when the service last ended on purpose. */
  readonly camerasLive: number;
}

/** A moment of this run of the machine. `atMs` only when the time is known. */
export interface Moment {
  readonly bootId: string;
  readonly sinceBootMs: number;
  readonly atMs?: number;
}

/** As systemd tells it to ExecStopPost= (systemd.exec(5), SERVICE_RESULT and EXIT_STATUS). */
export interface Ending {
  readonly result: string;
  readonly status?: string;
  /** What was not proven when it ended: see `proof.ts`. */
  readonly because?: string;
}

const MOST = 20;
const MESSAGE_CHARS = 300;

export const noRestarts: RestartRecord = { restarts: [], rebootsInARow: 0, camerasLive: 0 };

/** The service starts. `isKernelReset`: the hardware watchdog says that it reset the machine before this boot. */
export function afterStart(record: RestartRecord, moment: Moment, isKernelReset: boolean): RestartRecord {
  const run = { bootId: moment.bootId, hasEnded: false };
  const before = record.run;
  if (!before || before.hasEnded) return { ...record, run };
  const kind = before.bootId === moment.bootId ? 'crash' : isKernelReset ? 'kernel' : 'power';
  return { ...withRestart(record, moment, kind, startWords[kind]), run };
}

const startWords = {
  crash: 'Nightjar stopped unexpectedly and was started again.',
  kernel: 'The system stood still, so the box’s watchdog restarted it.',
  power: 'The box went off without being told to: the power failed, or the system stood still.',
} as const;

/** The service has ended. */
export function afterEnd(record: RestartRecord, moment: Moment, ending: Ending): RestartRecord {
  const run = { bootId: moment.bootId, hasEnded: true };
  const words = endWords(ending);
  return { ...(words ? withRestart(record, moment, words.kind, words.message) : record), run };
}

function endWords({ result, status, because }: Ending): { kind: 'crash' | 'watchdog'; message: string } | undefined {
  const crash = (message: string) => ({ kind: 'crash', message }) as const;
  switch (result) {
    case 'success':
      return undefined;
    case 'watchdog':
      return {
        kind: 'watchdog',
        message: `Nightjar stood still${because ? `, because ${because},` : ''} and was stopped.`,
      };
    case 'oom-kill':
      return crash('The box ran out of memory, so Nightjar was stopped.');
    case 'timeout':
      return crash('Nightjar did not start or stop in time and was stopped.');
    case 'exit-code':
      return crash('Nightjar stopped because of an error.');
    default:
      return crash(`Nightjar stopped unexpectedly (${[result, status].filter(Boolean).join(', ')}).`);
  }
}

/** The box restarts itself now, because of crashes. */
export function afterReboot(record: RestartRecord, moment: Moment, message: string): RestartRecord {
  return {
    ...withRestart(record, moment, 'reboot', message),
    run: { bootId: moment.bootId, hasEnded: true },
    rebootsInARow: record.rebootsInARow + 1,
  };
}

/** The time has become known: what this run of the machine noted without it is dated. The same record when there is nothing. */
export function dated(record: RestartRecord, moment: Required<Moment>): RestartRecord {
  const isUndated = (one: Restart) => one.atMs === undefined && one.bootId === moment.bootId;
  if (!record.restarts.some(isUndated)) return record;
  const atMs = (one: Restart) => Math.round(moment.atMs - (moment.sinceBootMs - one.sinceBootMs));
  return {
    ...record,
    restarts: record.restarts.map((one) => (isUndated(one) ? { ...one, atMs: atMs(one) } : one)),
  };
}

const FIRST_MS = 10_000;
const MOST_MS = 3_600_000;

/** How long the box waits before it restarts itself the next time: ten seconds more each time, at most an hour. */
export const rebootDelayMs = (rebootsInARow: number): number => Math.min(MOST_MS, FIRST_MS * (rebootsInARow + 1));

/** The sentence with which a record of it is written. */
function withRestart(record: RestartRecord, moment: Moment, kind: RestartKind, message: string): RestartRecord {
  const one: Restart = { kind, message: message.slice(0, MESSAGE_CHARS), ...moment };
  return { ...record, restarts: [...record.restarts, one].slice(-MOST) };
}

const kinds: readonly string[] = ['crash', 'watchdog', 'power', 'reboot', 'kernel'] satisfies readonly RestartKind[];

/** Throws when it is no record. */
export function parseRestarts(value: unknown): RestartRecord {
  const { run, restarts, rebootsInARow, camerasLive } = (value ?? {}) as Record<string, unknown>;
  if (!Array.isArray(restarts)) throw new Error('it is no record of restarts');
  const { bootId, hasEnded } = (run ?? {}) as Record<string, unknown>;
  return {
    ...(typeof bootId === 'string' ? { run: { bootId, hasEnded: hasEnded === true } } : {}),
    restarts: restarts.slice(-MOST).map(parseRestart),
    rebootsInARow: count(rebootsInARow),
    camerasLive: count(camerasLive),
  };
}

function parseRestart(value: unknown): Restart {
  const { kind, message, bootId, sinceBootMs, atMs } = (value ?? {}) as Record<string, unknown>;
  if (typeof kind !== 'string' || !kinds.includes(kind)) throw new Error('a restart in it is of no known kind');
  if (typeof message !== 'string' || typeof bootId !== 'string') throw new Error('a restart in it is cut');
  return {
    kind: kind as RestartKind,
    message: message.slice(0, MESSAGE_CHARS),
    bootId,
    sinceBootMs: count(sinceBootMs),
    ...(typeof atMs === 'number' && Number.isFinite(atMs) ? { atMs } : {}),
  };
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0)) throw new Error('a number in it is none');
  return value;
}
