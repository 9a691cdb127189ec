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
