import { afterEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { addToNetworkFile, readNetworkFile } from './network-file.ts';
import { joinPresetWifi } from './preset-wifi.ts';

const folders: string[] = [];
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});
const newFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'nightjar-preset-wifi-'));
  folders.push(path);
  return path;
};
const wifi = { ssid: 'Home', password: 'correct horse', hidden: false };
const answer = (code: number, text = '') => ({ code, stdout: new TextEncoder().encode(text) });

test('the Wi-Fi waits in the file until NetworkManager has it, and is then left to its owner', async () => {
  const folder = newFolder();
  addToNetworkFile(folder, { country: 'DE', wifi });
  const parts = { folder, clock: new ManualClock(), log: silentLog };
  const absent = joinPresetWifi({ ...parts, run: async () => answer(8) });
  await absent.close();
  expect(readNetworkFile(folder).waiting).toEqual(['wifi']);

  let asked = 0;
  const run = async () => {
    asked++;
    return answer(0, 'Home\nno\ncorrect horse\n');
  };
  await joinPresetWifi({ ...parts, run }).done;
  expect([asked, readNetworkFile(folder)]).toEqual([1, { country: 'DE', wifi, waiting: [] }]);
  await joinPresetWifi({ ...parts, run }).done;
  expect(asked).toBe(1);
});

test('a box without a preset asks NetworkManager nothing', async () => {
  const run = async () => {
    throw new Error('was asked');
  };
  const folder = newFolder();
  await joinPresetWifi({ folder, clock: new ManualClock(), log: silentLog, run }).done;
  expect(readNetworkFile(folder)).toEqual({ waiting: [] });
});

// A pipe that nobody writes to would hold a reader for ever, and with it every start.
test('a pipe where the file should be keeps no start waiting', () => {
  const folder = newFolder();
  expect(Bun.spawnSync(['mkfifo', join(folder, 'network.json')]).exitCode).toBe(0);
  const script = `const { readNetworkFile } = await import(${JSON.stringify(join(import.meta.dir, 'network-file.ts'))});
    console.log(JSON.stringify(readNetworkFile(${JSON.stringify(folder)})));`;
  const reader = Bun.spawnSync([process.execPath, '-e', script], { timeout: 4000, killSignal: 'SIGKILL' });
  expect(reader.stdout.toString().trim()).toBe('{"waiting":[]}');
});
