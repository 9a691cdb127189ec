// What travels between the page and the box about people, keys and sealed footage, as types only. The box never sees a
// passphrase: the browser stretches it (`vault/passphrase.ts`) into two secrets, and sends the one that signs in. The keyring
// that opens recordings is made and changed in the browser; the box keeps it and judges its form. All bytes are hex.

import type { Keyring, Role, Wrapped } from '../vault/keyring.ts';
import type { PassphraseParameters } from '../vault/passphrase.ts';
import type { SegmentView } from './api.ts';

export type { Keyring, PassphraseParameters, Role, Wrapped };

/** In SessionView, of whoever is signed in. */
export interface SignedInPerson {
  /** As in the keyring. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Signing in asks for a code, too. */
  readonly secondFactor: boolean;
}

/** POST /api/v1/claim (public, once) → SessionView. The keyring holds one person, the owner, and names this box's `deviceKey`. */
export interface ClaimBody {
  /** Grouped for reading, e.g. `K7QF-3MHD`; case, spaces and dashes do not matter. Left out while `SessionView.setup` needs none. */
  readonly code?: string;
  readonly name: string;
  readonly keyring: Keyring;
  readonly signIn: string;
}

/** POST /api/v1/login/parameters {name} (public, throttled): the same answer for the same name, also for nobody's. */
export interface LoginParameters extends PassphraseParameters {
  readonly personId: string;
}

/**
 * POST /api/v1/login (public, throttled) → SessionView. 401 with kind `second-factor`: name and secret are right; ask for the
 * code and send all three. A wrong code answers 401 `denied`. A code is good once.
 */
export interface LoginBody {
  readonly name: string;
  readonly signIn: string;
  readonly code?: string;
}

/**
 * GET /api/v1/vault → VaultView. An owner gets the whole keyring; others one in which they stand alone (as do the keys that
 * they hold). Whoever changes it sends it whole with the `revision` it was read at; 409 `conflict` when it is another by now.
 */
export interface VaultView {
  readonly keyring: Keyring;
  readonly revision: string;
}

/** PUT /api/v1/vault/me → {}: a new passphrase for oneself. Ends one's other sessions. 403 `denied` when `current` is wrong. */
export interface NewPassphraseBody {
  readonly current: string;
  readonly signIn: string;
  readonly wrapped: Wrapped;
}

/**
 * PUT /api/v1/vault (owner) → VaultView: another vault key or recovery key, the same people. Here and in all that changes
 * people, `proof` is one's own sign-in secret once more (403 `denied`), so that a stolen cookie cannot have recordings sealed to
 * a thief's key. It may be left out in a session begun with the recovery key.
 */
export interface VaultBody extends VaultView {
  readonly proof?: string;
}

/** GET /api/v1/people (owner) → PersonView[]. */
export interface PersonView extends SignedInPerson {
  readonly createdAtMs: number;
  /** When they last signed in or came back. */
  readonly lastSeenMs?: number;
}
/** POST /api/v1/people (owner) → 201 PersonView. The keyring has exactly one person more, `personId`. */
export interface NewPersonBody extends VaultBody {
  readonly name: string;
  readonly personId: string;
  readonly signIn: string;
}
/** DELETE /api/v1/people/:id (owner), VaultBody → {}: the keyring has that person no more. Ends their sessions. */
/** POST /api/v1/people/:id/reset (owner, or whoever recovered) → {}: a new key and passphrase for them. Their second factor is off then. */
export interface ResetPersonBody extends VaultBody {
  readonly signIn: string;
}

/** POST /api/v1/recover {} (public, throttled) → RecoverChallenge: 32 bytes sealed to the recovery key's public half. Good once, for five minutes. */
export interface RecoverChallenge {
  readonly id: string;
  readonly challenge: string;
}
/** POST /api/v1/recover/answer (public, throttled) → SessionView of the owner of that name (the only owner when it is left out). */
export interface RecoverAnswer {
  readonly id: string;
  readonly answer: string;
  readonly name?: string;
}

/** POST /api/v1/second-factor {proof?} → SecondFactorOffer, 403 without proof (as in VaultBody); it counts once POST /api/v1/second-factor/confirm {code} → {} has seen a right code. */
export interface SecondFactorOffer {
  /** Base32, for typing in. */
  readonly secret: string;
  /** otpauth://totp/… for a QR code. */
  readonly uri: string;
}
/** DELETE /api/v1/second-factor {signIn} → {}. */

/**
 * Sealed bytes, as `docs/reference/sealed-format.md` has them, opened by the page (viewers and owners):
 * GET /api/v1/segments/:id/sealed (byte ranges), GET /api/v1/recordings/:id/still, GET /api/v1/events/:id/difference.
 * GET /api/v1/segments/:id/index → SegmentIndexView, so that a page need not read the end of a file first, and can open one
 * that is still being written. It only says where to look: each chunk proves itself when it is opened.
 */
export interface SegmentIndexView {
  /** Whole up to here. */
  readonly bytes: number;
  /** Of the head. */
  readonly headBytes: number;
  readonly finished: boolean;
  /** A chunk each: number, place in the file, from and to (ms in the segment), flags (1 init, 2 key frame), moved 0–100 or 255 for unknown. */
  readonly entries: readonly (readonly [
    number: number,
    at: number,
    fromMs: number,
    toMs: number,
    flags: number,
    moved: number,
  ])[];
}

/**
 * GET /api/v1/timeline?camera=&from=&to=&after= : what there is to play, oldest first, at most 2000 segments. Those that
 * overlap the time asked for belong to it. `after` is `next` of the answer before.
 */
export interface TimelineView {
  readonly segments: readonly TimelineSegment[];
  readonly next?: string;
}
export interface TimelineSegment extends SegmentView {
  readonly recordingId: string;
  readonly cameraId: string;
  /** Highest motion level of its recording, 0–100. */
  readonly peakLevel: number;
}

/** PUT /api/v1/recordings/:id/star (owner) keeps a recording from being removed by age or for room; DELETE lets it go again. Both → RecordingView. */
