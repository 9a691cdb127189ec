// Logs: one line that a tired owner can act on, as JSON on stderr or as plain text on a terminal, and a capped ring in
// memory for the page. Secrets are never passed in; as a second fence, passwords inside URLs are masked here.

import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface LogLine {
  readonly atMs: number;
  readonly level: LogLevel;
  readonly area: string;
  readonly message: string;
  readonly fields?: LogFields;
}

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log under a narrower name, e.g. `camera/front-door`. */
  child(area: string): Log;
}

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Masks the user and password of every URL in a text, and the values of token-like query parameters. */
export function maskSecrets(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@"']+@/gi, '$1•••@')
    .replace(/([?&](?:token|password|pass|pwd|secret|key|auth)=)[^&\s"']+/gi, '$1•••');
}

export class LogBook {
  readonly #lines: LogLine[] = [];
  readonly #clock: Pick<Clock, 'wallMs'>;
  readonly #write: (line: LogLine) => void;
  readonly #level: LogLevel;
  readonly #maxLines: number;

  constructor(options: {
    readonly clock: Pick<Clock, 'wallMs'>;
    readonly write: (line: LogLine) => void;
    readonly level?: LogLevel;
    readonly maxLines?: number;
  }) {
    this.#clock = options.clock;
    this.#write = options.write;
    this.#level = options.level ?? 'info';
    this.#maxLines = options.maxLines ?? 2000;
  }

  /** The newest lines, oldest first. */
  recent(maxLines = 500): readonly LogLine[] {
    return this.#lines.slice(-maxLines);
  }

  log(area: string): Log {
    const at = (level: LogLevel) => (message: string, fields?: LogFields) => this.#add(level, area, message, fields);
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (name) => this.log(area ? `${area}/${name}` : name),
    };
  }

  #add(level: LogLevel, area: string, message: string, fields?: LogFields): void {
    if (rank[level] < rank[this.#level]) return;
    const masked = fields
      ? Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, typeof v === 'string' ? maskSecrets(v) : v]))
      : undefined;
    const line: LogLine = {
      atMs: this.#clock.wallMs(),
      level,
      area,
      message: maskSecrets(message).slice(0, 1000),
      ...(masked ? { fields: masked } : {}),
    };
    this.#lines.push(line);
    if (this.#lines.length > this.#maxLines) this.#lines.splice(0, this.#lines.length - this.#maxLines);
    this.#write(line);
  }
}

/** One JSON object per line, for journald and log collectors. */
export const jsonLine = (line: LogLine): string =>
  JSON.stringify({
    time: new Date(line.atMs).toISOString(),
    level: line.level,
    area: line.area,
    message: line.message,
    ...line.fields,
  });

/** One readable line, for a terminal. */
export function plainLine(line: LogLine): string {
  const time = new Date(line.atMs).toISOString().slice(11, 19);
  const fields = Object.entries(line.fields ?? {})
    .filter(([, v]) => v !== undefined)
    .map(([k, v]) => ` ${k}=${typeof v === 'string' && /\s/.test(v) ? JSON.stringify(v) : v}`)
    .join('');
  const mark = line.level === 'info' ? '' : `${line.level.toUpperCase()} `;
  return `${time} ${mark}${line.area}: ${line.message}${fields}`;
}

/** A log that keeps nothing: for tests and for rooms used as a library. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
