import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { hex, join } from './bytes.ts';
import { sha256Now } from './cipher.ts';
import { SealError } from './fault.ts';
import { beginSample, device, fixedRandom, samplePieces, sealSample, summary } from './fixture-file.ts';
import { DeviceChain, type RecordFacts, type RemovalNote, readRemovalNote, writeRemovalNote } from './record.ts';
import { deviceKeyOf } from './signed.ts';
import { recoveredFacts, surveySealed } from './survey.ts';
import { type FileVerdict, verifyChains, verifyFile } from './verify.ts';
import { sourceOf } from './walk.ts';

setDefaultTimeout(30_000);

const verify = (bytes: Uint8Array, name = 'file') => verifyFile(name, sourceOf(bytes), device.publicKey);
const findings = async (bytes: Uint8Array) => (await verify(bytes)).findings;

/** Files of one camera, in a chain; the boot changes with the fourth. */
async function chainOf(count: number): Promise<readonly FileVerdict[]> {
  const chain = new DeviceChain(device);
  const files: FileVerdict[] = [];
  for (let i = 1; i <= count; i++) {
    const header = { fileId: `seg${i}`, bootId: i < 4 ? 'boot1' : 'boot2' };
    const { bytes } = await sealSample({ chain, header, pieces: samplePieces(1, 4) });
    files.push(await verify(bytes, `seg${i}`));
  }
  return files;
}
const chains = (files: readonly FileVerdict[], notes: readonly RemovalNote[] = []) =>
  verifyChains(files, notes)[0]!.findings;

describe('one file, without the key', () => {
  test('is what the box signed', async () => {
    const { bytes, link } = await sealSample();
    const verdict = await verify(bytes);
    expect([verdict.findings, verdict.link]).toEqual([[], link!]);
    expect(verdict.record).toMatchObject({ sequence: 1, follows: { gap: 'first' }, frames: 6, durationMs: 2000 });
  });

  test('every single bit that is turned anywhere is noticed', async () => {
    const { bytes: whole, cuts } = await sealSample({ pieces: samplePieces(1, 4) });
    const unnoticed: number[] = [];
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const at = bit >> 3;
      // asking a signature takes milliseconds: one bit of each byte of the record, everything before it whole
      if (at >= cuts.at(-1)! && (bit & 7) !== (at & 7)) continue;
      const bytes = whole.slice();
      bytes[at]! ^= 1 << (bit & 7);
      if ((await findings(bytes)).length === 0) unnoticed.push(bit);
    }
    expect(unnoticed).toEqual([]);
  });

  test('a cut, an unsigned, a foreign and a mended file are told apart', async () => {
    const { bytes, cuts } = await sealSample();
    expect(await findings(bytes.subarray(0, cuts[3]! + 5))).toEqual(['cut']);
    expect(await findings(bytes.subarray(0, cuts.at(-1)!))).toEqual(['unsigned']);
    const other = deviceKeyOf(fixedRandom('another device')(32));
    expect((await verifyFile('f', sourceOf(bytes), other.publicKey)).findings).toEqual(['another-box']);
    expect(await findings(bytes.subarray(0, 100))).toEqual(['unreadable']);
    // somebody takes a chunk out, and makes the checks right again
    const taken = join(bytes.subarray(0, cuts[2]!), bytes.subarray(cuts[3]!));
    expect(await findings(taken)).toEqual(['cut', 'changed']);
    // somebody replaces what is sealed, and makes the check right again
    const mended = bytes.slice();
    mended[cuts[2]! + 40]! ^= 1;
    mended.set(sha256Now(mended.subarray(cuts[2]!, cuts[3]! - 8)).subarray(0, 8), cuts[3]! - 8);
    expect(await findings(mended)).toEqual(['changed']);
    // bytes are put in between two chunks
    expect(await findings(join(bytes.subarray(0, cuts[2]!), new Uint8Array(9), bytes.subarray(cuts[2]!)))).toEqual([
      'changed',
    ]);
  });
});

describe('recovery', () => {
  test('cuts a torn file, signs what is left of it, and the chain goes on', async () => {
    const chain = new DeviceChain(device);
    const writer = await beginSample();
    const parts = [writer.head];
    for (const { plain, info } of samplePieces()) parts.push(await writer.push(plain, info));
    const torn = join(...parts).subarray(0, -10);
    const survey = await surveySealed(sourceOf(torn));
    const facts = recoveredFacts(survey)!;
    expect(facts).toMatchObject({ state: 'recovered', frames: 4, durationMs: 1500, peakLevel: 20, endAt: null });
    const record = chain.sign(facts);
    chain.keep(record);
    const mended = join(torn.subarray(0, survey.wholeBytes), record.bytes);
    expect(await findings(mended)).toEqual(['recovered']);
    expect(chain.sign(facts).record.follows).toEqual({ fileId: 'seg1', link: record.link });
  });

  test('a hole that the power cut left in the middle stays, and what follows it is kept', async () => {
    const { bytes, cuts } = await sealSample();
    const torn = bytes.slice(0, cuts[4]! + 3);
    torn.fill(0, cuts[1]! + 5, cuts[2]!);
    const survey = await surveySealed(sourceOf(torn));
    expect([survey.entries.map((e) => e.number), survey.wholeBytes]).toEqual([[0, 2, 3], cuts[4]!]);
    const record = new DeviceChain(device).sign(recoveredFacts(survey)!);
    expect(await findings(join(torn.subarray(0, survey.wholeBytes), record.bytes))).toEqual(['recovered']);
  });

  test('a file whose end is there but not its record is finished, not recovered', async () => {
    const { bytes, cuts, link } = await sealSample();
    const survey = await surveySealed(sourceOf(bytes.subarray(0, cuts.at(-1)!)));
    const record = new DeviceChain(device).sign(recoveredFacts(survey)!);
    expect([record.record.state, record.link]).toEqual(['finished', link!]);
    expect(hex(join(bytes.subarray(0, cuts.at(-1)!), record.bytes))).toBe(hex(bytes));
  });

  test('nothing is signed for a file in which nothing can be played', async () => {
    const { bytes, cuts } = await sealSample();
    expect(recoveredFacts(await surveySealed(sourceOf(bytes.subarray(0, cuts[1]!))))).toBeUndefined();
  });
});

describe('the files of a camera', () => {
  test('in a whole chain only its beginning and a restart are told', async () => {
    expect(chains(await chainOf(5))).toEqual([
      { kind: 'begins', sequence: 1 },
      { kind: 'restart', name: 'seg4' },
    ]);
  });

  test('missing ones are named, unless the box signed that it removed them', async () => {
    const [one, , three, , , six] = await chainOf(6);
    const left = [six!, one!, three!];
    expect(chains(left)).toEqual([
      { kind: 'begins', sequence: 1 },
      { kind: 'missing', from: 2, to: 2 },
      { kind: 'missing', from: 4, to: 5 },
    ]);
    const note = { cameraId: 'cam1', stream: 'main', from: 5, to: 5, why: 'owner', atMs: 1 } as const;
    expect(chains(left, [readRemovalNote(writeRemovalNote(note, device), device.publicKey)])).toEqual([
      { kind: 'begins', sequence: 1 },
      { kind: 'missing', from: 2, to: 2 },
      { kind: 'missing', from: 4, to: 4 },
      { kind: 'removed', from: 5, to: 5, why: 'owner' },
    ]);
  });

  test('a file with the number of another, one that is not what the next one names, and a lost state are told', async () => {
    const files = await chainOf(2);
    // with the number and the name of the first, but other content
    const { bytes } = await sealSample({ header: { fileId: 'seg1' } });
    const forged = await verify(bytes, 'forged');
    expect(chains([forged, files[1]!])).toEqual([
      { kind: 'begins', sequence: 1 },
      { kind: 'changed', name: 'forged' },
    ]);
    expect(chains([...files, forged])).toContainEqual({ kind: 'doubled', name: 'forged' });
    const chain = new DeviceChain(device);
    chain.continueAfter('cam1/main', 2);
    const later = await verify((await sealSample({ chain, header: { fileId: 'seg3' } })).bytes, 'seg3');
    expect(chains([...files, later])).toContainEqual({ kind: 'gap', name: 'seg3' });
  });

  test('cameras and streams have chains of their own; a sub stream is not a fork of the main one', async () => {
    const chain = new DeviceChain(device);
    const heads = [{ stream: 'main' }, { stream: 'sub' }, { cameraId: 'cam2' }] as const;
    const files: FileVerdict[] = [];
    for (const header of heads) files.push(await verify((await sealSample({ chain, header })).bytes));
    expect(verifyChains(files).map((verdict) => [verdict.chain, verdict.findings])).toEqual([
      ['cam1/main', [{ kind: 'begins', sequence: 1 }]],
      ['cam1/sub', [{ kind: 'begins', sequence: 1 }]],
      ['cam2/main', [{ kind: 'begins', sequence: 1 }]],
    ]);
  });

  test('a note that the box did not sign, or that was changed, explains nothing', () => {
    const note = { cameraId: 'cam1', stream: 'main', from: 1, to: 9, why: 'age', atMs: 1 } as const;
    const bytes = writeRemovalNote(note, device);
    expect(() => readRemovalNote(bytes, fixedRandom('other')(32))).toThrow(SealError);
    const changed = bytes.slice();
    changed[bytes.indexOf(0x39)]! = 0x38;
    expect(() => readRemovalNote(changed, device.publicKey)).toThrow(SealError);
  });

  test('a record that was signed but not kept does not use up its number', () => {
    const chain = new DeviceChain(device);
    const facts = {
      ...{ state: 'finished', fileId: 'a', kind: 'segment', cameraId: 'c', stream: 'main', bootId: 'b', bytes: 1 },
      ...{ frames: 1, endAt: 1, durationMs: summary.durationMs, peakLevel: 0, hash: '00'.repeat(32) },
    } as const satisfies RecordFacts;
    expect(chain.sign(facts).record.sequence).toBe(1);
    const signed = chain.sign(facts);
    chain.keep(signed);
    expect([signed.record.sequence, chain.sign(facts).record.sequence]).toEqual([1, 2]);
  });
});
