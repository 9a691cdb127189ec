// The vault's own kinds of failure, each with a sentence for the owner of the house. Everything the room throws about keys and
// sealed bytes is one of these; a bug of a caller (a number out of range) is a RangeError.

import { type ErrorKind, NightjarError } from '../base/errors.ts';

const faults = {
  'not-sealed': ['invalid', 'This is not a sealed Nightjar file.'],
  'newer-version': ['invalid', 'This file was made by a newer version of Nightjar. Update, and open it again.'],
  'damaged-header': ['invalid', 'The beginning of this file is damaged, so it cannot be opened.'],
  'another-box': ['denied', 'This file was recorded by another box. It opens only with the keys of that box.'],
  'wrong-key': ['denied', 'This file was sealed for a key that you do not have.'],
  'damaged-chunk': ['invalid', 'A part of this file is damaged. What follows can still be opened.'],
  'missing-chunk': ['invalid', 'A part of this file is missing. What follows can still be opened.'],
  'too-large': ['too-large', 'This piece is too large to be sealed at once.'],
  finished: ['conflict', 'This file is finished; nothing can be added.'],
  forgotten: ['conflict', 'The key of this file was already forgotten.'],
  'damaged-record': ['invalid', 'The signed record is damaged.'],
  'wrong-passphrase': ['denied', 'That passphrase is not right.'],
  'weak-parameters': ['invalid', 'The box asks for a passphrase in a way that is not safe. Do not type it in.'],
  'damaged-keyring': ['invalid', 'The file with the keys is damaged.'],
  'changed-keyring': [
    'invalid',
    'The list of people was changed by somebody who does not hold the key. No key is handed on.',
  ],
  'not-allowed': ['denied', 'This person may not open recordings.'],
  'no-person': ['missing', 'There is no such person.'],
  'last-owner': ['conflict', 'One owner must remain.'],
  'recovery-words': ['invalid', 'The recovery words are not right.'],
  'recovery-text': ['invalid', 'The recovery code is not right.'],
  'wrong-recovery': ['denied', 'This recovery key is well formed, but belongs to another box or was replaced.'],
} as const satisfies Readonly<Record<string, readonly [ErrorKind, string]>>;

export type SealFault = keyof typeof faults;

export class SealError extends NightjarError {
  readonly fault: SealFault;
  /** `detail` follows the sentence: which word, which chunk. Never a secret. */
  constructor(fault: SealFault, detail?: string, options?: { readonly cause?: unknown }) {
    const [kind, sentence] = faults[fault];
    super(kind, detail ? `${sentence} ${detail}` : sentence, options);
    this.fault = fault;
  }
}
