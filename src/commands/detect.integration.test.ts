import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../base/child.ts';
import { detect } from './detect.ts';

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-detect-'));
  // Ten seconds of a noisy grey wall; in `walk` a dark square crosses it from second 6 to 8.
  const wall = 'color=c=gray:s=640x360:r=10:d=10,noise=alls=6:allf=t';
  const walk = `${wall}[wall];color=c=black:s=50x100:r=10:d=10[man];[wall][man]overlay=x='(t-6)*250':y=120:enable='between(t,6,8)'`;
  for (const [name, graph] of [
    ['still', wall],
    ['walk', walk],
  ] as const) {
    const argv = [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      graph,
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p',
      '-g',
      '20',
    ];
    const ran = await runChild(['ffmpeg', ...argv, join(folder, `${name}.mp4`)]);
    if (ran.code !== 0) throw new Error(ran.stderr);
  }
}, 30_000);

afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await detect(argv, {
    out: (text) => void out.push(`${text}\n`),
    err: (text) => void err.push(`${text}\n`),
    env: {},
    isTerminal: false,
  });
  return { code, out: out.join(''), err: err.join('') };
}

test('a folder of clips gives intervals and processor time by clip name', async () => {
  const { code, out } = await run(folder, '--json');
  const { _cpu: cpu, still, walk, ...rest } = JSON.parse(out);
  expect([code, Object.keys(rest)]).toEqual([0, []]);
  expect(still).toEqual([]);
  expect(walk.length).toBe(1);
  expect(walk[0][0]).toBeGreaterThanOrEqual(6);
  expect(walk[0][0]).toBeLessThanOrEqual(6.8);
  expect(walk[0][1]).toBeLessThanOrEqual(9);
  expect(cpu.walk).toBeGreaterThan(0.01);
  expect(Object.keys(cpu).sort()).toEqual(['still', 'walk']);
}, 20_000);

test('people get a table', async () => {
  const { code, out } = await run(join(folder, 'walk.mp4'), '--sensitivity', '60');
  expect(code).toBe(0);
  expect(out).toMatch(/^walk {2}10\.0 s, motion \d\.\d s, processor \d+\.\d\d s\n {2}0:06\.\d – 0:0\d\.\d\n$/);
}, 20_000);

test('what is no video is named, the other clips are still judged, and the exit code says so', async () => {
  const broken = join(folder, 'broken.txt');
  writeFileSync(broken, 'not a video');
  const { code, out, err } = await run('--json', broken, join(folder, 'still.mp4'));
  expect([code, Object.keys(JSON.parse(out))]).toEqual([1, ['still', '_cpu']]);
  expect(err).toMatch(/broken\.txt: not a video that can be read/);
  rmSync(broken);
}, 20_000);

test.each([
  [[], 'name at least one clip'],
  [['--sensitivity', '0', 'x.mp4'], '--sensitivity must be a number from 1 to 100'],
  [['--sensitivity', '', 'x.mp4'], '--sensitivity must be a number from 1 to 100'],
  [['--nonsense', 'x.mp4'], "Unknown option '--nonsense'"],
  [['/no/such/clip.mp4'], 'no such file or folder'],
])('%j is refused: %s', (argv, message) => {
  expect(run(...argv)).rejects.toThrow(message);
});

test('in low power the same walk is found at the same time, though key frames alone are decoded before it', async () => {
  const { code, out } = await run('--json', '--low-power', join(folder, 'walk.mp4'));
  const low = JSON.parse(out).walk as [number, number][];
  const full = JSON.parse((await run('--json', join(folder, 'walk.mp4'))).out).walk as [number, number][];
  expect(code).toBe(0);
  expect(low.length).toBeGreaterThan(0);
  expect(Math.abs(low[0]![0] - full[0]![0])).toBeLessThan(0.5);
  const words = (await run('--low-power', join(folder, 'still.mp4'))).out;
  expect(Number(/resting (\d+) %/.exec(words)?.[1])).toBeGreaterThan(50);
  expect(words).toContain('motion 0.0 s');
}, 30_000);

test('what is neither H.264 nor H.265 has no low power, and says so', async () => {
  const clip = join(folder, 'old.mp4');
  const made = await runChild([
    'ffmpeg',
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    'testsrc=s=160x120:d=1',
    '-c:v',
    'mpeg4',
    clip,
  ]);
  expect(made.stderr).toBe('');
  const { code, err } = await run('--low-power', clip);
  expect(code).toBe(1);
  expect(err).toContain('H.264');
}, 30_000);
