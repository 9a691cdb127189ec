import { expect, test } from 'bun:test';
import { z } from 'zod';
import { cameraSettings } from '../../src/config/camera.ts';
import { sections } from '../../src/config/settings.ts';
import { shorterHelp } from './help.ts';
import { fieldsOf } from './schema-fields.ts';

test('shorter help is for settings that exist', () => {
  const camera = z.toJSONSchema(cameraSettings, { io: 'input' });
  const kinds = ['rtsp', 'http', 'usb', 'picamera', 'file', 'demo'];
  const paths = new Set([
    ...kinds.flatMap((kind) => fieldsOf(camera, { source: kind })).map((f) => f.path),
    ...Object.values(sections).flatMap((s) => fieldsOf(z.toJSONSchema(s, { io: 'input' })).map((f) => f.path)),
  ]);
  expect(Object.keys(shorterHelp).filter((path) => !paths.has(path))).toEqual([]);
});
