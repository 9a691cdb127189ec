// The bench from end to end, on a rendered clip: a white box crosses a grey picture from the 8th to the 11th second.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = mkdtempSync(join(tmpdir(), 'nightjar-bench-'));
const clips = join(root, 'clips of a yard');
/** What the bench calls, and no Motion. */
const programs = join(root, 'bin');

beforeAll(async () => {
  for (const folder of [clips, programs]) mkdirSync(folder);
  for (const name of ['ffmpeg', 'ffprobe']) symlinkSync(Bun.which(name)!, join(programs, name));
  const yard = 'color=gray:s=320x240:r=10:d=14,noise=alls=3:allf=t';
  const crossing = `[0][1]overlay=x='(t-8)*90':y=90:enable='between(t,8,11)'`;
  const made = Bun.spawn(
    [
      ...['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', yard, '-f', 'lavfi', '-i', 'color=white:s=40x60:r=10:d=14'],
      ...['-filter_complex', crossing, '-c:v', 'libx264', '-preset', 'ultrafast', join(clips, 'one visit.mp4')],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  expect(await made.exited).toBe(0);
  const clip = { file: 'one visit.mp4', fps: 10, width: 320, height: 240, duration: 14, intervals: [[8, 11]] };
  writeFileSync(join(clips, 'labels.json'), JSON.stringify({ clips: { 'one visit': clip } }));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function bench(...args: readonly string[]) {
  const script = resolve(import.meta.dir, '../bench-motion.ts');
  const child = Bun.spawn([process.execPath, script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: programs },
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, out, err };
}
const row = (out: string, name: string) =>
  out
    .split('\n')
    .find((line) => line.startsWith(`| ${name} `))
    ?.split('|')
    .map((cell) => cell.trim())
    .slice(2, 7);

test('every detector that is there has its row, and where Motion is not, how to install it is said', async () => {
  const { code, out, err } = await bench('--clips', clips, '--per-clip');
  expect({ code, err: err.includes('could not be measured') }).toEqual({ code: 0, err: false });
  expect(row(out, 'Nightjar')).toEqual(['1.00', '1.00', '0', '0', '0.000']);
  expect(row(out, 'pixelmatch between pictures')).toEqual(['1.00', '1.00', '0', '0', '0.000']);
  expect(row(out, 'ffmpeg, decoding only')).toEqual(['–', '–', '–', '–', '–']);
  expect(out).toContain('apt-get install --no-install-recommends motion');
  expect(out).toContain('one visit                    found 1/1');
}, 60_000);

test('without a folder of clips it says so in one sentence, and that nothing was measured', async () => {
  const { code, out, err } = await bench('--clips', join(root, 'nowhere'));
  expect({ code, out, lines: err.trim().split('\n').length }).toEqual({ code: 2, out: '', lines: 1 });
  expect(err).toContain('make bench-motion CLIPS=folder');
}, 60_000);
