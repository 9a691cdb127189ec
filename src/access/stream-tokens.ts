// Tokens that open a camera's pictures to a player that cannot sign in. Shown once, kept as hashes, taken back by name.
// Where the list is stored is `access.ts`'s business.

import { createHash } from 'node:crypto';
import { NightjarError } from '../base/errors.ts';
import type { KeptStreamToken } from './people.ts';

export const MAX_STREAM_TOKENS = 100;

export interface StreamToken {
  readonly id: string;
  readonly name: string;
  /** null: every camera. */
  readonly cameraId: string | null;
  readonly createdAtMs: number;
  readonly lastUsedMs?: number;
  /** Only in the answer to its creation. */
  readonly token?: string;
}

/** A new token: what is kept, and the secret that is shown once. Throws `invalid` for a name that cannot be shown. */
export function newStreamToken(
  name: string,
  cameraId: string | null,
  nowMs: number,
  random: (length: number) => Uint8Array,
): { readonly kept: KeptStreamToken; readonly token: string } {
  const shown = name.trim().replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, ' ');
  if (shown === '' || [...shown].length > 60)
    throw new NightjarError('invalid', 'a token needs a name of 1 to 60 characters');
  const token = `nj_${Buffer.from(random(32)).toString('base64url')}`;
  const id = Buffer.from(random(9)).toString('base64url');
  return { kept: { id, name: shown, cameraId, hash: tokenHash(token), createdAtMs: nowMs }, token };
}

/** The token that opens this camera. Looked up by hash, so that its bytes are never compared one by one. */
export function tokenFor(
  tokens: readonly KeptStreamToken[],
  token: string,
  cameraId: string,
): KeptStreamToken | undefined {
  if (token.length < 20 || token.length > 100) return undefined;
  const hash = tokenHash(token);
  return tokens.find((t) => t.hash === hash && (t.cameraId === null || t.cameraId === cameraId));
}

export const tokenHash = (token: string) => createHash('sha256').update(token).digest('base64url');

/** What a page may know of a token. */
export const viewOf = ({ id, name, cameraId, createdAtMs, lastUsedMs }: KeptStreamToken): StreamToken => ({
  id,
  name,
  cameraId,
  createdAtMs,
  ...(lastUsedMs === undefined ? {} : { lastUsedMs }),
});
