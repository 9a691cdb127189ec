// A box in use, for tests of the factory reset: keys, a sealed recording, the wrapped key beside it, a Wi-Fi profile; the three ways of
// asking for a reset; and what must be true after one.

import { expect } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FixtureBox, flashedBox, type StartOptions } from '../boot/fixture-box.ts';
import { askForReset, type ResetBy } from './request.ts';

export const SECRET = 'the secret half of the device key';
export const CMDLINE = 'console=tty1 root=PARTUUID=1234abcd-02 rootwait ro\n';

export async function usedBox(): Promise<FixtureBox> {
  const box = await flashedBox({ mebibytes: 320 });
  await box.start();
  const { places } = box;
  mkdirSync(join(places.box, 'recordings/cam1/2026-11-21'), { recursive: true });
  writeFileSync(join(places.box, 'device.key'), SECRET);
  writeFileSync(join(places.box, 'recordings/keyring.json'), SECRET);
  writeFileSync(join(places.box, 'recordings/cam1/2026-11-21/1.nj'), 'sealed');
  writeFileSync(join(places.system, 'network/home.nmconnection'), SECRET);
  return box;
}

/** Asks, and says how the box is then started. */
export const asks: Readonly<Record<ResetBy, (box: FixtureBox) => StartOptions>> = {
  page({ places }) {
    askForReset(places);
    return {};
  },
  file({ places }) {
    writeFileSync(join(places.bootfs, 'Nightjar-Reset.TXT'), '');
    return {};
  },
  argument({ places }) {
    writeFileSync(join(places.bootfs, 'cmdline.txt'), CMDLINE.replace(' ro', ' nightjar.reset ro'));
    return {};
  },
};
export const ways: readonly ResetBy[] = ['page', 'file', 'argument'];

export const commandLine = ({ places }: FixtureBox): string => readFileSync(join(places.bootfs, 'cmdline.txt'), 'utf8');

/** What was on the file system `uuid` is gone for good, and nobody asks for it any more. */
export function expectGone(box: FixtureBox, uuid: string): void {
  expect(box.uuid()).not.toBe(uuid);
  expect(readdirSync(box.places.box)).toEqual([]);
  const old = box.content(uuid);
  for (const path of ['nightjar/device.key', 'nightjar/recordings/keyring.json', 'system/network/home.nmconnection'])
    expect(readFileSync(join(old, path), 'latin1')).toBe('\0'.repeat(SECRET.length));
  expect(readFileSync(join(old, 'nightjar/recordings/cam1/2026-11-21/1.nj'), 'utf8')).toBe('sealed');
  expect(readdirSync(box.places.bootfs)).toEqual(['cmdline.txt']);
  expect(commandLine(box).split(/\s+/)).toEqual(CMDLINE.split(/\s+/));
}
