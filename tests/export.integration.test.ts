// The box broke, its card is in a PC, the sheet is in the owner's hand: film out of sealed files, by the command an owner types, checked by ffmpeg.
// Nothing here but the executable, the folder and the key.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceRecovery, unlockWithRecovery } from '../src/vault/people.ts';
import { recoveryText, recoveryWords } from '../src/vault/recovery.ts';
import { executable } from './support/box.ts';
import { type Film, FRAMES_PER_PIECE, film, PIECE_MS, probe, SealedBox } from './support/sealed-box.ts';

const root = mkdtempSync(join(tmpdir(), 'nightjar-export-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let [four, withSound, wide] = [] as unknown as [Film, Film, Film];
beforeAll(async () => {
  [four, withSound, wide] = await Promise.all([film(4), film(4, { withSound: true }), film(2, { size: '320x240' })]);
}, 30_000);

let boxes = 0;
const newBox = () => SealedBox.claimed(join(root, `box${++boxes}`));

async function nightjar(argv: readonly string[], { stdin = '', cwd = root, zone = 'UTC' } = {}) {
  const child = Bun.spawn([executable, ...argv], {
    stdio: [new TextEncoder().encode(stdin), 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', TZ: zone },
    cwd,
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, out, err };
}

const DAY = ['--from', '2026-11-21', '--to', '2026-11-21'];

/** Exports from the box's folder with its words from standard input. */
async function exported(box: SealedBox, ...more: readonly string[]) {
  const out = join(root, `${crypto.randomUUID()}.mp4`);
  const times = more.includes('--from') ? [] : DAY;
  const argv = ['export', '--recovery-key-file', '-', '--folder', box.folder, '--camera', 'front-door', ...times];
  return { path: out, ...(await nightjar([...argv, ...more, out], { stdin: box.words })) };
}

/** Spoils bytes in the middle of a chunk. Chunk 0 is the init segment. */
function damage(
  box: SealedBox,
  clip: { readonly name: string; readonly cuts: readonly number[] },
  chunk: number,
): void {
  const path = join(box.folder, clip.name);
  const bytes = readFileSync(path);
  bytes.fill(0x55, clip.cuts[chunk]! + 60, clip.cuts[chunk]! + 90);
  writeFileSync(path, bytes);
}

test('segments over a restart and a new vault key come out as one MP4 with every picture, from a copy of the folder alone', async () => {
  const box = await newBox();
  await box.record(withSound);
  await box.record(withSound);
  box.rotate();
  box.restart();
  box.pass(60_000);
  await box.record(withSound);
  const copy = join(root, 'elsewhere');
  cpSync(box.folder, copy, { recursive: true });
  rmSync(box.folder, { recursive: true });
  const keyFile = join(root, 'sheet.txt');
  writeFileSync(
    keyFile,
    `# my sheet\n${box.words
      .toUpperCase()
      .split(' ')
      .map((word, i) => `${i + 1}. ${word}`)
      .join('\n')}\n`,
  );
  const { code, out, err } = await nightjar(
    ['export', '--recovery-key-file', keyFile, ...DAY, '--camera', 'front-door', 'clip.mp4'],
    { cwd: copy },
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('Nothing is missing, and all of it is as the box signed it.');
  expect(out).toContain('2026-11-21 17:04:17 – 17:05:17');
  const clip = await probe(join(copy, 'clip.mp4'));
  expect(clip.frames).toBe(120);
  expect(clip.durationS).toBeCloseTo(12, 0);
  expect(clip.createdAtMs).toBe(Date.UTC(2026, 10, 21, 17, 4, 9));
  const bytes = readFileSync(join(copy, 'clip.mp4'));
  expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
  expect(readdirSync(copy).filter((name) => name.endsWith('.part'))).toEqual([]);
}, 60_000);

test('only the time that was asked for is in it, from the key frame before on, in any zone', async () => {
  const box = await newBox();
  for (let i = 0; i < 3; i++) await box.record(four);
  // 17:04:09 + 4 s begins the second; it is asked for from 2.5 s on, and its key frame is at 2 s
  const asked = ['--from', '2026-11-21T18:04:15.500+01:00', '--to', '2026-11-21 17:04:18'];
  const { code, path } = await exported(box, ...asked);
  expect(code).toBe(0);
  const clip = await probe(path);
  expect(clip.frames).toBe(30);
  expect(clip.createdAtMs).toBe(Date.UTC(2026, 10, 21, 17, 4, 15));
}, 60_000);

test('a damaged chunk is a gap that is said with its time, and what follows is there from the next key frame on', async () => {
  const box = await newBox();
  const clip = await box.record(four);
  await box.record(four);
  damage(box, clip, 2);
  const { code, out, path } = await exported(box);
  expect(code).toBe(3);
  expect(out).toContain(`2026-11-21 17:04:09 – 17:04:11: something is damaged in ${clip.name}`);
  const found = await probe(path);
  // chunk 2 of the first group of four, and the two pictures' worth that build on it
  expect(found.frames).toBe(80 - 3 * FRAMES_PER_PIECE);
  expect(found.durationS).toBeCloseTo(8, 0);
}, 60_000);

test('a torn file gives what is whole of it; a file that is missing between two, or was removed on purpose, is said', async () => {
  const box = await newBox();
  await box.record(four);
  const removed = await box.record(four, {}, { write: false });
  box.write('front-door/removed.njn', box.noteRemoval({ from: 2, to: 2, why: 'owner' }));
  await box.record(four);
  const gone = await box.record(four, {}, { write: false });
  await box.record(four);
  box.restart();
  const torn = await box.record(four, {}, { end: false });
  truncateSync(join(box.folder, torn.name), torn.cuts[5]! + 100);
  const { code, out, path } = await exported(box);
  expect(code).toBe(3);
  expect(removed.startMs).toBeLessThan(gone.startMs);
  expect(out).toContain(
    '2026-11-21 17:04:13 – 17:04:17: a recorded file was removed by an owner; the box has signed that',
  );
  expect(out).toContain('2026-11-21 17:04:21 – 17:04:25: a recorded file is missing');
  expect(out).toContain(`2026-11-21 17:04:31: ${torn.name} stops without an end`);
  expect((await probe(path)).frames).toBe(120 + 4 * FRAMES_PER_PIECE);
}, 60_000);

test('another picture size goes into another file', async () => {
  const box = await newBox();
  await box.record(four);
  await box.record(wide, { width: 320, height: 240 });
  const { code, out, path } = await exported(box);
  expect(code).toBe(0);
  expect(await probe(path)).toMatchObject({ frames: 40, width: 160 });
  const second = path.replace('.mp4', '-2.mp4');
  expect(out).toContain(second);
  expect(await probe(second)).toMatchObject({ frames: 20, width: 320 });
}, 60_000);

test('film that the box recorded before it knew the time is found at the time it worked out later', async () => {
  const box = await newBox();
  box.wallSynchronised = false;
  const wrong = box.wallMs;
  box.wallMs = Date.UTC(2020, 0, 1);
  await box.record(four);
  box.wallMs = wrong + 4000;
  box.wallSynchronised = true;
  await box.record(four);
  const { code, out, path } = await exported(box);
  expect([code, out.includes('The box learned the time only later')]).toEqual([0, true]);
  expect(await probe(path)).toMatchObject({ frames: 80, createdAtMs: wrong });
}, 60_000);

test('a recovery key that was replaced, or is another box’s, or is mistyped, opens nothing and writes nothing', async () => {
  const box = await newBox();
  await box.record(four);
  const old = box.words;
  const { keyring, recoveryKey } = replaceRecovery(box.keyring, unlockWithRecovery(box.keyring, box.recoveryKey));
  box.keepKeyring(keyring);
  const out = join(root, 'never.mp4');
  const argv = ['export', '--recovery-key-file', '-', '--folder', box.folder, ...DAY, out];
  const refused = await nightjar(argv, { stdin: old });
  expect(refused).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('belongs to another box or was replaced'),
  });
  const words = recoveryWords(recoveryKey);
  const slip = await nightjar(argv, { stdin: words.with(4, words[4] === 'zebra' ? 'acid' : 'zebra').join(' ') });
  expect(slip).toMatchObject({ code: 1, err: expect.stringContaining('Look at word 5 again') });
  expect(existsSync(out)).toBe(false);
  // the key on the command line is not read, and not repeated
  const shown = await nightjar(['export', '--recovery-key-file', old, '--folder', box.folder, ...DAY, out]);
  expect(shown.code).toBe(2);
  expect(shown.err).toContain('not the key');
  expect(shown.err).not.toContain(old.split(' ')[3]!);
  // the new one opens, as the text of its code with a sheet around it
  const text = `Keep this safe.\n${recoveryText(recoveryKey).replace(/(.{6})/g, '$1 ')}\n`;
  expect(await nightjar(argv, { stdin: text })).toMatchObject({ code: 0, err: '' });
  expect((await probe(out)).frames).toBe(40);
}, 60_000);

test('what is there is not replaced, an unknown camera is told which there are, and an empty time what is near', async () => {
  const box = await newBox();
  await box.record(four);
  await box.record(four, { cameraId: 'yard' });
  const out = join(root, 'precious.mp4');
  writeFileSync(out, 'precious');
  const argv = ['export', '--recovery-key-file', '-', '--folder', box.folder];
  const options = { stdin: box.words };
  const there = await nightjar([...argv, ...DAY, '--camera', 'yard', out], options);
  expect(there).toMatchObject({ code: 1, err: expect.stringContaining('is there already') });
  expect(readFileSync(out, 'utf8')).toBe('precious');
  const unknown = await nightjar([...argv, ...DAY, '--camera', 'attic', 'x.mp4'], options);
  expect(unknown).toMatchObject({
    code: 1,
    err: expect.stringContaining('Cameras with recordings here: front-door, yard.'),
  });
  const empty = await nightjar(
    [...argv, '--from', '2026-11-20', '--to', '2026-11-20', '--camera', 'yard', 'x.mp4'],
    options,
  );
  expect(empty).toMatchObject({ code: 1, err: expect.stringContaining('the next one begins 2026-11-21 17:04:13') });
  const replaced = await nightjar([...argv, ...DAY, '--camera', 'yard', '--force', out], options);
  expect(replaced.code).toBe(0);
  expect((await probe(out)).frames).toBe(40);
  expect(existsSync(join(root, 'x.mp4'))).toBe(false);
}, 60_000);

test('evidence lets a stranger without any key of the vault see that a clip is whole, and see each change', async () => {
  const box = await newBox();
  for (let i = 0; i < 4; i++) await box.record(four);
  const times = ['--from', '2026-11-21 17:04:14', '--to', '2026-11-21 17:04:20'];
  const { code, path } = await exported(box, ...times, '--evidence');
  expect(code).toBe(0);
  const folder = path.replace('.mp4', '.evidence');
  rmSync(box.folder, { recursive: true });
  const check = () => nightjar(['verify', folder, '--device-key', box.deviceKeyHex]);
  const whole = await check();
  expect(whole).toMatchObject({ code: 0, err: '', out: expect.stringContaining('byte for byte') });
  // only the two files of that time can be opened with it
  const { files } = JSON.parse(readFileSync(join(folder, 'evidence.json'), 'utf8'));
  expect(files.length).toBe(2);

  const clip = readFileSync(path);
  writeFileSync(path, clip.with(clip.length - 9, clip.at(-9)! ^ 1));
  expect(await check()).toMatchObject({ code: 1, out: expect.stringContaining('is not what these files hold') });
  writeFileSync(path, clip);
  const [first] = readdirSync(join(folder, 'files')).map((name) => join(folder, 'files', name));
  const sealed = readFileSync(first!);
  writeFileSync(first!, sealed.with(900, sealed[900]! ^ 1));
  expect((await check()).code).toBe(1);
  // the same files the other way round are another story, also with a clip that tells it
  const said = readFileSync(join(folder, 'evidence.json'), 'utf8');
  const evidence = JSON.parse(said);
  writeFileSync(first!, sealed);
  writeFileSync(join(folder, 'evidence.json'), JSON.stringify({ ...evidence, files: evidence.files.toReversed() }));
  expect(await check()).toMatchObject({ code: 1, out: expect.stringContaining('not in the order') });
  writeFileSync(join(folder, 'evidence.json'), JSON.stringify({ ...evidence, cameraId: 'yard' }));
  expect(await check()).toMatchObject({ code: 1, out: expect.stringContaining('is not of yard') });
  writeFileSync(join(folder, 'evidence.json'), said);
  rmSync(first!);
  expect(await check()).toMatchObject({ code: 1, out: expect.stringContaining('is missing from the evidence') });
  writeFileSync(first!, sealed);
  expect((await check()).code).toBe(0);
  const other = await newBox();
  const foreign = await nightjar(['verify', folder, '--device-key', other.deviceKeyHex]);
  expect(foreign).toMatchObject({ code: 1, out: expect.stringContaining('another box') });
}, 90_000);

test('open makes an MP4, a JPEG and a PNG of single files, and says what each file is that does not open', async () => {
  const box = await newBox();
  const clip = await box.record(four);
  const jpeg = crypto.getRandomValues(new Uint8Array(900));
  const still = await box.picture('still', jpeg, 'image/jpeg');
  const png = crypto.getRandomValues(new Uint8Array(900));
  const difference = await box.picture('difference', png, 'image/png');
  const here = mkdtempSync(join(root, 'open-'));
  const opened = (path: string, stdin = box.words) =>
    nightjar(['open', join(box.folder, path), '--recovery-key-file', '-'], { stdin, cwd: here });

  for (const path of [clip.name, still, difference]) expect(await opened(path)).toMatchObject({ code: 0, err: '' });
  const made = readdirSync(here).sort();
  expect(made.map((name) => name.replace(/^\d+-file\d+/, ''))).toEqual(['.mp4', '.jpg', '.png']);
  expect((await probe(join(here, made[0]!))).frames).toBe(40);
  expect(new Uint8Array(readFileSync(join(here, made[1]!)))).toEqual(jpeg);
  expect(new Uint8Array(readFileSync(join(here, made[2]!)))).toEqual(png);

  const spoil = (name: string, change: (bytes: Buffer) => Buffer): string => {
    box.write(name, change(readFileSync(join(box.folder, clip.name))));
    return name;
  };
  const other = await newBox();
  const foreign = await other.record(four);
  copyFileSync(join(other.folder, foreign.name), join(box.folder, 'foreign.nj'));
  const flip = (at: number) => (bytes: Buffer) => Buffer.from(bytes.with(at, bytes[at]! ^ 1));
  for (const [path, words] of [
    [spoil('header.nj', flip(40)), 'The beginning of this file is damaged'],
    [spoil('newer.nj', (bytes) => Buffer.from(bytes.with(9, 2))), 'newer version'],
    [spoil('note.nj', () => Buffer.from('milk, bread, butter and some more')), 'This is not a sealed Nightjar file.'],
    ['foreign.nj', 'recorded by another box'],
  ] as const) {
    expect(await opened(path)).toMatchObject({ code: 1, out: '', err: expect.stringContaining(words) });
  }
  expect(await opened(clip.name, other.words)).toMatchObject({
    code: 1,
    err: expect.stringContaining('another box or was replaced'),
  });
  expect(readdirSync(here).sort()).toEqual(made);

  const middle = await box.record(four);
  damage(box, middle, 6);
  const partly = await opened(middle.name);
  expect(partly).toMatchObject({ code: 3, out: expect.stringContaining('something is damaged') });
  const out = readdirSync(here).find((name) => !made.includes(name))!;
  expect((await probe(join(here, out))).frames).toBe(40 - 3 * FRAMES_PER_PIECE);
}, 90_000);

test('verify says of a folder, without a key, what is whole, missing, cut, changed and removed on purpose', async () => {
  const box = await newBox();
  for (let i = 0; i < 2; i++) await box.record(four);
  const still = await box.picture('still', new Uint8Array(500), 'image/jpeg');
  box.restart();
  await box.record(four);
  const check = () => nightjar(['verify', box.folder, '--json']);
  const kinds = async () => {
    const { code, out } = await check();
    const { cameras, others } = JSON.parse(out);
    const lines = [...cameras, { lines: others }].flatMap(({ lines }) => lines) as { kind: string; isFault: boolean }[];
    return {
      code,
      faults: lines.filter((line) => line.isFault).map((line) => line.kind),
      all: lines.map((line) => line.kind),
    };
  };
  expect(await kinds()).toEqual({ code: 0, faults: [], all: ['restart'] });
  const words = await nightjar(['verify', box.folder]);
  expect(words.out).toContain('front-door: 4 files, 2026-11-21 17:04:09 – 17:04:21, 4 whole');
  expect(words.out).toContain('Nothing is missing, cut or changed');

  await box.record(four, {}, { write: false });
  const changed = await box.record(four);
  expect((await kinds()).faults).toEqual(['missing']);
  appendFileSync(join(box.folder, 'front-door/removed.njn'), box.noteRemoval({ from: 4, to: 4, why: 'space' }));
  expect(await kinds()).toEqual({ code: 0, faults: [], all: ['restart', 'removed'] });
  // a note that somebody else signed explains nothing
  const other = await newBox();
  rmSync(join(box.folder, 'front-door/removed.njn'));
  box.write('front-door/removed.njn', other.noteRemoval({ from: 4, to: 4, why: 'space' }));
  expect((await kinds()).faults.sort()).toEqual(['changed', 'missing']);
  box.write('front-door/removed.njn', box.noteRemoval({ from: 4, to: 4, why: 'space' }));

  const path = join(box.folder, changed.name);
  const bytes = readFileSync(path);
  damage(box, changed, 3);
  expect((await kinds()).code).toBe(1);
  writeFileSync(path, bytes.subarray(0, changed.cuts[4]!));
  const old = new Date(Date.now() - 600_000);
  utimesSync(path, old, old);
  expect((await kinds()).faults).toEqual(['cut']);
  writeFileSync(path, bytes.subarray(0, changed.cuts[4]!));
  expect(await kinds()).toMatchObject({ code: 0, all: ['restart', 'open'] });
  writeFileSync(path, bytes);
  writeFileSync(join(box.folder, still), 'not sealed at all');
  expect((await kinds()).faults).toEqual(['unreadable']);
  const camera = await nightjar(['verify', box.folder, '--camera', 'attic']);
  expect(camera).toMatchObject({ code: 2, err: expect.stringContaining('there are no recordings of attic') });
}, 90_000);

test('the pieces of the test film are what the counts above assume', async () => {
  const [{ pieces }, { pieces: sounding }] = [four, withSound];
  expect([pieces.length, sounding.length, PIECE_MS]).toEqual([8, 8, 500]);
});
