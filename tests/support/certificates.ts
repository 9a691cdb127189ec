// Certificates as authorities make them, in this process: root, one in between, and what that signs, for any time and use.

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { provideReflectMetadata } from '../../src/http/reflect-metadata.ts';

provideReflectMetadata();
const x509 = await import('@peculiar/x509');
x509.cryptoProvider.set(crypto);

const DAY_MS = 86_400_000;
type Kind = 'p256' | 'rsa2048' | 'rsa1024' | 'ed25519';

export interface Issued {
  readonly key: string;
  /** Without those behind it. */
  readonly cert: string;
}

export interface Authority {
  readonly root: string;
  readonly intermediate: string;
  issue(wanted: {
    /** Names and IPv4 addresses; none: only a subject, as certificates had twenty years ago. */
    readonly names: readonly string[];
    readonly fromMs: number;
    readonly untilMs: number;
    readonly kind?: Kind;
    readonly use?: 'server' | 'mail';
    /** Default: the one in between. */
    readonly by?: 'root' | 'itself';
  }): Promise<Issued>;
}

const algorithms = {
  p256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa2048: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  rsa1024: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ed25519: { name: 'Ed25519' },
} as const satisfies Record<Kind, object>;

function generate(kind: Kind): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  if (kind === 'p256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (kind === 'ed25519') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: kind === 'rsa1024' ? 1024 : 2048 });
}

export const privateKeyPem = (kind: Kind): string =>
  String(generate(kind).privateKey.export({ type: 'pkcs8', format: 'pem' }));

async function newKeys(kind: Kind): Promise<{ readonly keys: CryptoKeyPair; readonly pem: string }> {
  const { privateKey, publicKey } = generate(kind);
  const pkcs8 = Uint8Array.from(privateKey.export({ type: 'pkcs8', format: 'der' }));
  const spki = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
  return {
    keys: {
      privateKey: await crypto.subtle.importKey('pkcs8', pkcs8, algorithms[kind], true, ['sign']),
      publicKey: await crypto.subtle.importKey('spki', spki, algorithms[kind], true, ['verify']),
    },
    pem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/** @param aroundMs valid from ten years before to ten years after. */
export async function makeAuthority(aroundMs: number, name = 'Example Trust'): Promise<Authority> {
  let serial = 1;
  const sign = (wanted: {
    readonly subject: string;
    readonly issuer: string;
    readonly keys: CryptoKeyPair;
    readonly by: CryptoKeyPair;
    readonly fromMs: number;
    readonly untilMs: number;
    readonly extensions: readonly unknown[];
  }) =>
    x509.X509CertificateGenerator.create({
      serialNumber: (serial++).toString(16).padStart(2, '0'),
      subject: wanted.subject,
      issuer: wanted.issuer,
      notBefore: new Date(wanted.fromMs),
      notAfter: new Date(wanted.untilMs),
      publicKey: wanted.keys.publicKey,
      signingKey: wanted.by.privateKey,
      signingAlgorithm: algorithms.p256,
      extensions: wanted.extensions as never,
    });
  const life = { fromMs: aroundMs - 3650 * DAY_MS, untilMs: aroundMs + 3650 * DAY_MS };
  const signer = [new x509.BasicConstraintsExtension(true, undefined, true)];
  const rootName = `O=${name}, CN=${name} Root`;
  const middleName = `O=${name}, CN=R7`;
  const { keys: rootKeys } = await newKeys('p256');
  const { keys: middleKeys } = await newKeys('p256');
  const root = await sign({
    ...life,
    subject: rootName,
    issuer: rootName,
    keys: rootKeys,
    by: rootKeys,
    extensions: signer,
  });
  const intermediate = await sign({
    ...life,
    subject: middleName,
    issuer: rootName,
    keys: middleKeys,
    by: rootKeys,
    extensions: signer,
  });
  const pem = (certificate: { toString(format: 'pem'): string }) => `${certificate.toString('pem')}\n`;
  return {
    root: pem(root),
    intermediate: pem(intermediate),
    async issue({ names, fromMs, untilMs, kind = 'p256', use = 'server', by }) {
      const { keys, pem: key } = await newKeys(kind);
      const alternatives = names.map((value) => ({
        type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const),
        value,
      }));
      const purpose = use === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.emailProtection;
      const subject = `CN=${names[0] ?? 'old.example'}`;
      const cert = await sign({
        subject,
        issuer: by === 'itself' ? subject : by === 'root' ? rootName : middleName,
        keys,
        by: by === 'itself' ? keys : by === 'root' ? rootKeys : middleKeys,
        fromMs,
        untilMs,
        extensions: [
          new x509.ExtendedKeyUsageExtension([purpose]),
          new x509.AuthorityInfoAccessExtension({ caIssuers: ['http://trust.example/r7.crt'] }),
          ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
        ],
      });
      return { key, cert: pem(cert) };
    },
  };
}
