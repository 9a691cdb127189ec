import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { hex, join } from './bytes.ts';
import { sha256Now } from './cipher.ts';
import { SealError, type SealFault } from './fault.ts';
import {
  beginSample,
  boxId,
  device,
  fixedRandom,
  sampleHeader,
  samplePieces,
  sealSample,
  summary,
  vaultKeys,
  vaultPair,
} from './fixture-file.ts';
import { FRAME_HEADER_BYTES } from './frame.ts';
import { readHead } from './head.ts';
import { keyIdHex, newKeyPair } from './key-pair.ts';
import { type Gap, type Keys, openDataKey, openSealed, type SealReader } from './open.ts';
import { DeviceChain } from './record.ts';
import { beginSealed, sealPicture } from './seal.ts';
import { sourceOf } from './walk.ts';

setDefaultTimeout(30_000);

async function faultOf(promise: Promise<unknown>): Promise<SealFault> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SealError) return error.fault;
    throw error;
  }
  throw new Error('nothing went wrong');
}

async function readAll(reader: SealReader) {
  const [chunks, gaps]: [Uint8Array[], Gap[]] = [[], []];
  for await (const piece of reader.pieces()) {
    if (piece.kind === 'chunk') chunks.push(piece.bytes);
    else gaps.push(piece);
  }
  return { chunks: chunks.map(hex), gaps };
}
const open = (bytes: Uint8Array, keys: Keys = vaultKeys) => openSealed(sourceOf(bytes), keys);
const openAll = async (bytes: Uint8Array) => await readAll(await open(bytes));

describe('a sealed segment', () => {
  test('opens to what was sealed, in order, with its times and what only its owner is told', async () => {
    const sample = await sealSample();
    const reader = await open(sample.bytes);
    expect(await readAll(reader)).toEqual({ chunks: sample.plain.map(hex), gaps: [] });
    expect(reader.ending).toEqual({ how: 'finished', summary, secret: { note: 'told to the owner' } });
    expect(reader.entries.map((e) => [e.number, e.kind, e.fromMs, e.toMs, e.key, e.moved])).toEqual([
      [0, 'init', 0, 0, false, undefined],
      [1, 'media', 0, 500, true, 0],
      [2, 'media', 500, 1000, false, 10],
      [3, 'media', 1000, 1500, true, 20],
      [4, 'media', 1500, 2000, false, 30],
    ]);
  });

  test('is the same bytes whether WebCrypto or noble seals and opens it', async () => {
    const [one, other] = await Promise.all(
      (['webcrypto', 'noble'] as const).map(async (engine) => {
        const random = fixedRandom('engines');
        const writer = await beginSealed(sampleHeader(), { publicKeys: [vaultPair.publicKey], random, engine });
        const parts = [writer.head];
        for (const { plain, info } of samplePieces()) parts.push(await writer.push(plain, info));
        return join(...parts, (await writer.finish({ summary })).bytes);
      }),
    );
    expect(hex(one!)).toBe(hex(other!));
    for (const engine of ['webcrypto', 'noble'] as const) {
      expect((await readAll(await openSealed(sourceOf(one!), vaultKeys, engine))).gaps).toEqual([]);
    }
  });

  test('begins at the last key frame before the moment that is sought', async () => {
    const reader = await open((await sealSample()).bytes);
    expect([0, 400, 500, 999, 1000, 1700, 99_999].map((ms) => reader.seek(ms))).toEqual([1, 1, 1, 1, 3, 3, 3]);
    const later = [];
    for await (const piece of reader.pieces(3)) later.push(piece.kind === 'chunk' ? piece.entry.number : piece);
    expect(later).toEqual([3, 4]);
  });

  test('opens with its own data key, handed out by its owner, and no other file does', async () => {
    const sample = await sealSample();
    const dataKey = openDataKey(readHead(sample.bytes), vaultKeys);
    const keys: Keys = { kind: 'data-key', dataKey };
    expect((await readAll(await open(sample.bytes, keys))).chunks).toHaveLength(5);
    expect(await faultOf(open((await sealSample()).bytes, keys))).toBe('wrong-key');
  });

  test('opens for each of several recipients', async () => {
    const second = newKeyPair();
    const writer = await beginSealed(sampleHeader(), { publicKeys: [vaultPair.publicKey, second.publicKey] });
    const bytes = join(writer.head, (await writer.finish({ summary })).bytes);
    const pair = (id: string) => (id === keyIdHex(second.publicKey) ? second : undefined);
    expect((await open(bytes, { kind: 'vault', pair })).ending.how).toBe('finished');
    expect((await open(bytes)).ending.how).toBe('finished');
  });

  test('without anything in it, it opens to nothing', async () => {
    const sample = await sealSample({ pieces: [] });
    expect(await openAll(sample.bytes)).toEqual({ chunks: [], gaps: [] });
  });

  test('a picture opens, and a cut one does not', async () => {
    const picture = fixedRandom('picture')(300);
    const header = sampleHeader({ kind: 'still', fileId: 'still1', mimeType: 'image/jpeg' });
    const sign = (facts: Parameters<DeviceChain['sign']>[0]) => new DeviceChain(device).sign(facts);
    const { bytes, record } = await sealPicture(header, picture, { publicKeys: [vaultPair.publicKey], sign });
    expect((await openAll(bytes)).chunks).toEqual([hex(picture)]);
    const unsigned = bytes.subarray(0, bytes.length - record!.bytes.length);
    expect((await openAll(unsigned)).chunks).toEqual([hex(picture)]);
    const cut = await open(unsigned.subarray(0, unsigned.length - 1));
    expect([cut.ending.how, (await readAll(cut)).chunks]).toEqual(['torn', []]);
  });
});

describe('what cannot be opened is told apart', () => {
  test('another box, a key that is not ours, a newer version, no sealed file, nothing at all', async () => {
    const { bytes } = await sealSample();
    const stranger: Keys = { kind: 'vault', boxId, pair: () => undefined };
    const elsewhere: Keys = { kind: 'vault', boxId: '00'.repeat(8), pair: () => undefined };
    expect(await faultOf(open(bytes, stranger))).toBe('wrong-key');
    expect(await faultOf(open(bytes, elsewhere))).toBe('another-box');
    const newer = bytes.slice();
    newer[9] = 2;
    expect(await faultOf(open(newer))).toBe('newer-version');
    expect(await faultOf(open(new TextEncoder().encode('a holiday picture, not one of ours')))).toBe('not-sealed');
    expect(await faultOf(open(new Uint8Array()))).toBe('not-sealed');
  });

  test('the right key id with another key is a damaged header, not a wrong key', async () => {
    const { bytes } = await sealSample();
    const wrong: Keys = { kind: 'vault', boxId, pair: () => newKeyPair() };
    expect(await faultOf(open(bytes, wrong))).toBe('damaged-header');
  });

  test('every fault says one plain sentence, without repeating what was given', async () => {
    const error = await open(new Uint8Array()).catch((e: unknown) => e as SealError);
    expect(error).toBeInstanceOf(SealError);
    expect((error as SealError).message).toBe('This is not a sealed Nightjar file.');
  });
});

describe('damage', () => {
  test('every single bit that is turned is noticed, also by somebody who mends the checks that need no key', async () => {
    const sample = await sealSample({ pieces: samplePieces(1, 4), unsigned: true });
    const keys: Keys = { kind: 'data-key', dataKey: openDataKey(readHead(sample.bytes), vaultKeys) };
    const openFast = (bytes: Uint8Array) => openSealed(sourceOf(bytes), keys, 'noble');
    const whole = JSON.stringify(await readAll(await openFast(sample.bytes)));
    const spans = sample.cuts.map((to, i) => [i === 0 ? 0 : sample.cuts[i - 1]!, to] as const).slice(0, -1);
    const unnoticed: number[] = [];
    for (let bit = 0; bit < sample.bytes.length * 8; bit++) {
      const bytes = sample.bytes.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      for (const [from, to] of [...spans, [sample.cuts.at(-2)!, bytes.length] as const]) {
        if (bit >> 3 < from || bit >> 3 >= to) continue;
        // the check itself turned: without the key `verify` notices, see there
        if (bit >> 3 < to - 8) bytes.set(sha256Now(bytes.subarray(from, to - 8)).subarray(0, 8), to - 8);
      }
      try {
        const reader = await openFast(bytes);
        if (JSON.stringify(await readAll(reader)) === whole && reader.ending.how === 'finished') unnoticed.push(bit);
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
      }
    }
    expect(unnoticed).toEqual([]);
  });

  test('a file that is cut anywhere opens up to the cut', async () => {
    const sample = await sealSample();
    const full = sample.plain.map(hex);
    const headBytes = sample.cuts[0]!;
    const keys: Keys = { kind: 'data-key', dataKey: openDataKey(readHead(sample.bytes), vaultKeys) };
    for (let length = 0; length < sample.bytes.length; length++) {
      const cut = sample.bytes.subarray(0, length);
      if (length < headBytes) {
        expect(['damaged-header', 'not-sealed']).toContain(await faultOf(open(cut)));
        continue;
      }
      const reader = await openSealed(sourceOf(cut), keys, 'noble');
      const { chunks, gaps } = await readAll(reader);
      const whole = sample.cuts.slice(1, -1).filter((end) => end <= length).length;
      expect([length, chunks.length, gaps.length]).toEqual([length, whole, 0]);
      expect(chunks).toEqual(full.slice(0, whole));
      expect(reader.ending.how).toBe(length >= sample.cuts.at(-1)! ? 'finished' : 'torn');
    }
  });

  test('after a damaged chunk in the middle the rest opens, and the gap is shown with its times', async () => {
    const sample = await sealSample();
    const at = sample.cuts[2]!;
    for (const place of [at, at + 12, at + 13, at + FRAME_HEADER_BYTES + 3]) {
      const bytes = sample.bytes.slice();
      bytes[place]! ^= 0x40;
      const { chunks, gaps } = await openAll(bytes);
      expect(chunks).toEqual(sample.plain.filter((_, i) => i !== 2).map(hex));
      expect(gaps).toEqual([{ kind: 'gap', fault: 'damaged-chunk', fromMs: 500, toMs: 1000, chunks: 1 }]);
    }
  });

  test('also where the end is gone as well, and the length of a chunk is wrong', async () => {
    const sample = await sealSample();
    const bytes = sample.bytes.slice(0, sample.cuts[5]!);
    bytes[sample.cuts[2]! + 13]! ^= 0x40;
    const { chunks, gaps } = await openAll(bytes);
    expect(chunks).toEqual(sample.plain.filter((_, i) => i !== 2).map(hex));
    expect(gaps).toEqual([{ kind: 'gap', fault: 'missing-chunk', fromMs: 500, toMs: 1000, chunks: 1 }]);
  });

  test('chunks that are taken out, doubled, swapped, or put in from another file are never given out', async () => {
    const [sample, other] = [await sealSample(), await sealSample()];
    const part = ({ bytes, cuts }: typeof sample, i: number) => bytes.subarray(cuts[i - 1] ?? 0, cuts[i]!);
    const parts = [0, 1, 2, 3, 4, 5, 6].map((i) => part(sample, i));
    const record = sample.bytes.subarray(sample.cuts.at(-1)!);
    const built = (...order: readonly Uint8Array[]) => openAll(join(...order, record));
    const full = sample.plain.map(hex);
    const [h, c0, c1, c2, c3, c4, end] = parts as [Uint8Array, ...Uint8Array[]] & Uint8Array[];
    expect((await built(h, c0!, c1!, c2!, c3!, c4!, end!)).gaps).toEqual([]);
    const taken = await built(h, c0!, c1!, c3!, c4!, end!);
    expect([taken.chunks, taken.gaps.map((gap) => [gap.fromMs, gap.toMs, gap.chunks])]).toEqual([
      [full[0]!, full[1]!, full[3]!, full[4]!],
      [[500, 1000, 1]],
    ]);
    expect((await built(h, c0!, c1!, c1!, c2!, c3!, c4!, end!)).chunks).toEqual(full);
    const swapped = await built(h, c0!, c2!, c1!, c3!, c4!, end!);
    expect([swapped.chunks, swapped.gaps.length]).toEqual([[full[0]!, full[3]!, full[4]!], 1]);
    const spliced = await built(h, c0!, c1!, part(other, 3), c3!, c4!, end!);
    expect([spliced.chunks.length, spliced.gaps.length]).toEqual([4, 1]);
    const early = await built(h, c0!, c1!, end!);
    expect([early.chunks.length, early.gaps]).toEqual([
      2,
      [{ kind: 'gap', fault: 'missing-chunk', fromMs: 500, toMs: 2000, chunks: 3 }],
    ]);
    const beheaded = await built(part(other, 0), c0!, c1!, c2!, c3!, c4!, end!);
    expect([beheaded.chunks, beheaded.gaps.length > 0 || beheaded.chunks.length === 0]).toEqual([[], true]);
  });

  test('in a torn file, too, nothing comes twice or out of order', async () => {
    const { bytes, cuts, plain } = await sealSample();
    const part = (i: number) => bytes.subarray(cuts[i - 1] ?? 0, cuts[i]!);
    const [h, c0, c1, c2] = [part(0), part(1), part(2), part(3)];
    const full = plain.map(hex);
    expect((await openAll(join(h, c0, c2, c1))).chunks).toEqual([full[0]!, full[2]!]);
    expect((await openAll(join(h, c0, c1, c1, c0, c2))).chunks).toEqual([full[0]!, full[1]!, full[2]!]);
  });

  test('a chunk belongs to its head, even where two files had the same data key', async () => {
    const same = () => fixedRandom('the same');
    const [one, other] = await Promise.all(
      [{ cameraId: 'cam1' }, { cameraId: 'cam2' }].map((header) => sealSample({ header, random: same() })),
    );
    const from = (file: typeof one, i: number) => file!.bytes.subarray(file!.cuts[i - 1] ?? 0, file!.cuts[i]!);
    const mixed = await openAll(join(from(one, 0), from(one, 1), from(other, 2), from(one, 3)));
    expect(mixed.chunks).toEqual([0, 2].map((i) => hex(one!.plain[i]!)));
  });

  test('what did not reach a full disk is shown as a gap, and no number is used twice', async () => {
    const writer = await beginSample();
    const [init, ...media] = samplePieces();
    const kept = [writer.head, await writer.push(init!.plain, init!.info)];
    kept.push(await writer.push(media[0]!.plain, media[0]!.info));
    const length = writer.bytes;
    await writer.push(media[1]!.plain, media[1]!.info);
    await writer.push(media[2]!.plain, media[2]!.info);
    writer.cutTo(length);
    const bytes = join(...kept, (await writer.finish({ summary })).bytes);
    const reader = await open(bytes);
    const { chunks, gaps } = await readAll(reader);
    expect(chunks).toEqual([init!, media[0]!].map((piece) => hex(piece.plain)));
    expect(gaps).toEqual([{ kind: 'gap', fault: 'missing-chunk', fromMs: 500, toMs: 2000, chunks: 2 }]);
    expect(reader.ending.how).toBe('finished');
  });
});

describe('the writer', () => {
  test('gives nothing more after its end, and refuses what is too large or not in time', async () => {
    const writer = await beginSample();
    const { plain, info } = samplePieces()[1]!;
    expect(await faultOf(writer.push(new Uint8Array(16 * 1024 * 1024), info))).toBe('too-large');
    expect(writer.push(plain, { ...info, toMs: -1 })).rejects.toThrow(RangeError);
    await writer.finish({ summary });
    expect(await faultOf(writer.push(plain, info))).toBe('finished');
    expect(await faultOf(writer.finish({ summary }))).toBe('finished');
  });

  test('forgets the data key at the end, also when signing fails', async () => {
    const seen: Uint8Array[] = [];
    const random = (bytes: number) => {
      const secret = fixedRandom('forget')(bytes);
      seen.push(secret);
      return secret;
    };
    const writer = await beginSample({ random });
    expect(hex(seen[0]!)).toBe('00'.repeat(32));
    const sign = () => {
      throw new Error('no key');
    };
    expect(writer.finish({ summary, sign })).rejects.toThrow('no key');
    expect(await faultOf(writer.push(samplePieces()[1]!.plain, samplePieces()[1]!.info))).toBe('finished');
  });

  test('a reader that was told to forget opens nothing', async () => {
    const reader = await open((await sealSample()).bytes);
    reader.forget();
    expect(await faultOf(reader.chunk(0))).toBe('forgotten');
  });
});
