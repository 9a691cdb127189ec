// One line that counts up while a long command works; nothing where nobody looks.

import type { Terminal } from './command.ts';

export interface Progress {
  show(text: string): void;
  /** Takes the line away again. */
  done(): void;
}

const EVERY_MS = 200;

export function progressOn(io: Terminal): Progress {
  if (!io.isTerminal || process.stderr.isTTY !== true) return { show() {}, done() {} };
  let shownMs = 0;
  return {
    show(text) {
      if (performance.now() - shownMs < EVERY_MS) return;
      shownMs = performance.now();
      process.stderr.write(`\r\x1b[2K${text}`);
    },
    done() {
      process.stderr.write('\r\x1b[2K');
    },
  };
}
