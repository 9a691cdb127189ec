// What the store asks of whoever keeps the keys: to whom files are sealed, and with what the box signs. Types only.

import type { DeviceKey } from '../vault/signed.ts';

export interface Sealing {
  /** X25519, 32 bytes: public half of the newest vault key. Undefined while nobody owns the box: then nothing is recorded. */
  publicKey(): Uint8Array | undefined;
  /** The box's own key, made at its first start. */
  readonly device: DeviceKey;
}
