import { describe, expect, test } from 'bun:test';
import { hex, utf8 } from './bytes.ts';
import { type ChunkCipher, chunkCipher } from './cipher.ts';
import { SealError } from './fault.ts';
import { fixedRandom, sampleHeader, samplePieces, summary } from './fixture-file.ts';
import { keyPairOf, newKeyPair, openSealedFor, sealFor } from './key-pair.ts';
import { SealWriter } from './seal.ts';

const key = fixedRandom('key')(32);
const nonce = fixedRandom('nonce')(12);

/** RFC 8439, section 2.8.2. */
const rfc = {
  key: Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i),
  nonce: new Uint8Array([7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47]),
  associated: new Uint8Array([0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7]),
  plain:
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  tag: '1ae10b594f09e26a7e902ecbd0600691',
};

for (const engine of ['webcrypto', 'noble'] as const) {
  describe(`with ${engine}`, () => {
    test('the tag is that of the standard', async () => {
      const cipher = await chunkCipher(rfc.key, engine);
      expect(hex(await cipher.seal(rfc.nonce, rfc.associated, utf8(rfc.plain))).slice(-32)).toBe(rfc.tag);
    });

    test('what is untrue opens to nothing, also what is shorter than a tag', async () => {
      const cipher = await chunkCipher(key, engine);
      const sealed = await cipher.seal(nonce, new Uint8Array(), utf8('owl'));
      expect(await cipher.open(nonce, utf8('x'), sealed)).toBeUndefined();
      for (let length = 0; length < sealed.length; length++) {
        expect(await cipher.open(nonce, new Uint8Array(), sealed.subarray(0, length))).toBeUndefined();
      }
    });

    test('the caller may zero its copy of the key, and a forgotten key does nothing more', async () => {
      const mine = key.slice();
      const cipher = await chunkCipher(mine, engine);
      mine.fill(0);
      const same = await (await chunkCipher(key, 'noble')).seal(nonce, nonce, nonce);
      expect(hex(await cipher.seal(nonce, nonce, nonce))).toBe(hex(same));
      cipher.forget();
      expect(cipher.seal(nonce, nonce, nonce)).rejects.toThrow(SealError);
      expect(cipher.open(nonce, nonce, same)).rejects.toThrow(SealError);
    });
  });
}

test('a writer forgets its key when it ends, and when it is told to', async () => {
  let forgotten = 0;
  const writer = async () => {
    const cipher: ChunkCipher = { ...(await chunkCipher(key)), forget: () => void forgotten++ };
    return new SealWriter(sampleHeader(), new Uint8Array(8), new Uint8Array(32), cipher);
  };
  const one = await writer();
  await one.push(samplePieces()[1]!.plain, samplePieces()[1]!.info);
  expect(forgotten).toBe(0);
  await one.finish({ summary });
  expect(forgotten).toBe(1);
  (await writer()).forget();
  expect(forgotten).toBe(2);
});

test('a sealed box opens for its key only, and not when a bit of it is turned', () => {
  const pair = keyPairOf(fixedRandom('pair')(32));
  const sealed = sealFor(pair.publicKey, utf8('owl'));
  expect(hex(openSealedFor(pair, sealed)!)).toBe(hex(utf8('owl')));
  expect(openSealedFor(newKeyPair(), sealed)).toBeUndefined();
  expect(openSealedFor(pair, sealed.subarray(0, 40))).toBeUndefined();
  const opened = Array.from(sealed, (byte, i) => openSealedFor(pair, sealed.with(i, byte ^ 1)));
  expect(opened.filter((bytes) => bytes !== undefined)).toEqual([]);
});
