// Opens pictures a few at a time, in the order in which they came into view: a page of sixty stills neither floods the box nor
// the worker, and what was scrolled past is not opened any more.

import { type VaultClient, vault } from './client.ts';

const AT_ONCE = 4;

interface Wanted {
  readonly path: string;
  readonly mimeType: 'image/jpeg' | 'image/png';
  readonly signal: AbortSignal;
  readonly resolve: (url: string) => void;
  readonly reject: (error: unknown) => void;
}

export class PictureQueue {
  readonly #open: VaultClient['picture'];
  readonly #atOnce: number;
  #waiting: Wanted[] = [];
  #running = 0;

  constructor(open: VaultClient['picture'], atOnce = AT_ONCE) {
    this.#open = open;
    this.#atOnce = atOnce;
  }

  /** An address for <img>, to be given back with URL.revokeObjectURL. Rejects with the reason when aborted. */
  open(path: string, mimeType: Wanted['mimeType'], signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ path, mimeType, signal, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    while (this.#running < this.#atOnce) {
      const wanted = this.#waiting.shift();
      if (!wanted) return;
      if (wanted.signal.aborted) {
        wanted.reject(wanted.signal.reason);
        continue;
      }
      this.#running++;
      this.#open(wanted.path, wanted.mimeType, wanted.signal)
        .then(wanted.resolve, wanted.reject)
        .finally(() => {
          this.#running--;
          this.#next();
        });
    }
  }
}

export const pictures = new PictureQueue((...args) => vault.picture(...args));
