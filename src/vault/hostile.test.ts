import { expect, setDefaultTimeout, test } from 'bun:test';
import { hex, join, viewOf } from './bytes.ts';
import { chunkCipher, sha256Now } from './cipher.ts';
import { SealError } from './fault.ts';
import {
  device,
  fixedRandom,
  sampleHeader,
  samplePieces,
  sealSample,
  summary,
  vaultKeys,
  vaultPair,
} from './fixture-file.ts';
import { type FrameHeader, MAX_BODY_BYTES, MAX_FRAMES, readEndBody, writeEndBody, writeFrameHeader } from './frame.ts';
import { readHead, writeHead } from './head.ts';
import { chunkNonce } from './nonce.ts';
import { type Keys, openDataKey, openSealed } from './open.ts';
import { DeviceChain } from './record.ts';
import { surveySealed } from './survey.ts';
import { verifyFile } from './verify.ts';
import { type SealedSource, sourceOf } from './walk.ts';

setDefaultTimeout(30_000);

const sample = await sealSample();
const keys: Keys = { kind: 'data-key', dataKey: openDataKey(readHead(sample.bytes), vaultKeys) };

/** Counts what is read, so that a hostile length shows as a giant or endless read. */
function counted(source: SealedSource) {
  const seen = { largest: 0, total: 0 };
  const read = (from: number, to: number) => {
    seen.largest = Math.max(seen.largest, to - from);
    seen.total += to - from;
    return source.read(from, to);
  };
  return { seen, source: { bytes: source.bytes, read } };
}

/** Reads a file in every way there is. Anything but our own error fails the test. */
async function readEveryWay(source: SealedSource): Promise<void> {
  const ownOnly = (error: unknown) => {
    if (!(error instanceof SealError)) throw error;
  };
  const opening = async () => {
    const reader = await openSealed(source, keys, 'noble');
    for (const ms of [0, 700, 1e12]) reader.seek(ms);
    for await (const _ of reader.pieces()) void _;
  };
  await opening().catch(ownOnly);
  await surveySealed(source).catch(ownOnly);
  await verifyFile('f', source, device.publicKey);
}

const checked = (frame: Uint8Array) => join(frame, sha256Now(frame).subarray(0, 8));

test('whatever is in a file, reading it ends, and fails in our own words only', async () => {
  const random = fixedRandom('fuzz');
  const number = () => viewOf(random(4)).getUint32(0);
  for (let round = 0; round < 400; round++) {
    let bytes: Uint8Array = sample.bytes.slice();
    for (let change = 1 + (number() % 4); change > 0; change--) {
      const at = number() % Math.max(1, bytes.length);
      const length = number() % 80;
      const kind = number() % 6;
      if (kind === 0) bytes[at] = number();
      else if (kind === 1) bytes.set(random(length).subarray(0, bytes.length - at), at);
      else if (kind === 2) bytes.fill(0xff, at, at + length);
      else if (kind === 3) bytes = bytes.slice(0, at);
      else if (kind === 4) bytes = join(bytes.subarray(0, at), bytes.subarray(at + length));
      else bytes = join(bytes.subarray(0, at), bytes.subarray(at - length, at), bytes.subarray(at));
    }
    // half of them with a head that is right, so that what follows is looked at
    if (round % 2 === 0) bytes = join(sample.bytes.subarray(0, sample.cuts[0]!), bytes.subarray(sample.cuts[0]!));
    const { source, seen } = counted(sourceOf(bytes));
    await readEveryWay(source);
    expect(seen.total).toBeLessThan(60 * (bytes.length + 70_000));
  }
});

test('a length that is a lie is neither allocated nor followed', async () => {
  const lies: Uint8Array[] = [];
  for (const place of [12, sample.cuts[0]! + 12, sample.cuts[4]! + 12, sample.cuts[4]! + 32, sample.bytes.length - 8]) {
    for (const value of [0xffff_ffff, 0x7fff_ffff, MAX_BODY_BYTES, MAX_BODY_BYTES + 1, 0]) {
      const bytes = sample.bytes.slice();
      viewOf(bytes).setUint32(place, value);
      lies.push(bytes);
    }
  }
  // the number of lines in a table
  const table = sample.bytes.slice();
  viewOf(table).setUint32(sample.cuts[4]! + 36 + JSON.stringify(summary).length, 0xffff_ffff);
  for (const bytes of [...lies, table]) {
    const { source, seen } = counted(sourceOf(bytes));
    await readEveryWay(source);
    expect(seen.largest).toBeLessThan(70_000);
  }
});

test('a chunk that claims more than any has is not read, though the file is long enough', async () => {
  const lie = sample.bytes.slice(0, sample.cuts[1]!);
  viewOf(lie).setUint32(sample.cuts[0]! + 12, 2 * MAX_BODY_BYTES);
  const { source, seen } = counted({
    bytes: 3 * MAX_BODY_BYTES,
    async read(from, to) {
      const piece = new Uint8Array(to - from);
      piece.set(lie.subarray(from, to));
      return piece;
    },
  });
  expect((await openSealed(source, keys)).entries).toEqual([]);
  expect(seen.largest).toBeLessThan(MAX_BODY_BYTES);
});

test('marks strewn by somebody hostile do not keep a reader busy', async () => {
  const head = sample.bytes.subarray(0, sample.cuts[0]!);
  const strewn = new Uint8Array(300_000);
  for (let at = 0; at + 32 < strewn.length; at += 32) {
    strewn.set(
      writeFrameHeader({
        number: at,
        kind: 'media',
        last: false,
        key: true,
        bodyBytes: 150_000,
        fromMs: 0,
        toMs: 1,
        plainBefore: 0,
      }),
      at,
    );
  }
  const { source, seen } = counted(sourceOf(join(head, strewn)));
  const reader = await openSealed(source, keys);
  expect([reader.entries.length, reader.ending.how]).toEqual([0, 'torn']);
  expect(seen.total).toBeLessThan(10 * strewn.length);
});

test('files over 4 GiB open and seek: places have eight bytes', async () => {
  const dataKey = fixedRandom('large')(32);
  const cipher = await chunkCipher(dataKey, 'noble');
  const random = fixedRandom('large head');
  const head = await writeHead(sampleHeader(), dataKey, cipher, [vaultPair.publicKey], random);
  const far = 9 * 2 ** 32 + 5;
  const frame = async (header: Omit<FrameHeader, 'bodyBytes'>, plain: Uint8Array, readable: Uint8Array) => {
    const bytes = writeFrameHeader({ ...header, bodyBytes: readable.length + plain.length + 16 });
    const associated = join(head.headerHash, bytes, readable);
    return checked(join(bytes, readable, await cipher.seal(chunkNonce(header.number, header.last), associated, plain)));
  };
  const times = { key: true, fromMs: 4_000_000_000, toMs: 4_000_000_500 };
  const plain = samplePieces()[1]!.plain;
  const chunk = await frame(
    { ...times, number: 7, kind: 'media', last: false, plainBefore: far },
    plain,
    new Uint8Array(),
  );
  const endAt = far + chunk.length;
  const readable = writeEndBody(summary, [{ ...times, number: 7, kind: 'media', at: far }]);
  const endHeader = {
    number: 8,
    kind: 'end',
    last: true,
    key: false,
    fromMs: 0,
    toMs: 2000,
    plainBefore: far,
  } as const;
  const end = await frame(endHeader, new Uint8Array(), readable);
  const record = new DeviceChain(device).sign({
    ...{
      state: 'finished',
      fileId: 'a',
      kind: 'segment',
      cameraId: 'c',
      stream: 'main',
      bootId: 'b',
      frames: 2,
      endAt,
    },
    ...{ bytes: endAt + end.length, durationMs: 1, peakLevel: 0, hash: '00'.repeat(32) },
  });
  const tail = join(chunk, end, record.bytes);
  const source: SealedSource = {
    bytes: far + tail.length,
    async read(from, to) {
      const piece = new Uint8Array(to - from);
      piece.set(head.raw.subarray(from, to).subarray(0, piece.length));
      if (to > far) piece.set(tail.subarray(Math.max(0, from - far), to - far), Math.max(0, far - from));
      return piece;
    },
  };
  const reader = await openSealed(source, { kind: 'data-key', dataKey });
  expect(reader.entries[0]).toMatchObject({ at: far, number: 7 });
  expect(hex((await reader.chunk(reader.seek(4_000_000_100)))!)).toBe(hex(plain));
});

test('a large file is opened chunk by chunk: reading one reads no other', async () => {
  const bytes = 200_000;
  const large = await sealSample({ pieces: samplePieces(20, bytes) });
  const { source, seen } = counted(sourceOf(large.bytes));
  const reader = await openSealed(source, vaultKeys);
  const opened = seen.total;
  await reader.chunk(reader.seek(5000));
  expect(opened).toBeLessThan(30_000);
  expect(seen.total - opened).toBeLessThan(bytes + 1000);
});

test('a table that is longer than any file has chunks is not made', () => {
  const entry = (i: number) => ({ number: i, kind: 'media', key: false, at: i + 1, fromMs: 0, toMs: 0 }) as const;
  const body = (lines: number) =>
    join(
      writeEndBody(
        summary,
        Array.from({ length: lines }, (_, i) => entry(i)),
      ),
      new Uint8Array(16),
    );
  expect(readEndBody(body(1000))?.entries).toHaveLength(1000);
  expect(readEndBody(body(MAX_FRAMES + 1))).toBeUndefined();
});
