// One try to send a mail: what is to be sent, and what became of it. The words between the outbox, which decides when, and the
// mailer, which knows how.

import type { Alert } from './alert.ts';

/** What became of one try. */
export type Attempt =
  /** The server has answered for each recipient; a mail that it took for some is on its way to them. */
  | {
      readonly kind: 'answered';
      readonly accepted: readonly string[];
      readonly refused: readonly Refusal[];
      readonly later: readonly Refusal[];
    }
  /** The mail itself was refused for good. */
  | { readonly kind: 'mail-refused'; readonly message: string; readonly tooLarge: boolean }
  /** This mail did not go through; another might. `answered`: the server said so itself, it did not just fall silent. */
  | { readonly kind: 'mail-failed'; readonly message: string; readonly answered: boolean }
  /** No mail would have gone through. `ownersFault`: trying again soon is useless and may get the account locked. */
  | { readonly kind: 'server-failed'; readonly message: string; readonly ownersFault: boolean };

export interface Refusal {
  readonly address: string;
  readonly message: string;
}

export interface Job {
  readonly alert: Alert;
  readonly messageId: string;
  readonly createdMs: number;
  readonly waitedMs: number;
  readonly picture?: Uint8Array;
  /** PNG */
  readonly difference?: Uint8Array;
  readonly to: readonly string[];
}
