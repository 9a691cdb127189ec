import { expect, test } from 'bun:test';
import { device, sampleHeader, sealSample } from '../vault/fixture-file.ts';
import { DeviceChain, type RemovalNote } from '../vault/record.ts';
import { verifyFile } from '../vault/verify.ts';
import { sourceOf } from '../vault/walk.ts';
import { type FolderFacts, folderVerdict, folderWords, type VerifiedFile } from './verify-words.ts';

const NOW = 1_700_001_000_000;

/** A chain of so many files, two seconds each, one after the other. */
async function row(count: number, change: (bytes: Uint8Array, i: number) => Uint8Array = (bytes) => bytes) {
  const chain = new DeviceChain(device);
  const files: VerifiedFile[] = [];
  for (let i = 0; i < count; i++) {
    const header = sampleHeader({ fileId: `f${i + 1}`, startMs: 1_700_000_000_000 + i * 2000 });
    const { bytes } = await sealSample({ header, chain });
    const verdict = await verifyFile(`f${i + 1}`, sourceOf(change(bytes, i)), device.publicKey);
    files.push({ verdict, unreadable: false, changedMs: NOW - 900_000 });
  }
  return files;
}

const facts = (files: readonly VerifiedFile[], notes: readonly RemovalNote[] = []): FolderFacts => ({
  ...{ files, notes, damagedNotes: [], unreadableFolders: [], isWhole: true, nowMs: NOW },
  box: { id: 'b0', deviceKey: 'd0' },
});
const note = (from: number, to: number, why: RemovalNote['why'] = 'space'): RemovalNote => {
  return { cameraId: 'cam1', stream: 'main', from, to, why, atMs: NOW };
};
const said = (verdict: ReturnType<typeof folderVerdict>) =>
  verdict.cameras.flatMap(({ lines }) =>
    lines.map(({ kind, isFault, count }) => `${isFault ? '!' : ''}${kind}${count ?? ''}`),
  );

test('a whole row is true, and its newest link is told', async () => {
  const verdict = folderVerdict(facts(await row(3)));
  expect([verdict.isTrue, said(verdict)]).toEqual([true, []]);
  expect(verdict.cameras[0]).toMatchObject({ files: 3, whole: 3, newest: { sequence: 3 } });
  expect(folderWords(verdict)).toContain('Nothing is missing, cut or changed, from the first file to the newest.');
});

test('files that are not there are missing, also before the first, unless the box has signed that they were removed', async () => {
  const files = await row(9);
  const left = [files[3]!, files[4]!, files[8]!];
  const without = folderVerdict(facts(left));
  expect([without.isTrue, said(without)]).toEqual([false, ['!missing3', '!missing3']]);
  const noted = folderVerdict(facts(left, [note(1, 2, 'age'), note(3, 3), note(6, 8, 'owner')]));
  expect([noted.isTrue, said(noted)]).toEqual([true, ['removed2', 'removed1', 'removed3']]);
  const partly = folderVerdict(facts(left, [note(2, 3), note(6, 7)]));
  expect(said(partly).sort()).toEqual(['!missing1', '!missing1', 'removed2', 'removed2']);
  const otherCamera = folderVerdict(facts(left, [{ ...note(1, 8), cameraId: 'yard' }]));
  expect(otherCamera.isTrue).toBe(false);
});

test('recordings that were deleted one by one are counted together', async () => {
  const notes = [4, 3, 2, 1].map((n) => note(n, n, 'owner'));
  const words = folderWords(folderVerdict(facts((await row(6)).slice(4), notes)));
  expect(words).toContain('4 files removed on purpose, by an owner');
  expect(words.match(/removed on purpose/g)).toHaveLength(1);
});

test('a changed file and a cut one are named once each, and are not counted as whole', async () => {
  const changed = await row(3, (bytes, i) => (i === 1 ? bytes.with(700, bytes[700]! ^ 1) : bytes) as Uint8Array);
  const verdict = folderVerdict(facts(changed));
  expect(said(verdict)).toEqual(['!changed']);
  expect(verdict.cameras[0]).toMatchObject({ files: 3, whole: 2 });
  expect(folderWords(verdict)).toMatch(/! \S+ \S+ f2 is not as the box signed it/);
  const cut = await row(2, (bytes, i) => (i === 1 ? bytes.subarray(0, 900) : bytes));
  expect(said(folderVerdict(facts(cut)))).toEqual(['!cut']);
});

test('the newest file without an end is still being written, when it changed a moment ago; any other is cut', async () => {
  const files = await row(3, (bytes, i) => (i === 0 ? bytes : bytes.subarray(0, 900)));
  const fresh = files.map((file) => ({ ...file, changedMs: NOW - 1000 }));
  expect(said(folderVerdict(facts(fresh)))).toEqual(['!cut', 'open']);
});

test('two files at one place, and one that another box has signed, are faults', async () => {
  const files = await row(2);
  const twice = [...files, { ...files[1]!, verdict: { ...files[1]!.verdict, name: 'copy' } }];
  expect(said(folderVerdict(facts(twice)))).toEqual(['!doubled']);
  const foreign = files.map((file) => ({ ...file, verdict: { ...file.verdict, findings: ['another-box'] as const } }));
  expect(said(folderVerdict(facts(foreign)))).toEqual(['!another-box', '!another-box']);
});

test('a single file says nothing about others', async () => {
  const [, second] = await row(2);
  expect(folderVerdict({ ...facts([second!]), isWhole: false }).isTrue).toBe(true);
});

test('what the disk cannot read is told as that, not as somebody’s change', async () => {
  const files = await row(1, (bytes) => bytes.with(700, bytes[700]! ^ 1) as Uint8Array);
  const verdict = folderVerdict(facts(files.map((file) => ({ ...file, unreadable: true }))));
  expect(said(verdict)).toEqual(['!unreadable']);
});
