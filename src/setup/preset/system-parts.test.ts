import { afterEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesUnder } from '../../base/places.ts';
import { cutAt, quickSteps } from './fixture-power-cut.ts';
import { type TakeSteps, takePreset } from './take.ts';

const folders: string[] = [];
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

const ada = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ada@home';
const ben = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3Eu3Xv0yVb0V8lD0pKq1wq1r9mN2l8XyJ3zq5sT6uV ben@home';
const file = (...keys: readonly string[]) => `[box]\ncountry = "DE"\n[ssh]\nkeys = ${JSON.stringify(keys)}\n`;

function box() {
  const root = mkdtempSync(join(tmpdir(), 'nightjar-system-parts-'));
  folders.push(root);
  const places = placesUnder(root);
  for (const path of [places.bootfs, places.preset, places.system]) mkdirSync(path, { recursive: true });
  const keysPath = join(places.system, 'ssh/authorized_keys');
  const countryPath = join(places.system, 'country');
  const textOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
  return {
    places,
    keysPath,
    keys: () =>
      textOf(keysPath)
        ?.split('\n')
        .filter((line) => line !== '' && !line.startsWith('#')),
    country: () => textOf(countryPath),
    /** A start with this file on the card; without: with the card as it is. */
    async start(text?: string, steps: TakeSteps = quickSteps) {
      if (text !== undefined) writeFileSync(join(places.bootfs, 'nightjar.toml'), text);
      return takePreset({ places, whileWritable: (write) => write(), steps });
    },
  };
}

describe('what nightjar.toml says to root', () => {
  test('stands where sshd and the kernel’s country are looked for, for root alone', async () => {
    const { keysPath, country, start } = box();
    expect(await start(file(ada, ben))).toEqual({ presetTaken: true, problems: [] });
    const comment = '# Written by the box from nightjar.toml. Change it there.';
    expect(readFileSync(keysPath, 'utf8')).toBe(`${comment}\n${ada}\n${ben}\n`);
    expect([keysPath, join(keysPath, '..')].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o700]);
    expect(country()).toBe('COUNTRY=DE\n');
  });

  const changes: readonly (readonly [string, string, readonly string[] | undefined, string | undefined])[] = [
    ['other keys and another country take the place of the old', file(ben).replace('DE', 'FR'), [ben], 'FR'],
    ['without either section, both stay', '[box]\nname = "Shed"\n', [ada], 'DE'],
    ['an empty list takes all keys away', file(), undefined, 'DE'],
    ['a key that is none leaves the keys as they were', file(ben, 'ssh-ed25519 AAAA eve@home'), [ada], 'DE'],
    ['a command before a key is no key', file(`command="reboot" ${ben}`), [ada], 'DE'],
    ['a key with a second line is no key', file(`${ben}\n${ben}`), [ada], 'DE'],
    ['a country that is none leaves it as it was', file(ben).replace('DE', 'XX'), [ben], 'DE'],
    ['a file that is no TOML changes nothing', file(ben).replace('[ssh]', '[ssh'), [ada], 'DE'],
    ['a section of another kind changes nothing', 'ssh = "x"\nbox = 1\n', [ada], 'DE'],
    ['nothing but comments changes nothing', '# [ssh]\n', [ada], 'DE'],
    ['a file too large changes nothing', `${file(ben)}#${'x'.repeat(70_000)}`, [ada], 'DE'],
  ];
  test.each(changes)('in a later file: %s', async (_, text, keys, country) => {
    const made = box();
    await made.start(file(ada));
    await made.start(text);
    expect([made.keys(), made.country()]).toEqual([
      keys as string[] | undefined,
      country === undefined ? undefined : `COUNTRY=${country}\n`,
    ]);
  });

  test('is not brought back by a file that was read before', async () => {
    const { places, keys, country, start } = box();
    await start(file(ada));
    // A factory reset makes the data partition anew.
    rmSync(places.data, { recursive: true });
    for (const path of [places.preset, places.system]) mkdirSync(path, { recursive: true });
    expect(await start()).toEqual({ presetTaken: false, problems: [] });
    expect([keys(), country()]).toEqual([undefined, undefined]);
  });

  test('comes from the card: what the service leaves in its folder opens nothing', async () => {
    const { places, keys, start } = box();
    writeFileSync(join(places.preset, 'nightjar.toml'), file(ben));
    writeFileSync(join(places.preset, 'network.json'), JSON.stringify({ ssh: { keys: [ben] }, waiting: ['ssh'] }));
    expect(await start()).toEqual({ presetTaken: true, problems: [] });
    expect(keys()).toBeUndefined();
  });

  test('is tried again at the next start where the disk took none of it, and the file waits for that', async () => {
    const { places, keys, start } = box();
    const full: TakeSteps = {
      ...quickSteps,
      write() {
        throw new Error('no space left');
      },
    };
    expect(await start(file(ada), full)).toEqual({
      presetTaken: false,
      problems: ['nightjar.toml could not be read from the card (no space left).'],
    });
    expect(readFileSync(join(places.bootfs, 'nightjar.toml'), 'utf8')).toBe(file(ada));
    expect(await start()).toEqual({ presetTaken: true, problems: [] });
    expect(keys()).toEqual([ada]);
  });
});

test('power may go at every step: the old keys or the new, never half, and the next start has the new', async () => {
  for (const [text, wanted] of [
    [file(ben).replace('DE', 'FR'), [ben]],
    [file().replace('DE', 'FR'), undefined],
  ] as const) {
    let cuts = 0;
    for (let cut = 1, ended = false; !ended; cut++) {
      const { keys, country, start } = box();
      await start(file(ada));
      const power = cutAt(cut, 0.55);
      await start(text, power.steps);
      ended = power.done() < cut;
      cuts = Math.max(cuts, power.done());
      expect([[ada], wanted as string[] | undefined]).toContainEqual(keys());
      expect(['COUNTRY=DE\n', 'COUNTRY=FR\n']).toContain(country()!);
      await start();
      expect([cut, keys(), country()]).toEqual([cut, wanted as string[] | undefined, 'COUNTRY=FR\n']);
    }
    expect(cuts).toBeGreaterThan(20);
  }
});
