import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NoFootage, readFootage } from './footage.ts';

const root = mkdtempSync(join(tmpdir(), 'nightjar-footage-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
function folder(files: Readonly<Record<string, string>>): string {
  const path = join(root, `${folders++}`);
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}
const clip = {
  file: 'elsewhere/gate at night.mp4',
  fps: 12.5,
  width: 640,
  height: 360,
  duration: 30,
  intervals: [[1, 2]],
};
const labels = JSON.stringify({ version: 1, clips: { gate: { ...clip, kind: 'people', in_progress: [0] } } });

test('a clip is looked for beside its labels and called as the detectors call it', () => {
  const path = folder({ 'labels.json': labels, 'gate at night.mp4': '' });
  expect(readFootage(path)).toEqual([
    {
      name: 'gate at night',
      path: join(path, 'gate at night.mp4'),
      fps: 12.5,
      width: 640,
      height: 360,
      labels: { durationS: 30, events: [[1, 2]], ignore: [], underWay: [0] },
    },
  ]);
});

test.each([
  ['no folder', join(root, 'missing'), 'There is no '],
  ['a folder without labels', folder({}), 'make bench-motion CLIPS=folder'],
  ['labels that are no JSON', folder({ 'labels.json': '{' }), 'is not a file of labels'],
  [
    'labels of something else',
    folder({ 'labels.json': '{"clips":{"a":{"file":"a.mp4"}}}' }),
    'is not a file of labels',
  ],
  ['a clip that is not there', folder({ 'labels.json': labels }), 'lacks clips that are labelled: gate at night.mp4'],
  ['labels of no clip', folder({ 'labels.json': '{"clips":{}}' }), 'names no clip'],
])('%s is said, not measured', (_, path, words) => {
  expect(() => readFootage(path)).toThrow(NoFootage);
  expect(() => readFootage(path)).toThrow(words);
});
