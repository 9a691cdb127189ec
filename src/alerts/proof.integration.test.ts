// What a second look means for mails: one that finds nothing holds its mail back and costs nothing else; nothing that goes wrong
// with it does. Real mail server, real disk.

import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { type Alerts, type EventProof, openAlerts } from './alerts.ts';
import { readMail, reply, startServer } from './fixture-server.ts';

// A machine that is busy with other tests must not fail these.
setDefaultTimeout(20_000);

const folders: string[] = [];
const open: Alerts[] = [];
afterEach(async () => {
  for (const alerts of open.splice(0)) await alerts.close();
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

const png = new Uint8Array(5000).fill(7);

/** The alerts of one camera whose events are borne out as `proofs` says. */
function home(
  port: number,
  proofs: Readonly<Record<string, Promise<EventProof>>>,
  { dataDir = mkdtempSync(join(tmpdir(), 'nightjar-proof-')), attachDifference = true } = {},
) {
  folders.push(dataDir);
  const states: string[] = [];
  const pictures: number[] = [];
  const alerts = openAlerts({
    pictureKey: new Uint8Array(32).fill(1),
    dataDir,
    clock: systemClock,
    log: silentLog,
    settings: () => ({
      mail: {
        ...({ enabled: true, preset: 'own', host: '127.0.0.1', port, security: 'none' } as const),
        ...{ verifyCertificate: true, username: '', password: '', from: 'box@example.org', to: ['ada@example.org'] },
      },
      ...{ boxName: 'Home', timeZone: 'UTC', publicUrl: '' },
      camera: () => ({ name: 'Door', mailOnMotion: true, mailOnLost: true, coolDownS: 60, attachDifference }),
    }),
    pictureOf: async (_, atMs) => {
      pictures.push(atMs);
      return new Uint8Array(1000).fill(9);
    },
    proofOf: (_, eventId) => proofs[eventId]!,
    linkTo: () => undefined,
    onMailState: (id, state) => void states.push(`${id} ${state}`),
    settleMs: 20,
    startPauseMs: 0,
  });
  open.push(alerts);
  const start = (id: string) =>
    alerts.motion('door', { kind: 'start', id, atMs: systemClock.monotonicMs(), level: 10 });
  const waiting = () => readdirSync(join(dataDir, 'outbox')).filter((name) => name.endsWith('.json')).length;
  return { alerts, states, pictures, start, waiting, dataDir };
}

const imagesIn = async (raw: Uint8Array) =>
  (await readMail(raw)).parts.filter((p) => p.type.startsWith('image/')).map((p) => [p.type, p.cid, p.name]);

test('an event that is not borne out makes no mail, leaves nothing behind and does not start the cool-down', async () => {
  await using server = await startServer();
  const { alerts, states, start, waiting } = home(server.port, {
    nothing: Promise.resolve({ confirmed: false }),
    somebody: Promise.resolve({ confirmed: true }),
    again: Promise.resolve({ confirmed: true }),
  });
  expect(start('nothing')).toBe('waiting');
  while (!states.includes('nothing held-back')) await Bun.sleep(5);
  await alerts.idle();
  expect(waiting()).toBe(0);
  expect(start('somebody')).toBe('waiting');
  expect(start('again')).toBe('held-back');
  await server.count(1);
  await alerts.idle();
  expect(server.received).toHaveLength(1);
});

test('until it is known the mail waits on the disk; borne out by a later moment, it goes with that moment’s picture', async () => {
  await using server = await startServer();
  const later = Promise.withResolvers<EventProof>();
  const { pictures, start, waiting, states } = home(server.port, { visit: later.promise });
  start('visit');
  while (!states.includes('visit waiting')) await Bun.sleep(5);
  await Bun.sleep(50);
  expect([waiting(), pictures, server.received.length]).toEqual([1, [], 0]);
  later.resolve({ confirmed: true, atMs: 4711, difference: Promise.resolve(png) });
  await server.count(1);
  expect(pictures).toEqual([4711]);
});

test('the difference picture is a second picture in the mail, where it is asked for', async () => {
  await using server = await startServer();
  const proof = Promise.resolve({ confirmed: true, difference: Promise.resolve(png) });
  home(server.port, { visit: proof }, { attachDifference: false }).start('visit');
  await server.count(1);
  expect((await imagesIn(server.received[0]!.raw)).map(([, cid]) => cid)).toEqual(['<picture@nightjar>']);
  home(server.port, { visit: proof }).start('visit');
  await server.count(2);
  expect(await imagesIn(server.received[1]!.raw)).toEqual([
    ['image/jpeg', '<picture@nightjar>', expect.stringMatching(/^door-[\dTZ-]+\.jpg$/)],
    ['image/png', '<difference@nightjar>', expect.stringMatching(/^door-[\dTZ-]+-difference\.png$/)],
  ]);
});

test('a second look that fails holds nothing back', async () => {
  await using server = await startServer();
  const failing = Promise.reject(new Error('decoder died'));
  failing.catch(() => {});
  home(server.port, { visit: failing }).start('visit');
  await server.count(1);
  expect(server.received).toHaveLength(1);
});

test('both pictures wait on the disk with their mail, and a restart sends them', async () => {
  await using server = await startServer();
  server.answers.sender = () => reply(451, 'come back later');
  const first = home(server.port, { visit: Promise.resolve({ confirmed: true, difference: Promise.resolve(png) }) });
  first.start('visit');
  const files = () => readdirSync(join(first.dataDir, 'outbox')).map((name) => name.slice(name.indexOf('.')));
  while (!files().includes('.png.sealed') || files().some((name) => name.endsWith('.new'))) await Bun.sleep(5);
  await first.alerts.idle();
  expect(files().sort()).toEqual(['.jpg.sealed', '.json', '.png.sealed']);
  await first.alerts.close();
  server.answers = {};
  const again = home(server.port, {}, { dataDir: first.dataDir });
  await server.count(1);
  expect((await imagesIn(server.received[0]!.raw)).map(([type]) => type)).toEqual(['image/jpeg', 'image/png']);
  await again.alerts.idle();
  folders.pop();
  while (files().length > 0) await Bun.sleep(5);
});
