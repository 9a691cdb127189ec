import { describe, expect, test } from 'bun:test';
import nacl from 'tweetnacl';
import { inPieces, release, releaseKey, strangersKey } from './fixture-release.ts';
import { judgeManifest, type Manifest, readReleaseKeys, signManifest } from './manifest.ts';
import { readHead } from './package-head.ts';

const manifest: Manifest = {
  format: 1,
  version: '1.2.3',
  machine: 'arm64',
  bytes: 100,
  sha256: 'ab'.repeat(32),
  packing: 'zstd',
  packedBytes: 50,
  releasedAtMs: 5,
  notes: 'Better at night.',
};
const keys = [strangersKey.publicKey, releaseKey.publicKey];

test('a manifest counts when any of the known keys has signed it', () => {
  const { bytes, signature } = signManifest(manifest, releaseKey.secretKey);
  expect(judgeManifest(bytes, signature, keys)).toMatchObject({ ok: true, signed: { manifest } });
  expect(judgeManifest(bytes, signature, [strangersKey.publicKey])).toEqual({ ok: false, reason: 'not-signed' });
  expect(judgeManifest(bytes, signature, [])).toEqual({ ok: false, reason: 'no-keys' });
});

test('one changed bit of a manifest or its signature, and it is not signed', () => {
  const { bytes, signature } = signManifest(manifest, releaseKey.secretKey);
  for (const i of [0, 20, 60, bytes.length - 1]) {
    expect(judgeManifest(bytes.with(i, bytes[i]! ^ 1), signature, keys)).toEqual({ ok: false, reason: 'not-signed' });
  }
  for (const i of [0, 31, 32, 63]) {
    const changed = signature.with(i, signature[i]! ^ 1);
    expect(judgeManifest(bytes, changed, keys)).toEqual({ ok: false, reason: 'not-signed' });
  }
});

test('a signature of the bare manifest, without what it is for, does not count', () => {
  const { bytes } = signManifest(manifest, releaseKey.secretKey);
  expect(judgeManifest(bytes, nacl.sign.detached(bytes, releaseKey.secretKey), keys).ok).toBe(false);
});

describe('also what is signed is read with care', () => {
  test.each<[string, Record<string, unknown>, 'malformed' | 'newer-format']>([
    ['a version that is a path', { version: '../../x' }, 'malformed'],
    ['an unknown machine', { machine: 'riscv' }, 'malformed'],
    ['a size out of bounds', { bytes: 1e12 }, 'malformed'],
    ['a size that is none', { packedBytes: -1 }, 'malformed'],
    ['a hash that is none', { sha256: 'AB' }, 'malformed'],
    ['notes without end', { notes: 'x'.repeat(4001) }, 'malformed'],
    ['a packing from the future', { packing: 'lzma' }, 'malformed'],
    ['a format from the future', { format: 2 }, 'newer-format'],
  ])('%s', (_, change, reason) => {
    const bytes = new TextEncoder().encode(JSON.stringify({ ...manifest, ...change }));
    const said = Buffer.concat([Buffer.from('nightjar update v1\n'), bytes]);
    const signature = nacl.sign.detached(said, releaseKey.secretKey);
    expect(judgeManifest(bytes, signature, keys)).toEqual({ ok: false, reason });
  });
});

test('no release is signed that no box would take', () => {
  expect(() => signManifest({ ...manifest, version: 'next' }, releaseKey.secretKey)).toThrow(RangeError);
});

test('release keys are hex lines; remarks and damaged lines are no keys', () => {
  const hex = Buffer.from(releaseKey.publicKey).toString('hex');
  const text = `# Nightjar's releases\n\n${hex} # 2026\n${hex.slice(1)}\nnone\n  ${hex.toUpperCase()}\n`;
  expect(readReleaseKeys(text)).toEqual([releaseKey.publicKey, releaseKey.publicKey]);
  expect(readReleaseKeys('')).toEqual([]);
});

test('a head is read however its bytes come, and what follows it is left whole', async () => {
  const { head, file } = await release('1.2.3');
  for (const pieceBytes of [1, 7, 8, 9, head.length, file.length]) {
    const read = await readHead(inPieces(file, pieceBytes));
    if (!read.ok) throw new Error(`not read in pieces of ${pieceBytes}`);
    expect(judgeManifest(read.head.manifest, read.head.signature, keys).ok).toBe(true);
    expect(Buffer.concat(await Array.fromAsync(read.rest)).equals(file.subarray(head.length))).toBe(true);
  }
});

test('what is no update is told from an update that is cut, without reading on', async () => {
  const { head } = await release('1.2.3');
  expect(await readHead(inPieces(head.subarray(0, 100)))).toMatchObject({ reason: 'cut' });
  expect(await readHead(inPieces(Buffer.from('NJ')))).toMatchObject({ reason: 'cut' });
  expect(await readHead(inPieces(Buffer.from('PK\u0003\u0004 some zip file')))).toMatchObject({ reason: 'foreign' });
  const endless = async function* () {
    yield Buffer.from('NJUP\u00ff\u00ff\u00ff\u00ff', 'latin1');
    throw new Error('read on');
  };
  expect(await readHead(endless())).toMatchObject({ reason: 'foreign' });
});
