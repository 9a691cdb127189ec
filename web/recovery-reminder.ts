// Whether the recovery sheet that was shown in this browser has been checked. Remembered here, by the public half of its key: the box
// cannot know what lies in a drawer. A sheet counts as unchecked from the moment it is made, so a closed tab is noticed, too.

import { createStore } from './store.ts';

const key = 'nightjar.unchecked-sheet';

const stored = (): string | undefined => {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
};

/** Public recovery key of the sheet that nobody has checked; undefined when all is well. */
export const uncheckedSheet = createStore<string | undefined>(stored());

export function rememberUncheckedSheet(publicKey: string): void {
  uncheckedSheet.set(publicKey);
  try {
    localStorage.setItem(key, publicKey);
  } catch {
    // A browser that keeps nothing reminds until it is closed.
  }
}

export function forgetSheet(): void {
  uncheckedSheet.set(undefined);
  try {
    localStorage.removeItem(key);
  } catch {
    // It kept nothing.
  }
}
