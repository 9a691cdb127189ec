// Which of two certificates a connection is shown: the one for the name that it asks for, or the box's own. An owner who has accepted
// the box's own under its name or address at home is not asked again because there is one for its name on the internet.

import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsCertificate } from './server.ts';

export interface ShownCertificate {
  /** To who names no host: browsers that were given an address. */
  readonly unnamed: TlsCertificate;
  /** Undefined: that one. */
  forName(name: string): SecureContext | undefined;
}

/** @param otherwise to who asks for another name or address than `certificate` is for. Throws when one of them cannot be used. */
export function shownCertificate(certificate: TlsCertificate, otherwise: TlsCertificate | undefined): ShownCertificate {
  if (!otherwise || otherwise.cert === certificate.cert) return { unnamed: certificate, forName: () => undefined };
  const [first, second] = [context(certificate), context(otherwise)];
  const parsed = new X509Certificate(certificate.cert);
  const isForAddresses = /(?:^|, )IP Address:/.test(parsed.subjectAltName ?? '');
  return {
    unnamed: isForAddresses ? certificate : otherwise,
    forName: (name) => (isFor(parsed, name) ? first : second),
  };
}

const context = (certificate: TlsCertificate) => createSecureContext({ ...certificate, minVersion: 'TLSv1.2' });

function isFor(certificate: X509Certificate, name: string): boolean {
  try {
    return certificate.checkHost(name, { subject: 'never' }) !== undefined;
  } catch {
    // Whatever it is, it is no name.
    return false;
  }
}
