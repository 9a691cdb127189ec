// A power cut leaves a file that ends anywhere, or one of the right length whose last blocks were never written. Wherever that is in the last two
// fragments, the end or the record: what is before it opens, and recovery makes a whole file of it.

import { expect, setDefaultTimeout, test } from 'bun:test';
import { hex, join } from './bytes.ts';
import { device, fixedRandom, samplePieces, sealSample, summary, vaultKeys } from './fixture-file.ts';
import { readHead } from './head.ts';
import { type Keys, openDataKey, openSealed } from './open.ts';
import { DeviceChain, type RecordFacts } from './record.ts';
import { recoveredFacts, surveySealed } from './survey.ts';
import { verifyFile } from './verify.ts';
import { sourceOf } from './walk.ts';

setDefaultTimeout(30_000);

const sample = await sealSample({ pieces: samplePieces(3, 40), random: fixedRandom('torn tail') });
const full = sample.plain.map(hex);
/** Where head, init segment, three fragments and end stop; the record follows. */
const [headTo, initTo, firstTo] = sample.cuts as [number, number, number];
const endTo = sample.cuts.at(-1)!;
const keys: Keys = { kind: 'data-key', dataKey: openDataKey(readHead(sample.bytes), vaultKeys) };
const wholeAt = (cut: number) => sample.cuts.slice(1, -1).filter((to) => to <= cut).length;

async function opened(bytes: Uint8Array) {
  const reader = await openSealed(sourceOf(bytes), keys, 'noble');
  const [chunks, gaps]: [string[], number[]] = [[], []];
  for await (const piece of reader.pieces()) {
    if (piece.kind === 'chunk') chunks.push(hex(piece.bytes));
    else gaps.push(piece.chunks);
  }
  return { chunks, gaps, how: reader.ending.how };
}

/** As the box does after a power cut: it has no key to the file. The same facts give the same signature, which takes milliseconds. */
const signed = new Map<string, Uint8Array>();
function sign(facts: RecordFacts): Uint8Array {
  const key = JSON.stringify(facts);
  const bytes = signed.get(key) ?? new DeviceChain(device).sign(facts).bytes;
  signed.set(key, bytes);
  return bytes;
}
async function recovered(torn: Uint8Array): Promise<Uint8Array | undefined> {
  const survey = await surveySealed(sourceOf(torn));
  const facts = recoveredFacts(survey);
  return facts && join(torn.subarray(0, survey.wholeBytes), sign(facts));
}

/** What stands behind the cut, and every how many bytes it is cut. */
const tails = {
  'nothing follows': { tail: () => new Uint8Array(), step: 1 },
  'zeros follow, up to the old length': { tail: (bytes: number) => new Uint8Array(bytes), step: 1 },
  'noise follows, up to the old length': { tail: fixedRandom('old blocks'), step: 7 },
};

for (const [what, { tail, step }] of Object.entries(tails)) {
  test(`a file torn anywhere in its last two fragments, end or record opens up to there and recovers whole: ${what}`, async () => {
    const asked = new Map<string, unknown>();
    for (let cut = firstTo; cut < sample.bytes.length; cut += step) {
      const torn = join(sample.bytes.subarray(0, cut), tail(sample.bytes.length - cut));
      const finished = cut >= endTo;
      const before = { chunks: full.slice(0, wholeAt(cut)), gaps: [] };
      const now = await opened(torn);
      expect({ cut, ...now }).toEqual({ cut, ...before, how: finished ? 'finished' : 'torn' });

      const mended = (await recovered(torn))!;
      const name = hex(mended);
      // the same whole file comes of every cut within one frame: it is looked at once
      if (asked.has(name)) continue;
      asked.set(name, true);
      expect({ cut, ...(await opened(mended)) }).toEqual({ cut, ...before, how: finished ? 'finished' : 'recovered' });
      const { findings, record } = await verifyFile('f', sourceOf(mended), device.publicKey);
      expect({ cut, findings }).toEqual({ cut, findings: finished ? [] : ['recovered'] });
      expect(record?.durationMs).toBe(finished ? summary.durationMs : Math.max(0, (wholeAt(cut) - 1) * 500));
      if (finished) expect(hex(mended)).toBe(hex(sample.bytes));
    }
    // torn in the second, in the third, in the end, in the record
    expect(asked.size).toBe(4);
  });
}

test('torn before the first fragment is whole there is nothing to keep, and nothing is signed', async () => {
  for (const cut of [headTo, headTo + 1, initTo - 1, initTo, initTo + 1]) {
    expect(await recovered(sample.bytes.subarray(0, cut))).toBeUndefined();
  }
});

test('recovering twice, or what is whole, changes nothing', async () => {
  for (const cut of [firstTo + 1, endTo - 1, endTo, sample.bytes.length]) {
    const once = (await recovered(sample.bytes.subarray(0, cut)))!;
    expect(hex((await recovered(once))!)).toBe(hex(once));
  }
});

test('blocks of another file that reappear behind the cut are never given out', async () => {
  const other = await sealSample({ header: { fileId: 'older' }, pieces: samplePieces(8, 40) });
  // frames of the other file with higher numbers, whole and with true checks
  const [from, to] = [other.cuts[6]!, other.cuts[8]!];
  for (const cut of [firstTo, firstTo + 1, firstTo + 60]) {
    const torn = join(sample.bytes.subarray(0, cut), other.bytes.subarray(from, to));
    for (const bytes of [torn, (await recovered(torn))!]) {
      expect((await opened(bytes)).chunks).toEqual(full.slice(0, wholeAt(cut)));
    }
  }
});
