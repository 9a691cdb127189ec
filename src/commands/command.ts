// What every command gets and answers, and how its options are read. Wrong options are one sentence and exit code 2.

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { describeError, NightjarError } from '../base/errors.ts';

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
}

/** Resolves with the exit code: 0 it worked, 1 it did not, 2 it was called in a wrong way, 3 it worked in part. */
export type Command = (argv: readonly string[], io: Terminal) => Promise<number>;

export interface Options {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

/** Reads options. Throws `invalid` with a sentence that names what is wrong. */
export function readOptions(argv: readonly string[], options: ParseArgsOptionsConfig): Options {
  try {
    const parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    return { values: parsed.values as Options['values'], positionals: parsed.positionals };
  } catch (cause) {
    throw new NightjarError('invalid', describeError(cause).replace(/\. To specify a positional.*$/, ''));
  }
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8080`, `[::]:8443`, `0.0.0.0:0`, or a bare port on every address. Throws `invalid`. */
export function readHostPort(text: string, option: string): HostPort {
  const found = /^(?:(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):)?(\d{1,5})$/.exec(text);
  const port = Number(found?.[2]);
  if (!found || port > 65_535) {
    throw new NightjarError(
      'invalid',
      `${option} must be HOST:PORT, for example 127.0.0.1:8080, not ${JSON.stringify(text)}`,
    );
  }
  return { host: (found[1] ?? '0.0.0.0').replace(/^\[|\]$/g, ''), port };
}
