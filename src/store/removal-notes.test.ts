import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { device, fixedRandom } from '../vault/fixture-file.ts';
import { type RemovalNote, readRemovalNote } from '../vault/record.ts';
import { deviceKeyOf } from '../vault/signed.ts';
import { systemFileLayer } from './file-layer.ts';
import { joinNotes, RemovalNotes, runsOf, wholeNotes } from './removal-notes.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-notes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const notesIn = (key = device, joinOverBytes?: number) => new RemovalNotes(folder, systemFileLayer, key, joinOverBytes);
const about = { cameraId: 'door', stream: 'main', why: 'space', atMs: 5 } as const;
const path = () => join(folder, 'door/removed.njn');
const seen = async () => (await notesIn().seen('door')).map((one) => ({ ...one, end: one.end?.() }));
const said = () =>
  wholeNotes(new Uint8Array(readFileSync(path()))).map((bytes) => {
    const { from, to, why } = readRemovalNote(bytes, device.publicKey);
    return `${from}–${to} ${why}`;
  });

test('what goes is noted by runs, once, with its reason', async () => {
  const notes = notesIn();
  await notes.add(about, [3, 1, 2, 7, 0]);
  await notes.add({ ...about, why: 'owner' }, [2, 7, 8]);
  await notesIn().add({ ...about, why: 'age' }, [1, 2, 3]);
  expect(said()).toEqual(['1–3 space', '7–7 space', '8–8 owner']);
});

test('a note that a power cut has torn is cut away before the next', async () => {
  await notesIn().add(about, [1]);
  await notesIn().add(about, [2]);
  truncateSync(path(), readFileSync(path()).length - 5);
  await notesIn().add(about, [2, 3]);
  expect(said()).toEqual(['1–1 space', '2–3 space']);
});

test('the newest number that went is known after a restart, and by name when the chain stood there', async () => {
  const link = 'ab'.repeat(32);
  await notesIn().add(about, [4, 5], { sequence: 5, fileId: 's5', link });
  expect(await seen()).toEqual([{ cameraId: 'door', stream: 'main', sequence: 5, end: { fileId: 's5', link } }]);
  await notesIn().add(about, [9], { sequence: 12, fileId: 's12', link });
  expect(await seen()).toEqual([{ cameraId: 'door', stream: 'main', sequence: 9, end: undefined }]);
  expect(await notesIn().seen('yard')).toEqual([]);
});

test('a name that somebody else has signed is not gone by', async () => {
  const other = deviceKeyOf(fixedRandom('another box')(32));
  await notesIn(other).add(about, [5], { sequence: 5, fileId: 's5', link: 'ab'.repeat(32) });
  expect(await seen()).toEqual([{ cameraId: 'door', stream: 'main', sequence: 5, end: undefined }]);
});

test('notes of years stay short: neighbours become one, and what the box has not signed is dropped', async () => {
  const notes = notesIn(device, 1000);
  const forged = new RemovalNotes(folder, systemFileLayer, deviceKeyOf(fixedRandom('thief')(32)));
  await forged.add(about, [100_000]);
  for (let n = 1; n <= 12; n++) await notes.add(about, [n]);
  await notes.add({ ...about, why: 'thinned' }, [500]);
  expect(readdirSync(join(folder, 'door'))).toEqual(['removed.njn']);
  const runs = said();
  expect(runs.length).toBeLessThan(6);
  expect(runs[0]).toMatch(/^1–\d+ space$/);
  expect(runs.at(-1)).toBe('500–500 thinned');
  expect((await notesIn().seen('door'))[0]?.sequence).toBe(500);
});

test('rubbish in place of notes neither stops a start nor is signed, and stays where it is', async () => {
  await notesIn().add(about, [1]);
  const rubbish = 'rubbish '.repeat(100);
  writeFileSync(path(), rubbish);
  expect(await notesIn().seen('door')).toEqual([]);
  await notesIn().add(about, [2]);
  expect(said()).toEqual(['2–2 space']);
  expect(readFileSync(path(), 'latin1')).toStartWith(rubbish);
});

test('damage in the middle costs the note that it hit, and none behind it', async () => {
  for (const n of [1, 3, 5]) await notesIn().add(about, [n]);
  const bytes = readFileSync(path());
  const oneNote = bytes.length / 3;
  bytes.fill(0xff, oneNote + 30, oneNote + 60);
  writeFileSync(path(), bytes);
  expect((await notesIn().seen('door'))[0]?.sequence).toBe(5);
  await notesIn().add(about, [7]);
  expect(said()).toEqual(['1–1 space', '5–5 space', '7–7 space']);
});

test.each([
  [[], []],
  [[4], [[4, 4]]],
  [
    [3, 1, 2, 2, 7],
    [
      [1, 3],
      [7, 7],
    ],
  ],
] as const)('numbers %p are the runs %p', (numbers, runs) => {
  expect(runsOf(numbers).map(({ from, to }) => [from, to])).toEqual(runs.map((run) => [...run]));
});

test('neighbouring notes are one only for the same reason and stream', () => {
  const note = (from: number, to: number, over: Partial<RemovalNote> = {}): RemovalNote => ({
    ...about,
    from,
    to,
    ...over,
  });
  const joined = joinNotes([
    note(4, 6, { atMs: 9 }),
    note(1, 3),
    note(7, 7, { why: 'owner' }),
    note(8, 8),
    note(9, 9, { stream: 'sub' }),
  ]);
  expect(joined.map(({ from, to, why, stream, atMs }) => `${from}–${to} ${why} ${stream} ${atMs}`)).toEqual([
    '1–6 space main 9',
    '7–7 owner main 5',
    '8–8 space main 5',
    '9–9 space sub 5',
  ]);
});
