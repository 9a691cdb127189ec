import { beforeAll, describe, expect, test } from 'bun:test';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type Authority, type Issued, makeAuthority, privateKeyPem } from '../../../tests/support/certificates.ts';
import { fitsName, judgePair, MAX_PEM_BYTES } from './pem.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 2, 1);
const life = { fromMs: NOW - DAY_MS, untilMs: NOW + 89 * DAY_MS };
const blockOf = (label: string, head = '') => `-----BEGIN ${label}-----\n${head}MIIB\n-----END ${label}-----\n`;
let authority: Authority;
let other: Authority;
let good: Issued;

beforeAll(async () => {
  authority = await makeAuthority(NOW);
  other = await makeAuthority(NOW, 'Somebody Else');
  good = await authority.issue({ ...life, names: ['my-house.duckdns.org', '*.home.example', '192.168.1.9'] });
});

const judge = (certificate: string, key: string, nowMs: number | undefined = NOW) =>
  judgePair({ certificate, key }, nowMs);
const problem = (certificate: string, key: string) => {
  const judged = judge(certificate, key);
  return judged.ok ? 'nothing' : judged.problem;
};
const accepted = (certificate: string, key: string) => {
  const judged = judge(certificate, key);
  if (!judged.ok) throw new Error(judged.problem);
  return judged;
};
const serials = (cert: string) =>
  [...cert.matchAll(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g)].map(([pem]) => new X509Certificate(pem).subject);
const chain = () => good.cert + authority.intermediate;

test('key, certificate and chain are taken, and read as the page shows them', () => {
  const { facts, pair } = accepted(chain(), good.key);
  expect(facts).toEqual({
    names: ['my-house.duckdns.org', '*.home.example', '192.168.1.9'],
    fingerprint: new X509Certificate(good.cert).fingerprint256,
    ...life,
    issuer: 'Example Trust R7',
  });
  expect(pair.cert).toBe(chain());
  expect(createPrivateKey(pair.key).equals(createPrivateKey(good.key))).toBe(true);
});

test('the chain is put in order; twins, the root and strangers are left out', () => {
  const inOrder = serials(accepted(chain(), good.key).pair.cert);
  expect(inOrder).toHaveLength(2);
  const jumbled = [authority.root, authority.intermediate, other.root, good.cert, authority.intermediate, good.cert];
  expect(serials(accepted(jumbled.join(''), good.key).pair.cert)).toEqual(inOrder);
  expect(serials(accepted(jumbled.reverse().join('\r\nsome words between\r\n'), good.key).pair.cert)).toEqual(inOrder);
});

test('where the chain is missing, as when cert.pem is taken for fullchain.pem, that is said', async () => {
  expect(problem(good.cert, good.key)).toContain('fullchain.pem');
  expect(problem(good.cert + other.intermediate + authority.root, good.key)).toContain('fullchain.pem');
  // signed by a root that the owner has put into the browsers: then it is enough to have that one behind it
  const direct = await authority.issue({ ...life, names: ['a.example'], by: 'root' });
  expect(serials(accepted(direct.cert + authority.root, direct.key).pair.cert)).toEqual(['CN=a.example']);
});

test('one that signed itself counts', async () => {
  const signed = await authority.issue({ ...life, names: ['self.example'], by: 'itself' });
  expect(serials(accepted(signed.cert, signed.key).pair.cert)).toEqual(['CN=self.example']);
});

test('one file with everything in it may be given as both', () => {
  const all = good.key + chain();
  expect(accepted(all, all).pair.cert).toBe(chain());
});

test('keys in their older forms are taken: PKCS #1, SEC 1, with parameters before them', async () => {
  const rsa = await authority.issue({ ...life, names: ['a.example'], kind: 'rsa2048' });
  const pkcs1 = String(createPrivateKey(rsa.key).export({ type: 'pkcs1', format: 'pem' }));
  expect(pkcs1).toStartWith('-----BEGIN RSA PRIVATE KEY-----');
  expect(accepted(rsa.cert + authority.intermediate, pkcs1).facts.names).toEqual(['a.example']);
  const sec1 = String(createPrivateKey(good.key).export({ type: 'sec1', format: 'pem' }));
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  expect(accepted(chain(), parameters + sec1).pair.key).toBe(accepted(chain(), good.key).pair.key);
});

describe('what is wrong is said so that an owner can mend it:', () => {
  const locked = () => {
    const form = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
    return String(createPrivateKey(good.key).export(form));
  };
  const lockedOfOld = blockOf('RSA PRIVATE KEY', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n');
  const der = () => new X509Certificate(good.cert).raw;
  const inside = (pem: string) => pem.replace(/-----[A-Z ]+-----/g, '').trim();
  const cases: readonly (readonly [string, () => readonly [string, string], RegExp])[] = [
    ['another key', () => [chain(), privateKeyPem('p256')], /key does not belong to this certificate/],
    ['swapped', () => [good.key, chain()], /wrong way round/],
    ['the key twice', () => [good.key, good.key], /that is a private key: the certificate is another file/],
    ['the certificate twice', () => [chain(), chain()], /that is a certificate: the key is another file/],
    ['a key with a passphrase', () => [chain(), locked()], /has a passphrase.*openssl pkey/],
    ['an old key with a passphrase', () => [chain(), lockedOfOld], /has a passphrase.*openssl pkey/],
    ['DER, read as Latin', () => [der().toString('latin1'), good.key], /certificate is in binary form/],
    ['DER, read as UTF-8', () => [der().toString('utf8'), good.key], /certificate is in binary form/],
    ['DER, read as Windows has it', () => [new TextDecoder('windows-1252').decode(der()), good.key], /binary form/],
    ['a DER key', () => [chain(), `0\u0082${'x'.repeat(200)}`], /key is in binary form/],
    ['without its first line', () => [inside(good.cert), good.key], /first and last line of the certificate/],
    ['cut off', () => [good.cert.slice(0, -40), good.key], /end of the certificate is missing/],
    ['a cut-off key', () => [chain(), good.key.slice(0, -40)], /end of the key is missing/],
    ['damaged', () => [good.cert.replace(/\nMI/, '\nMJ'), good.key], /the certificate is damaged/],
    [
      'a damaged chain',
      () => [good.cert + authority.intermediate.replace(/\nMI/, '\nMJ'), good.key],
      /certificate 2 of 2/,
    ],
    ['a damaged key', () => [chain(), good.key.replace(/\nMI/, '\nMJ')], /the key is damaged/],
    ['nothing', () => [' \n', good.key], /the certificate is missing/],
    ['no key', () => [chain(), ''], /the key is missing/],
    ['a web page', () => ['<!doctype html><title>Sign in</title>', good.key], /that is no certificate/],
    ['words as a key', () => [chain(), 'my secret'], /that is no key/],
    ['a request', () => [blockOf('CERTIFICATE REQUEST'), good.key], /that is a request for a certificate/],
    ['PKCS #7', () => [blockOf('PKCS7'), good.key], /PKCS #7 bundle/],
    ['an SSH key', () => [chain(), blockOf('OPENSSH PRIVATE KEY')], /is for SSH/],
    ['a public key', () => [chain(), blockOf('PUBLIC KEY')], /that is the public key/],
    ['too big', () => [`${chain()}${' '.repeat(MAX_PEM_BYTES)}`, good.key], /too big/],
  ];
  test.each(cases)('%s', (_, make, words) => {
    expect(problem(...make())).toMatch(words);
  });

  test('an RSA key that is too short, and a kind that browsers do not take', async () => {
    const short = await authority.issue({ ...life, names: ['a.example'], kind: 'rsa1024' });
    expect(problem(short.cert + authority.intermediate, short.key)).toContain('too short (1024 bits)');
    const odd = await authority.issue({ ...life, names: ['a.example'], kind: 'ed25519' });
    expect(problem(odd.cert + authority.intermediate, odd.key)).toContain('ed25519');
  });

  test('one that is for mail, one without a name', async () => {
    const mail = await authority.issue({ ...life, names: ['a.example'], use: 'mail' });
    expect(problem(mail.cert + authority.intermediate, mail.key)).toContain('not for web servers');
    const old = await authority.issue({ ...life, names: [] });
    expect(problem(old.cert + authority.intermediate, old.key)).toContain('names no host');
  });
});

test('one that ran out is refused with its day, but not while the time is unknown', () => {
  expect(judge(chain(), good.key, life.untilMs - 1).ok).toBe(true);
  expect(judge(chain(), good.key, life.untilMs)).toEqual({
    ok: false,
    problem: 'the certificate ran out on 2026-05-29: put in a newer one',
  });
  expect(judgePair({ certificate: chain(), key: good.key }).ok).toBe(true);
});

test('a certificate fits its names and those that its star stands for, and no other', () => {
  const { facts } = accepted(chain(), good.key);
  const fits = ['my-house.duckdns.org', 'MY-HOUSE.duckdns.org', 'a.home.example'].map((name) => fitsName(facts, name));
  const not = ['duckdns.org', 'a.my-house.duckdns.org', 'home.example', 'a.b.home.example', '.home.example', '*', ''];
  expect(fits).toEqual([true, true, true]);
  expect(not.map((name) => fitsName(facts, name))).toEqual(not.map(() => false));
});
