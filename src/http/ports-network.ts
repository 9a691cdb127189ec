// What the routes about the network ask of the room `network/`. `app/` hands in the real thing.

import type { NetworkView } from './api-network.ts';

export interface NetworkPort {
  view(): NetworkView;
  /** Resolves when the attempt has ended, however it did: that is in the view. Throws `conflict` when no provider is set. */
  updateName(signal: AbortSignal): Promise<NetworkView>;
  /** Begins an attempt; one that is on its way counts. Throws `conflict` when no automatic certificate is wanted. */
  renewCertificate(): NetworkView;
  /** Takes effect at once and is kept. Throws `invalid` with a sentence; nothing has changed then. */
  useOwnCertificate(pem: { readonly certificate: string; readonly key: string }): Promise<NetworkView>;
  /** Back to the automatic one, or the box's own. */
  dropOwnCertificate(): Promise<NetworkView>;
}
