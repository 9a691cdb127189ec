// The forms against the real settings schemas: what the box can be told, the page can tell it.
import { expect, test } from 'bun:test';
import { z } from 'zod';
import { cameraSettings } from '../../src/config/camera.ts';
import { sections } from '../../src/config/settings.ts';
import * as layouts from './layouts.ts';
import { fieldsOf } from './schema-fields.ts';

const camera = z.toJSONSchema(cameraSettings, { io: 'input' });
const field = (path: string, kind = 'rtsp') => fieldsOf(camera, { source: kind }).find((f) => f.path === path);

test('every kind of source shows its own fields', () => {
  const names = (kind: string) =>
    fieldsOf(camera, { source: kind })
      .filter((f) => f.path.startsWith('source.'))
      .map((f) => f.path.slice(7));
  expect(names('rtsp')).toEqual(['url', 'detectUrl', 'transport', 'username', 'password']);
  expect(names('file')).toEqual(['path']);
  expect(names('picamera')).toContain('rotation');
});

test('a field knows its kind, its limits and its help', () => {
  expect(field('source.password')?.kind).toBe('secret');
  expect(field('source.detectUrl')).toMatchObject({ kind: 'text', required: false, maxLength: 2000 });
  expect(field('source.url')).toMatchObject({ kind: 'text', required: true });
  expect(field('source.rotation', 'picamera')).toMatchObject({ kind: 'choice', choices: [0, 180] });
  expect(field('motion.sensitivity')).toMatchObject({ kind: 'number', min: 1, max: 100, whole: true, default: 50 });
  expect(field('motion.smallestAreaPercent')).toMatchObject({ kind: 'number', whole: false });
  expect(field('motion.zones')?.kind).toBe('zones');
  expect(field('record.schedule')?.kind).toBe('schedule');
  expect(field('record.mode')?.choices).toEqual(['motion', 'continuous', 'both', 'manual', 'off']);
  expect(field('motion.mergeGapS')?.help).toContain('visit');
  expect(fieldsOf(z.toJSONSchema(sections.mail, { io: 'input' })).find((f) => f.path === 'to')?.kind).toBe('words');
});

test('no layout names a setting that does not exist', () => {
  const known = new Set([
    ...['rtsp', 'mjpeg', 'usb', 'picamera', 'file', 'demo'].flatMap((kind) =>
      fieldsOf(camera, { source: kind }).map((f) => f.path),
    ),
    ...Object.values(sections).flatMap((s) => fieldsOf(z.toJSONSchema(s, { io: 'input' })).map((f) => f.path)),
  ]);
  const named = Object.values(layouts)
    .filter((value): value is readonly layouts.Group[] => Array.isArray(value))
    .flatMap((groups) => groups.flatMap((g) => g.fields.map((f) => f.path)));
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => !known.has(path))).toEqual([]);
});

test('a setting that no layout names is still on the form', () => {
  const fields = fieldsOf({ properties: { name: { type: 'string' }, newThingMB: { type: 'integer' } } });
  expect(layouts.layOut(fields, layouts.boxGroups).map((g) => g.fields.map((f) => f.words.label))).toEqual([
    ['Name of the box'],
    ['New thing'],
  ]);
});

test('today every setting has words of its own', () => {
  const groups = [
    ...layouts.sourceGroups,
    ...layouts.motionGroups,
    ...layouts.motionMoreGroups,
    ...layouts.recordGroups,
    ...layouts.keepGroups,
    ...layouts.alertGroups,
  ].flatMap((g) => g.fields.map((f) => f.path));
  // These have a place of their own on the page.
  const elsewhere = ['id', 'name', 'enabled', 'motion.zones', 'motion.masks'];
  for (const kind of ['rtsp', 'mjpeg', 'usb', 'picamera', 'file', 'demo'])
    expect(
      fieldsOf(camera, { source: kind })
        .map((f) => f.path)
        .filter((p) => !groups.includes(p) && !elsewhere.includes(p)),
    ).toEqual([]);
});
