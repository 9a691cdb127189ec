// The box's own certificate, for as long as it has none that browsers trust: made at the first start, kept in the data
// folder, renewed in time with the same key. What makes one is loaded only then: 0.2 s that a usual start does not pay.

import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { privateFolder, replaceFile } from '../base/durable.ts';
import { provideReflectMetadata } from './reflect-metadata.ts';
import type { TlsCertificate } from './server.ts';

/** Apple's systems refuse more than 825 days from begin to end, even from an owner who trusts the certificate by hand. */
const LIFE_DAYS = 820;
const RENEW_DAYS = 60;
const DAY_MS = 86_400_000;
/** Begins a little in the past: the clock of who looks may be behind ours. */
const BEGINS_BEFORE_MS = 2 * DAY_MS;

export interface BoxCertificate extends TlsCertificate {
  /** SHA-256 of the certificate, as browsers show it: `AB:CD:…`. */
  readonly fingerprint: string;
  readonly untilMs: number;
}

/** Host names and addresses under which this machine is reached at home. */
export function boxNames(): { readonly names: readonly string[]; readonly addresses: readonly string[] } {
  const name = hostname().toLowerCase();
  const short = name.split('.')[0]!;
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family, address }) => family === 'IPv4' || !address.startsWith('fe80'))
    .map(({ address }) => address);
  return {
    names: [...new Set(['localhost', name, short, `${short}.local`])].filter((n) => /^[a-z0-9.-]+$/.test(n)),
    addresses: [...new Set(['127.0.0.1', '::1', ...addresses])],
  };
}

/** The certificate kept in the folder; made where there is none, and renewed where it is damaged or near its end. */
export async function ensureBoxCertificate(options: {
  readonly folder: string;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly names?: ReturnType<typeof boxNames>;
}): Promise<BoxCertificate> {
  const { folder, clock } = options;
  const paths = { key: join(folder, 'box-key.pem'), cert: join(folder, 'box-certificate.pem') };
  const kept = { key: read(paths.key), cert: read(paths.cert) };
  const usable = kept.key && kept.cert ? describe(kept.key, kept.cert) : undefined;
  if (usable && usable.untilMs - clock.wallMs() > RENEW_DAYS * DAY_MS) return usable;
  const made = await make(kept.key, clock.wallMs(), options.names ?? boxNames());
  privateFolder(folder);
  replaceFile(paths.key, made.key);
  replaceFile(paths.cert, made.cert);
  const certificate = describe(made.key, made.cert);
  if (!certificate) throw new Error('the new certificate does not belong to its key');
  return certificate;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Undefined when it is damaged, or key and certificate do not belong together. */
function describe(key: string, cert: string): BoxCertificate | undefined {
  try {
    const parsed = new X509Certificate(cert);
    if (!parsed.checkPrivateKey(createPrivateKey(key))) return undefined;
    return { key, cert, fingerprint: parsed.fingerprint256, untilMs: Date.parse(parsed.validTo) };
  } catch {
    return undefined;
  }
}

async function make(
  keptKey: string | undefined,
  nowMs: number,
  { names, addresses }: ReturnType<typeof boxNames>,
): Promise<TlsCertificate> {
  provideReflectMetadata();
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(crypto);
  const keys =
    (keptKey && (await readKeys(keptKey))) || (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']));
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(16)))
      .toString('hex')
      .replace(/^[89a-f]/, '7'),
    name: `CN=${names.find((name) => name.endsWith('.local')) ?? 'nightjar.local'},O=Nightjar`,
    notBefore: new Date(nowMs - BEGINS_BEFORE_MS),
    notAfter: new Date(nowMs + LIFE_DAYS * DAY_MS),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: 'dns' as const, value })),
        ...addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key: `${key}\n`, cert: `${cert.toString('pem')}\n` };
}

/** The key that was kept, so that a renewed certificate has the same one. Undefined when it is damaged. */
async function readKeys(pem: string): Promise<CryptoKeyPair | undefined> {
  try {
    const privateKey = createPrivateKey(pem);
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    return {
      privateKey: await crypto.subtle.importKey('pkcs8', Uint8Array.from(pkcs8), algorithm, true, ['sign']),
      publicKey: await crypto.subtle.importKey('spki', Uint8Array.from(spki), algorithm, true, ['verify']),
    };
  } catch {
    return undefined;
  }
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
