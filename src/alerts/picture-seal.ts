// Pictures of waiting mails as they lie on the disk: AES-256-GCM, bound to the mail and to which of its pictures it is.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** nonce ‖ ciphertext ‖ tag */
export function sealPicture(key: Uint8Array, name: string, picture: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(name));
  return new Uint8Array(Buffer.concat([nonce, cipher.update(picture), cipher.final(), cipher.getAuthTag()]));
}

/** Undefined when it was sealed before the power went, for another mail, or is damaged. */
export function openPicture(key: Uint8Array, name: string, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
    cipher.setAAD(Buffer.from(name));
    cipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const body = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
    return new Uint8Array(Buffer.concat([cipher.update(body), cipher.final()]));
  } catch {
    return undefined;
  }
}
