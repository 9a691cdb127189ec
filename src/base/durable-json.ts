// One JSON file that survives power cuts and bad edits: written durably, with the last copy that was valid kept beside
// it. Has the shape of a lowdb synchronous adapter. What the value means is the caller's `parse`.

import { closeSync, constants, copyFileSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { type FileSteps, replaceFile, systemFileSteps } from './durable.ts';
import { describeError } from './errors.ts';

export interface DurableJsonOptions<T> {
  readonly path: string;
  /** Throws, in words for the owner, when the value is not acceptable. */
  readonly parse: (value: unknown) => T;
  readonly steps?: FileSteps;
}

export type JsonSource = 'file' | 'last-good' | 'none';

export class DurableJsonFile<T> {
  readonly #o: DurableJsonOptions<T>;
  #source: JsonSource = 'none';
  #problem: string | undefined;

  constructor(options: DurableJsonOptions<T>) {
    this.#o = options;
  }

  /** Where the last `read` found its value. */
  get source(): JsonSource {
    return this.#source;
  }

  /** Why the file itself could not be used, in words for the owner; undefined when it could. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get lastGoodPath(): string {
    return `${this.#o.path}.last-good`;
  }

  /** The value; from the last good copy when the file is cut or invalid; null when there is neither. Never throws for bad content. */
  read(): T | null {
    this.#problem = undefined;
    this.#source = 'none';
    if (existsSync(this.#o.path)) {
      try {
        const text = readPlain(this.#o.path);
        const value = this.#o.parse(parseJson(text));
        this.#source = 'file';
        this.#rememberIfPossible(text);
        return value;
      } catch (error) {
        this.#problem = describeError(error);
        this.#keepAsideIfPossible();
      }
    }
    if (existsSync(this.lastGoodPath)) {
      try {
        const value = this.#o.parse(parseJson(readPlain(this.lastGoodPath)));
        this.#source = 'last-good';
        this.#problem ??= 'the file is gone';
        return value;
      } catch (error) {
        this.#problem ??= `the last good copy cannot be read either: ${describeError(error)}`;
      }
    }
    return null;
  }

  /** Replaces the file, then the last good copy. After it returns, a power cut loses nothing. */
  write(value: T): void {
    const text = `${JSON.stringify(value, null, 2)}\n`;
    replaceFile(this.#o.path, text, this.#o.steps ?? systemFileSteps);
    replaceFile(this.lastGoodPath, text, this.#o.steps ?? systemFileSteps);
  }

  /** On a full disk, or one that is read-only, the last good copy counts all the same: a box that does not start is no help. */
  #keepAsideIfPossible(): void {
    try {
      readPlain(this.#o.path);
      copyFileSync(this.#o.path, `${this.#o.path}.rejected`);
    } catch {
      // The file itself stays where it is until the next write.
    }
  }

  /** On a full disk the file is as good as before; an older copy must not take its place. */
  #rememberIfPossible(text: string): void {
    try {
      if (existsSync(this.lastGoodPath) && readFileSync(this.lastGoodPath, 'utf8') === text) return;
      replaceFile(this.lastGoodPath, text, this.#o.steps ?? systemFileSteps);
    } catch {
      // The next read or write tries again.
    }
  }
}

/** Far more than any of these files has. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A pipe of that name would be waited for without end, and what is larger than memory would end the program at each start. */
function readPlain(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw new Error('it is no file');
    if (found.size > MAX_BYTES) throw new Error('the file is too large');
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** JSON.parse whose error says the line and column where the text stops making sense. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') throw new Error('the file is empty');
  try {
    return JSON.parse(text);
  } catch {
    const at = firstBadOffset(text);
    const before = text.slice(0, at).split('\n');
    const where = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    throw new Error(at >= text.trimEnd().length ? `the file is cut off at ${where}` : `this is not JSON at ${where}`);
  }
}

const token =
  /[ \t\r\n]*(?:[{}[\]:,]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

/** A string, word or number that the end of the file interrupts. */
const unfinished = /^(?:"(?:[^"\\\n]|\\.?)*|t|tr|tru|f|fa|fal|fals|n|nu|nul|-)$/;

/** Engines word and place their JSON errors differently, so find the place here: walk the tokens with the grammar. */
function firstBadOffset(text: string): number {
  const open: ('{' | '[')[] = [];
  let expect: 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing' = 'value';
  let at = 0;
  for (;;) {
    token.lastIndex = at;
    const found = token.exec(text);
    const start = at + (text.slice(at).match(/^[ \t\r\n]*/)?.[0].length ?? 0);
    if (!found) return unfinished.test(text.slice(start)) ? text.length : start;
    const word = found[0].trim();
    const afterValue = () => (open.length === 0 ? 'nothing' : 'comma-or-end');
    if (expect === 'nothing') return start;
    if (word === '}' || word === ']') {
      const ends = expect === 'comma-or-end' || expect === (word === '}' ? 'key-or-end' : 'value-or-end');
      if (!ends || open.pop() !== (word === '}' ? '{' : '[')) return start;
      expect = afterValue();
    } else if (expect === 'colon') {
      if (word !== ':') return start;
      expect = 'value';
    } else if (expect === 'comma-or-end') {
      if (word !== ',') return start;
      expect = open.at(-1) === '{' ? 'key' : 'value';
    } else if (expect === 'key' || expect === 'key-or-end') {
      if (!word.startsWith('"')) return start;
      expect = 'colon';
    } else if (word === '{' || word === '[') {
      open.push(word);
      expect = word === '{' ? 'key-or-end' : 'value-or-end';
    } else if (word === ':' || word === ',') {
      return start;
    } else {
      expect = afterValue();
    }
    at = token.lastIndex;
  }
}
