import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../base/log.ts';
import { withoutSecrets } from './secrets.ts';
import { SETTINGS_VERSION } from './settings.ts';
import { SettingsRefused, SettingsStore } from './store.ts';

const open = (env: Record<string, string> = {}, dataDir = mkdtempSync(join(tmpdir(), 'nightjar-settings-'))) => ({
  store: new SettingsStore({ dataDir, env, log: silentLog }),
  dataDir,
});
const yard = {
  id: 'yard',
  name: 'Yard',
  source: { kind: 'rtsp', url: 'rtsp://192.168.1.20/stream1', username: 'me', password: 'secret-1' },
};

test('a new box starts with every default, and finds them in its file', () => {
  const { store, dataDir } = open();
  expect(store.current.storage.keepFreeMB).toBe(2000);
  expect(JSON.parse(readFileSync(join(dataDir, 'settings.json'), 'utf8')).version).toBe(SETTINGS_VERSION);
});

test('a change is on the disk before anybody hears of it', () => {
  const { store, dataDir } = open();
  let seen = '';
  store.listen(({ after }) => {
    seen = `${after.box.name} ${JSON.parse(readFileSync(join(dataDir, 'settings.json'), 'utf8')).box.name}`;
  });
  store.replaceSection('box', { ...store.current.box, name: 'Shop' });
  expect(seen).toBe('Shop Shop');
  expect(open({}, dataDir).store.current.box.name).toBe('Shop');
});

test('unknown keys are refused by name, and nothing is changed', () => {
  const { store } = open();
  expect(() => store.replaceSection('mail', { ...store.current.mail, hots: 'x' })).toThrow('hots: no such setting');
  expect(() => store.addCamera({ ...yard, motion: { sensitivty: 3 } })).toThrow('motion.sensitivty: no such setting');
  expect(store.current.cameras).toEqual([]);
});

test.each([
  [{ ...yard, id: '../etc' }, 'id'],
  [{ ...yard, source: { ...yard.source, url: 'file:///etc/passwd' } }, 'source.url'],
  [{ ...yard, source: { ...yard.source, url: 'rtsp://a/"; rm -rf /' } }, 'source.url'],
  [{ ...yard, source: { kind: 'usb', device: '/dev/sda' } }, 'source.device'],
  [{ ...yard, record: { segmentS: 3600 } }, 'record.segmentS'],
  [{ ...yard, motion: { zones: [{ name: 'z', points: [{ x: 0, y: 0 }] }] } }, 'motion.zones.0.points'],
])('%j is refused at %s', (camera, path) => {
  const { store } = open();
  try {
    store.addCamera(camera);
    throw new Error('was accepted');
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsRefused);
    expect((error as SettingsRefused).issues.map((i) => i.path)).toContain(path);
  }
});

test('a secret never leaves, and stays when the page sends it back empty', () => {
  const { store } = open();
  const shown = withoutSecrets(store.addCamera(yard));
  expect(JSON.stringify(shown.value)).not.toContain('secret-1');
  expect(shown.secretsSet).toEqual(['source.password']);
  store.changeCamera('yard', { name: 'Back yard', source: shown.value.source });
  expect(store.current.cameras[0]).toMatchObject({ name: 'Back yard', source: { password: 'secret-1' } });
  store.changeCamera('yard', { source: { password: 'secret-2' } });
  expect(store.current.cameras[0]).toMatchObject({ source: { username: 'me', password: 'secret-2' } });
});

test('a kept password goes to no other machine: it is asked for again', () => {
  const { store } = open();
  store.addCamera(yard);
  const elsewhere = [
    { kind: 'rtsp', url: 'rtsp://10.0.0.66/s' },
    { kind: 'rtsp', url: 'rtsp://10.0.0.66/s', password: '' },
    { detectUrl: 'rtsp://10.0.0.66/s' },
  ];
  for (const source of elsewhere) expect(() => store.changeCamera('yard', { source })).toThrow('again');
  expect(store.current.cameras[0]).toMatchObject({ source: { password: 'secret-1' } });
  store.changeCamera('yard', { source: { url: 'rtsp://10.0.0.66/s', password: 'secret-1' } });
  store.changeCamera('yard', { source: { detectUrl: 'rtsp://10.0.0.66/small' } });
  expect(store.current.cameras[0]).toMatchObject({ source: { password: 'secret-1' } });
});

test('changing one camera leaves the very same settings for the others', () => {
  const { store } = open();
  store.addCamera(yard);
  store.addCamera({ ...yard, id: 'door', name: 'Door' });
  const before = JSON.stringify(store.current.cameras[1]);
  store.changeCamera('yard', { motion: { sensitivity: 80 } });
  expect(JSON.stringify(store.current.cameras[1])).toBe(before);
  expect(store.current.cameras[0]!.motion).toMatchObject({ sensitivity: 80, smallestDurationMs: 400 });
});

test('a zone keeps the limits it names and no others, so that the camera’s hold for the rest', () => {
  const { store } = open();
  const points = [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
  ];
  const zones = [
    { name: 'Gate', points, limits: { largestAreaPercent: 20 } },
    { name: 'Path', points, sensitivity: 70 },
  ];
  store.addCamera({ ...yard, motion: { smallestAreaPercent: 2, zones } });
  expect(store.current.cameras[0]!.motion.zones).toEqual(zones);
});

test('the environment wins, is named, and is never written down', () => {
  const { store, dataDir } = open();
  store.addCamera({ ...yard, id: 'front-door' });
  const env = {
    NIGHTJAR_MAIL_PORT: '465',
    NIGHTJAR_MAIL_TO: 'a@example.org, b@example.org',
    NIGHTJAR_STORAGE_KEEP_FREE_MB: '500',
    NIGHTJAR_CAMERA_FRONT_DOOR_SOURCE_PASSWORD: 'from-env',
    NIGHTJAR_CAMERA_GONE_NAME: 'no such camera',
  };
  const second = open(env, dataDir).store;
  expect(second.current.mail).toMatchObject({ port: 465, to: ['a@example.org', 'b@example.org'] });
  expect(second.current.cameras[0]!.source).toMatchObject({ password: 'from-env' });
  expect(second.fromEnvironment).toContain('storage.keepFreeMB');
  second.replaceSection('box', { ...second.current.box, name: 'Other' });
  const file = readFileSync(join(dataDir, 'settings.json'), 'utf8');
  expect(file).not.toContain('from-env');
  expect(file).not.toContain('465');
});

test.each([
  [{ NIGHTJAR_MAIL_HOTS: 'x' }, 'NIGHTJAR_MAIL_HOTS: no such setting'],
  [{ NIGHTJAR_MAIL_PORT: 'many' }, 'NIGHTJAR_MAIL_PORT must be a number'],
  [{ NIGHTJAR_MAIL_PORT: '99999' }, 'mail.port: must be at most 65535'],
])('an environment that cannot be used stops the start: %j', (env, message) => {
  expect(() => open(env)).toThrow(message);
});

test('a cut settings file falls back to the last good copy, and the owner is told', () => {
  const { store, dataDir } = open();
  store.replaceSection('box', { ...store.current.box, name: 'Shop' });
  const path = join(dataDir, 'settings.json');
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));
  const again = open({}, dataDir).store;
  expect(again.current.box.name).toBe('Shop');
  expect(again.recovered).toContain('cut off');
  expect(again.recovered).toContain('the last good copy is used');
});

test('a hand-edited mistake names the place and keeps the box running', () => {
  const { dataDir } = open();
  writeFileSync(join(dataDir, 'settings.json'), '{"version": 1, "mail": {"hots": "smtp.example.org"}}');
  const again = open({}, dataDir).store;
  expect(again.recovered).toContain('mail.hots: no such setting');
  expect(open({}, dataDir).store.recovered).toBeUndefined();
});

test('settings of a newer version are refused, of an older one migrated', () => {
  const { dataDir } = open();
  writeFileSync(join(dataDir, 'settings.json'), '{"version": 99}');
  expect(open({}, dataDir).store.recovered).toContain('update Nightjar');
  writeFileSync(join(dataDir, 'settings.json'), '{"box": {"name": "Old"}}');
  const migrated = open({}, dataDir).store;
  expect(migrated.current.box.name).toBe('Old');
  expect(migrated.recovered).toBeUndefined();
});

test('a change that the disk has no room for is refused as that, and does not slip in with the next one', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nightjar-settings-'));
  const store = new SettingsStore({ dataDir, env: {}, log: silentLog });
  const box = { ...store.current.box, name: 'Attic' };
  // the device that has never any room
  symlinkSync('/dev/full', join(dataDir, 'settings.json.new'));
  expect(() => store.replaceSection('box', box)).toThrow(expect.objectContaining({ kind: 'no-space' }));
  expect(store.current.box.name).toBe('Nightjar');
  rmSync(join(dataDir, 'settings.json.new'));
  store.replaceSection('storage', { ...store.current.storage, maxAgeDays: 3 });
  const again = new SettingsStore({ dataDir, env: {}, log: silentLog });
  expect([again.current.box.name, again.current.storage.maxAgeDays]).toEqual(['Nightjar', 3]);
});

test.each([
  ['Garden\r\nBcc: everybody@example.org', false],
  ['\u202egnp.door', false],
  ['a\u0000b', false],
  ['Tür „Süd“ <1> & 👨‍👩‍👧', true],
  ['كاميرا الباب', true],
])('a camera may be called %j: %p', (name, isAccepted) => {
  const { store } = open();
  const add = () => store.addCamera({ ...yard, name });
  if (isAccepted) expect(add().name).toBe(name);
  else expect(add).toThrow('must be one line');
});
