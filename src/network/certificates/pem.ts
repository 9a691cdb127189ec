// Judges a private key and its certificates as PEM, whoever they come from: the owner or the authority. Says what is wrong so that an
// owner can mend it, puts the chain in order, and reads what the page shows. Knows no trust: a certificate that the owner signed counts.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

export interface TlsCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM, with the chain behind it. */
  readonly cert: string;
}

export interface CertificateFacts {
  /** Names and addresses it is for; `*.` for a whole level. Never empty. */
  readonly names: readonly string[];
  /** SHA-256, as browsers show it: `AB:CD:…`. */
  readonly fingerprint: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Who signed it, in its own words. */
  readonly issuer: string;
}

export type PairVerdict =
  | { readonly ok: true; readonly pair: TlsCertificate; readonly facts: CertificateFacts }
  /** In words for the owner, as errors have them: no capital, no full stop. */
  | { readonly ok: false; readonly problem: string };

/** A chain of four with 4096-bit keys is a tenth of this. */
export const MAX_PEM_BYTES = 100_000;

/** @param nowMs undefined while the time is not known: then nothing has run out. */
export function judgePair(given: { readonly certificate: string; readonly key: string }, nowMs?: number): PairVerdict {
  try {
    return judge(given, nowMs);
  } catch (error) {
    if (error instanceof Problem) return { ok: false, problem: error.message };
    throw error;
  }
}

/** Whether browsers take it for this host name: a star stands for one label, and the subject's own name has not counted for years. */
export function fitsName({ names }: Pick<CertificateFacts, 'names'>, hostName: string): boolean {
  const asked = hostName.toLowerCase();
  const [first, ...rest] = asked.split('.');
  return first !== '' && (names.includes(asked) || names.includes(`*.${rest.join('.')}`));
}

/** Of the first certificate in a PEM that is known to be good. Throws when it is not. */
export const readFacts = (cert: string): CertificateFacts => factsOf(new X509Certificate(cert));

class Problem extends Error {}

function judge({ certificate, key: keyText }: { readonly certificate: string; readonly key: string }, nowMs?: number) {
  if (Buffer.byteLength(certificate) > MAX_PEM_BYTES || Buffer.byteLength(keyText) > MAX_PEM_BYTES) {
    throw new Problem('that is too big to be a certificate or a key');
  }
  const found = { certificate: blocks(certificate), key: blocks(keyText) };
  const isKey = ({ label }: Block) => label.endsWith('PRIVATE KEY');
  if (!found.certificate.some(isCertificate) && found.certificate.some(isKey) && found.key.some(isCertificate)) {
    throw new Problem('certificate and key are the wrong way round: the key is where the certificate should be');
  }
  const certificates = readCertificates(certificate, found.certificate);
  const key = readKey(keyText, found.key.find(isKey), found.key);
  const leaf = certificates.find((one) => one.checkPrivateKey(key));
  if (!leaf) {
    throw new Problem(
      'the key does not belong to this certificate: take both from the same request, or ask for a new one',
    );
  }
  demandStrength(leaf);
  const facts = factsOf(leaf);
  demandUse(leaf, facts, nowMs);
  const chain = inOrder(leaf, certificates);
  const pair = {
    key: String(key.export({ type: 'pkcs8', format: 'pem' })),
    cert: chain.map((one) => `${one.toString().trimEnd()}\n`).join(''),
  };
  try {
    createSecureContext(pair);
  } catch {
    throw new Problem('the web server cannot use this certificate');
  }
  return { ok: true, pair, facts } as const;
}

interface Block {
  readonly label: string;
  readonly text: string;
}
const isCertificate = ({ label }: Block) => /^(?:X509 |TRUSTED )?CERTIFICATE$/.test(label);

function blocks(text: string): readonly Block[] {
  const found = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g);
  return [...found].map(([whole, label]) => ({ label: label!, text: whole }));
}

function readCertificates(text: string, found: readonly Block[]): readonly X509Certificate[] {
  const certificates = found.filter(isCertificate);
  if (certificates.length === 0) throw new Problem(noCertificate(text, found));
  return certificates.map(({ text: pem }, i) => {
    try {
      return new X509Certificate(pem);
    } catch {
      const which = certificates.length === 1 ? 'the certificate' : `certificate ${i + 1} of ${certificates.length}`;
      throw new Problem(`${which} is damaged: copy the whole file again`);
    }
  });
}

function noCertificate(text: string, found: readonly Block[]): string {
  const label = found[0]?.label ?? '';
  if (label.endsWith('PRIVATE KEY'))
    return 'that is a private key: the certificate is another file, often with .crt or .pem';
  if (/CERTIFICATE REQUEST$/.test(label)) {
    return 'that is a request for a certificate: put in what the certificate authority made of it';
  }
  if (/^(?:PKCS7|CMS)$/.test(label)) return `that is a PKCS #7 bundle: ${asPem}`;
  return notPem(text, 'certificate') ?? 'that is no certificate: it begins with -----BEGIN CERTIFICATE-----';
}

const asPem = 'ask for PEM, the form that begins with -----BEGIN CERTIFICATE-----';

/** Files whose text is not PEM but which look like the right thing in another form. */
function notPem(text: string, what: 'certificate' | 'key'): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return `the ${what} is missing`;
  // 30 82 opens every DER file of this size, whatever the page's decoder made of the second byte
  if (/^0[\u0080-\u009f\u201a\ufffd]/.test(trimmed)) {
    return `that ${what} is in binary form (DER or PFX): ask for PEM, the form that begins with -----BEGIN`;
  }
  if (/^MI[A-Za-z0-9+/=\s]+$/.test(trimmed))
    return `the first and last line of the ${what} are missing: -----BEGIN and -----END`;
  if (/-----BEGIN [A-Z0-9 ]+-----/.test(trimmed)) return `the end of the ${what} is missing: copy the whole file`;
  return undefined;
}

function readKey(text: string, block: Block | undefined, found: readonly Block[]): KeyObject {
  if (!block) throw new Problem(noKey(text, found));
  if (block.label === 'OPENSSH PRIVATE KEY')
    throw new Problem('that key is for SSH: put in the one of the certificate');
  const isLocked = block.label.startsWith('ENCRYPTED') || /^Proc-Type:.*ENCRYPTED/m.test(block.text);
  if (isLocked) {
    throw new Problem(
      'the key has a passphrase, and nobody is there to type it when the box starts: save it without one, with openssl pkey -in key.pem -out open.pem',
    );
  }
  try {
    return createPrivateKey(block.text);
  } catch {
    throw new Problem('the key is damaged: copy the whole file again');
  }
}

function noKey(text: string, found: readonly Block[]): string {
  if (found.some(isCertificate))
    return 'that is a certificate: the key is another file, often with .key or privkey in its name';
  if (found[0]?.label.endsWith('PUBLIC KEY')) return 'that is the public key: put in the private one';
  return notPem(text, 'key') ?? 'that is no key: it begins with -----BEGIN PRIVATE KEY-----';
}

function demandStrength({ publicKey }: X509Certificate): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === 'rsa') {
    const bits = details?.modulusLength ?? 0;
    if (bits < 2048) throw new Problem(`the key is too short (${bits} bits): browsers want RSA with 2048 or more`);
  } else if (type !== 'ec') {
    throw new Problem(`browsers do not take this kind of key (${type}): use RSA with 2048 bits, or ECDSA with P-256`);
  }
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_USE = '2.5.29.37.0';

function demandUse(leaf: X509Certificate, { names, untilMs }: CertificateFacts, nowMs: number | undefined): void {
  if (names.length === 0) throw new Problem('the certificate names no host (subjectAltName): browsers take none such');
  const uses: readonly string[] | undefined = leaf.keyUsage;
  if (uses && !uses.includes(SERVER_AUTH) && !uses.includes(ANY_USE)) {
    throw new Problem('the certificate is not for web servers: ask for one with the use “server authentication”');
  }
  if (nowMs !== undefined && untilMs <= nowMs) {
    throw new Problem(`the certificate ran out on ${new Date(untilMs).toISOString().slice(0, 10)}: put in a newer one`);
  }
}

/** The leaf, then each one's issuer. Leaves out the root, which browsers have, and what does not belong to it. */
function inOrder(leaf: X509Certificate, all: readonly X509Certificate[]): readonly X509Certificate[] {
  const signed = (one: X509Certificate, by: X509Certificate) => one.checkIssued(by) && one.verify(by.publicKey);
  const chain = [leaf];
  for (let last = leaf; !signed(last, last); ) {
    const issuer = all.find((one) => signed(last, one) && !chain.some(({ raw }) => raw.equals(one.raw)));
    if (!issuer) break;
    chain.push(issuer);
    last = issuer;
  }
  if (chain.length === 1 && !signed(leaf, leaf) && leaf.infoAccess?.includes('CA Issuers')) {
    throw new Problem(
      'the certificate of who signed it is missing: take the file with the whole chain, often called fullchain.pem',
    );
  }
  const root = chain.at(-1)!;
  return chain.length > 1 && signed(root, root) ? chain.slice(0, -1) : chain;
}

function factsOf(leaf: X509Certificate): CertificateFacts {
  const names = [...(leaf.subjectAltName ?? '').matchAll(/(?:^|, )(?:DNS|IP Address):([^,"\s]+)/g)];
  return {
    names: names.map(([, name]) => name!.toLowerCase()),
    fingerprint: leaf.fingerprint256,
    fromMs: Date.parse(leaf.validFrom),
    untilMs: Date.parse(leaf.validTo),
    issuer: issuerOf(leaf),
  };
}

function issuerOf(leaf: X509Certificate): string {
  const { O: by, CN: name } = leaf.toLegacyObject().issuer as Readonly<Record<string, string | string[] | undefined>>;
  const [organisation, common] = [by, name].map((one) => (Array.isArray(one) ? one[0] : one)?.trim());
  const words = common && organisation && !common.includes(organisation) ? `${organisation} ${common}` : common;
  return (words || organisation || leaf.issuer.replace(/\s+/g, ' ').trim()).slice(0, 200);
}
