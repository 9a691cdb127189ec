// What travels between the page and the box about its name on the internet and its certificate. As types only. Owners only;
// `proof` is one's own sign-in secret once more (as in VaultBody), 403 `denied` when it is wrong.

import type { CertificateView, NameView, Outcome } from '../network/view.ts';

export type { CertificateView, NameView, Outcome };

/** GET /api/v1/network → NetworkView. Settings: section `remote` of `/api/v1/settings`, which wants `proof` as `mail` does. */
export interface NetworkView {
  readonly name: NameView;
  /** Absent while the box answers on no encrypted port. */
  readonly certificate?: CertificateView;
  /** https://name[:port] once name and certificate belong together; what to bookmark. */
  readonly address?: string;
}

/** POST /api/v1/network/name/update {} → NetworkView: tries now, answers when that has ended. 409 `conflict` when no provider is set. */
/** POST /api/v1/network/certificate/renew {} → NetworkView: tries now; answers when that has begun (it takes a minute). 409 when none is wanted. */
/** PUT /api/v1/network/certificate/own {certificate, key, proof} → NetworkView; 400 `invalid` with a sentence. DELETE … {proof} → NetworkView. */
export interface OwnCertificateBody {
  /** PEM, with the chain behind it. */
  readonly certificate: string;
  /** PEM, without a passphrase. */
  readonly key: string;
  readonly proof?: string;
}
