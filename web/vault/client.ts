// What pages may ask of the vault. The keys live in a worker of the page and nowhere else: they are gone with the tab, and
// asked for again after a reload. Types and the one instance; the worker's side is `worker.ts`.

import type { Keyring, LoginParameters, PersonView, Role, SegmentIndexView, Wrapped } from '../../src/http/api.ts';
import type { Store } from '../store.ts';

/** locked: ask for the passphrase. open: recordings can be shown. nothing: this person may see live pictures only. */
export type VaultState = 'locked' | 'open' | 'nothing';

export interface NewVault {
  readonly keyring: Keyring;
  readonly signIn: string;
  /** Shown once: fifteen words, and the text that a QR code carries. */
  readonly recovery: RecoverySheet;
}
export interface RecoverySheet {
  readonly words: readonly string[];
  readonly text: string;
}
export interface ChangedKeyring {
  readonly keyring: Keyring;
  /** Of the person who was added or reset. */
  readonly personId: string;
  readonly signIn: string;
}

/** A picture or a segment that was opened; throws VaultError with the vault's own sentence when it cannot be. */
export interface VaultClient {
  readonly state: Store<VaultState>;

  /** Makes keys for a new box and holds them. 1–2 s on a phone. */
  claim(passphrase: string, deviceKey: string): Promise<NewVault>;
  /** Stretches a passphrase; the answer signs in. The other half stays in the worker for `open`. */
  stretch(passphrase: string, parameters: LoginParameters): Promise<string>;
  /** Opens the vault with what `stretch` left, after signing in. Becomes `nothing` for somebody live-only. */
  open(keyring: Keyring, personId: string): Promise<void>;
  /** Signs the challenge of a recovery; `recovery` is words in any case and spacing, or the QR code's text. */
  answerChallenge(recovery: string, challenge: string): Promise<string>;
  openWithRecovery(keyring: Keyring): Promise<void>;
  /** Forgets all keys. */
  lock(): Promise<void>;

  changePassphrase(
    keyring: Keyring,
    personId: string,
    before: string,
    after: string,
  ): Promise<{ readonly current: string; readonly signIn: string; readonly wrapped: Wrapped }>;
  addPerson(
    keyring: Keyring,
    newcomer: { readonly role: Role; readonly passphrase: string; readonly earlier: boolean },
  ): Promise<ChangedKeyring>;
  removePerson(keyring: Keyring, personId: string): Promise<Keyring>;
  resetPerson(keyring: Keyring, personId: string, passphrase: string): Promise<ChangedKeyring>;
  replaceRecovery(keyring: Keyring): Promise<{ readonly keyring: Keyring; readonly recovery: RecoverySheet }>;

  /** A still or difference picture, as an address for <img>; give it back with URL.revokeObjectURL. */
  picture(path: string, mimeType: 'image/jpeg' | 'image/png', signal?: AbortSignal): Promise<string>;
  segment(id: string, index: SegmentIndexView): VaultSegment;
}

/** One segment, opened piece by piece. */
export interface VaultSegment {
  /** Chunks from the key frame at or before `fromMs`, init segment first, with what is missing between them; ends with the file. */
  pieces(fromMs: number, signal: AbortSignal): AsyncIterable<VaultPiece>;
  close(): void;
}
export type VaultPiece =
  | { readonly kind: 'init'; readonly bytes: Uint8Array }
  | { readonly kind: 'media'; readonly bytes: Uint8Array; readonly fromMs: number; readonly toMs: number }
  /** Damaged or missing: say so in its place, and go on. */
  | { readonly kind: 'gap'; readonly fromMs: number; readonly toMs: number; readonly message: string };

export class VaultError extends Error {
  /** The vault's own word for it (`SealFault`), e.g. `wrong-passphrase`. */
  readonly fault: string;
  constructor(fault: string, message: string) {
    super(message);
    this.fault = fault;
  }
}

export type { PersonView };
