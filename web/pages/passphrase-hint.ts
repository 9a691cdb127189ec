// What is said about a new passphrase while it is typed. The rules are those of `access/`.

import { weakness } from '../../src/access/weakness.ts';

/** `names`: what it must not be, such as the person's own and the box's. */
export function passphraseHint(
  passphrase: string,
  names: readonly string[],
): { readonly enough: boolean; readonly words: string } {
  const length = [...passphrase].length;
  if (length === 0) return { enough: false, words: 'At least 10 characters. Four or five words work well.' };
  const weak = weakness(passphrase, names);
  if (weak) return { enough: false, words: weak };
  if (length < 16) return { enough: true, words: 'Fine. Longer is better: another word helps.' };
  return { enough: true, words: 'Good.' };
}
