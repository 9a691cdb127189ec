// A file that a power cut has torn at any byte of its last two fragments, its end or its record: the store makes a whole one of it. That
// each opens up to the cut is in the vault's own test.

import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { device, vaultPair } from '../vault/fixture-file.ts';
import { useNativeCurves } from '../vault/fixture-native.ts';
import { SealedSegmentStore } from './sealed-segment-store.ts';

useNativeCurves();
setDefaultTimeout(120_000);
const root = mkdtempSync(join(tmpdir(), 'nightjar-torn-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const newStore = () =>
  new SealedSegmentStore({
    folder: join(root, 'recordings'),
    asideFolder: join(root, 'aside'),
    clock: new ManualClock(),
    sealing: { publicKey: () => vaultPair.publicKey, device },
  });

test('a file torn at any byte of its last two fragments, its end or its record is recovered whole', async () => {
  const store = newStore();
  const times = { startMs: 1e12, startSinceBootMs: 5, bootId: 'boot', wallSynchronised: true };
  const picture = { mimeType: 'video/mp4; codecs="avc1.64001f"', width: 640, height: 360, reasons: ['motion'] };
  const about = { fileId: 'file', recordingId: 'rec', cameraId: 'door', stream: 'main' as const, ...times, ...picture };
  const file = await store.create(about, new Uint8Array(30));
  const ends: number[] = [];
  for (let i = 1; i <= 3; i++) {
    await file.append(new Uint8Array(40).fill(i), i * 500, { key: true });
    ends.push(file.wholeBytes);
  }
  const summary = { reasons: ['motion'], peakLevel: 7, events: [], interrupted: false };
  const done = (await file.finish(summary))!;
  const path = join(root, 'recordings', file.path);
  const whole = readFileSync(path);
  for (let cut = ends[0]!; cut < whole.length; cut++) {
    writeFileSync(path, whole.subarray(0, cut));
    // as after a start: nothing is known but the file
    const again = newStore();
    const found = await again.recover(file.path);
    const isFinished = found?.summary?.interrupted === false;
    const findings = (await again.verify(file.path)).filter((finding) => finding !== 'recovered' || isFinished);
    const fragments = ends.filter((end) => end <= cut).length;
    const told = { durationMs: found?.durationMs, sequence: found?.sequence, bytes: found?.bytes, findings };
    const bytes = readFileSync(path).length;
    expect({ cut, ...told }).toEqual({ cut, durationMs: fragments * 500, sequence: 1, bytes, findings: [] });
    if (isFinished) expect(Buffer.compare(readFileSync(path), whole)).toBe(0);
  }
  expect(done.bytes).toBe(whole.length);
});
