// The last lines a program wrote to its standard error: bounded, one listener per line, never containing a password.

import { maskSecrets } from '../base/log.ts';

const maxLines = 40;
const maxLineLength = 500;

/** Hides user and password also where ffmpeg quotes an address in unusual places. */
export const safeLine = (line: string): string => maskSecrets(line.slice(0, maxLineLength * 4)).slice(0, maxLineLength);

export class StderrTail {
  readonly #lines: { readonly line: string; readonly atMs: number }[] = [];
  readonly #onLine: (line: string) => void;
  readonly #nowMs: () => number;
  #rest = '';

  /** `nowMs`: for whoever asks what was written since. */
  constructor(onLine: (line: string) => void = () => {}, nowMs: () => number = () => 0) {
    this.#onLine = onLine;
    this.#nowMs = nowMs;
  }

  get text(): string {
    return this.since(Number.NEGATIVE_INFINITY);
  }

  /** What was written from a moment on. */
  since(atMs: number): string {
    const lines = this.#lines.filter((l) => l.atMs >= atMs).map((l) => l.line);
    return [...lines, safeLine(this.#rest)].join('\n').trim();
  }

  push(bytes: Uint8Array): void {
    // Latin-1 is enough for keywords, never fails and needs no state at chunk borders.
    const parts = (this.#rest + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')).split(
      /[\r\n]+/,
    );
    this.#rest = (parts.pop() ?? '').slice(-maxLineLength * 4);
    for (const part of parts) {
      if (part === '') continue;
      const line = safeLine(part);
      this.#lines.push({ line, atMs: this.#nowMs() });
      if (this.#lines.length > maxLines) this.#lines.shift();
      this.#onLine(line);
    }
  }

  /** Reads a stream to its end. Never rejects: a broken pipe is an end. */
  async drain(stream: ReadableStream<Uint8Array>): Promise<void> {
    try {
      for await (const bytes of stream) this.push(bytes);
    } catch {
      // The program is gone; how it ended is told by its exit.
    }
  }
}
