// What the page about name and certificate asks of the box. A certificate goes in and out with the proof that the passphrase was typed.

import type { NetworkView, OwnCertificateBody } from '../src/http/api.ts';
import { ApiError, api } from './api.ts';
import { proof } from './people.ts';

/** Answers when the attempt has ended, however it did. */
export const tryName = () => api.post<NetworkView>('/network/name/update', {});
/** Answers when the attempt has begun. */
export const getCertificate = () => api.post<NetworkView>('/network/certificate/renew', {});

/** Of both files together; the box takes a little more, in JSON. */
const maxBytes = 60_000;

/** Throws an ApiError with a sentence when the box cannot use them; nothing has changed then. */
export async function putOwnCertificate(files: {
  readonly certificate: File;
  readonly key: File;
}): Promise<NetworkView> {
  if (files.certificate.size + files.key.size > maxBytes) {
    throw new ApiError('too-large', 'These files are too large to be a certificate and its key.');
  }
  const [certificate, key] = await Promise.all([files.certificate.text(), files.key.text()]);
  const body: OwnCertificateBody = { certificate, key, ...(await proof()) };
  return api.put<NetworkView>('/network/certificate/own', body);
}

export const dropOwnCertificate = async () => api.delete<NetworkView>('/network/certificate/own', await proof());
