// What travels between a page and its worker: calls with an answer each, progress on the way, and streams of pieces that are asked
// for one by one. Types only. Of secrets, only the one that signs in and what is shown to be written down ever come back.

import type { Keyring, LoginParameters, Role, SegmentIndexView, Wrapped } from '../../src/http/api.ts';
import type { ChangedKeyring, ExportPart, NewVault, RecoverySheet, VaultPiece, VaultState } from './client.ts';

export interface WorkerCalls {
  claim(passphrase: string, deviceKey: string): NewVault;
  stretch(passphrase: string, parameters: LoginParameters): string;
  open(keyring: Keyring, personId: string): void;
  answerChallenge(recovery: string, challenge: string): string;
  openWithRecovery(keyring: Keyring): void;
  lock(): void;
  proof(): string | undefined;
  changePassphrase(
    keyring: Keyring,
    personId: string,
    before: string,
    after: string,
  ): { readonly current: string; readonly signIn: string; readonly wrapped: Wrapped };
  addPerson(
    keyring: Keyring,
    newcomer: { readonly role: Role; readonly passphrase: string; readonly earlier: boolean },
  ): ChangedKeyring;
  removePerson(keyring: Keyring, personId: string): Keyring;
  resetPerson(keyring: Keyring, personId: string, passphrase: string): ChangedKeyring;
  replaceRecovery(keyring: Keyring): { readonly keyring: Keyring; readonly recovery: RecoverySheet };
  picture(path: string): Uint8Array<ArrayBuffer>;
  /** Opens a stream of pieces; `nextPiece` asks for one after the other. */
  openPieces(segmentId: string, index: SegmentIndexView, fromMs: number): number;
  /** Undefined at the end. */
  nextPiece(stream: number): VaultPiece | undefined;
  closePieces(stream: number): void;
  exportMp4(parts: readonly ExportPart[], createdAtMs: number): { readonly file: Blob; readonly missingMs: number };
}
export type CallName = keyof WorkerCalls;

export type ToWorker =
  | { readonly kind: 'call'; readonly id: number; readonly name: CallName; readonly args: readonly unknown[] }
  | { readonly kind: 'abort'; readonly id: number };

export type FromWorker =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly state: VaultState }
  | {
      readonly kind: 'failure';
      readonly id: number;
      readonly fault: string;
      readonly message: string;
      readonly state: VaultState;
    }
  | { readonly kind: 'progress'; readonly id: number; readonly done: number };
