// A real socket in systemd's place, a real page and a real disk.

import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { spawnChild } from '../base/child.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { placesUnder } from '../base/places.ts';
import { startServer } from '../http/server.ts';
import { readBoot } from '../library/boot.ts';
import { lookAfterBox } from './looking-after.ts';

const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(30)
print('bound', flush=True)
said = ''
while said != 'STOPPING=1':
    said = s.recv(500).decode()
    print(said, flush=True)
`;

test('systemd hears that the box is ready, then that it is alive, nothing while the page is down, and that it stops', async () => {
  const root = mkdtempSync(join(tmpdir(), 'nightjar-after-'));
  const places = placesUnder(root);
  for (const folder of [places.health, places.box, dirname(places.executable)]) mkdirSync(folder, { recursive: true });
  await using child = spawnChild(['/usr/bin/python3', '-c', receiver, join(root, 'notify')]);
  const lines: string[] = [];
  const heard = (async () => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const bytes of child.stdout) {
      text += decoder.decode(bytes, { stream: true });
      lines.splice(0, lines.length, ...text.split('\n').filter(Boolean));
    }
  })();
  const until = async (isSo: () => boolean) => {
    for (let tries = 0; !isSo() && tries < 400; tries++) await Bun.sleep(50);
    expect(isSo()).toBe(true);
  };
  await until(() => lines.includes('bound'));
  const app = { fetch: () => Response.json({ status: 'ok' }) };
  const server = await startServer({ app, plain: { host: '127.0.0.1', port: 0 } });
  const { port } = server.addresses.http!;
  const after = lookAfterBox({
    env: { NOTIFY_SOCKET: join(root, 'notify'), WATCHDOG_USEC: '900000' },
    places,
    boot: readBoot(systemClock),
    clock: systemClock,
    log: silentLog,
  });
  const cameras = { list: () => [], feed: () => undefined };
  after.watch({ cameras, folder: places.health, writtenBytes: () => 0, http: { host: '0.0.0.0', port } });
  const count = (line: string) => lines.filter((one) => one === line).length;
  await until(() => count('WATCHDOG=1') >= 2);
  expect(lines.filter((line) => /^(EXTEND|READY|STATUS)/.test(line))).toEqual([
    'EXTEND_TIMEOUT_USEC=60000000',
    'STATUS=running',
    'READY=1',
  ]);
  expect(existsSync(join(places.health, 'alive'))).toBe(true);

  await server.close();
  await until(() => lines.includes('STATUS=not well: the page does not answer'));
  const before = count('WATCHDOG=1');
  await Bun.sleep(1000);
  expect(count('WATCHDOG=1')).toBe(before);
  expect(readFileSync(join(dirname(places.executable), 'unwell'), 'utf8')).toBe('the page does not answer');

  after.close();
  await heard;
  expect(lines.at(-1)).toBe('STOPPING=1');
}, 60_000);

test('in somebody’s own terminal nothing is written and nobody is asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-after-'));
  let asked = 0;
  const server = await startServer({
    app: {
      fetch() {
        asked++;
        return new Response();
      },
    },
    plain: { host: '127.0.0.1', port: 0 },
  });
  const after = lookAfterBox({ env: {}, boot: readBoot(systemClock), clock: systemClock, log: silentLog });
  const cameras = { list: () => [], feed: () => undefined };
  after.watch({
    cameras,
    folder,
    writtenBytes: () => 0,
    http: { host: '127.0.0.1', port: server.addresses.http!.port },
  });
  await Bun.sleep(300);
  expect([asked, readdirSync(folder)]).toEqual([0, []]);
  after.close();
  await server.close();
});
