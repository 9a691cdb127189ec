import { afterEach, describe, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Places, placesUnder } from '../../base/places.ts';
import { cutAt, quickSteps } from './fixture-power-cut.ts';
import { isBetween, readVersion, wasRead } from './preset-file.ts';
import { type TakeSteps, takePreset } from './take.ts';

const folders: string[] = [];
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

const text = `# Our shed
[box]
name = "Shed"
[wifi]
ssid = "Home"
password = "correct horse"
[mail]
host = "smtp.example.org"
password = "mail-secret"
`;
const secrets = ['correct horse', 'mail-secret'];

function box(file: string | Uint8Array | undefined = text) {
  const root = mkdtempSync(join(tmpdir(), 'nightjar-preset-'));
  folders.push(root);
  const places = placesUnder(root);
  for (const path of [places.bootfs, places.preset, places.system]) mkdirSync(path, { recursive: true });
  const onCard = join(places.bootfs, 'nightjar.toml');
  if (file !== undefined) writeFileSync(onCard, file);
  return { root, places, onCard, copy: join(places.preset, 'nightjar.toml') };
}
const take = (places: Places, steps: TakeSteps = quickSteps) =>
  takePreset({ places, whileWritable: (write) => write(), steps });
const holdsSecret = (path: string) => secrets.filter((secret) => readFileSync(path, 'latin1').includes(secret));

describe('taking nightjar.toml', () => {
  test('copies it for the box alone, and leaves the card without its secrets', async () => {
    const { places, onCard, copy } = box();
    expect(await take(places)).toEqual({ presetTaken: true, problems: [] });
    expect(readFileSync(copy, 'utf8')).toBe(text);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(readFileSync(onCard, 'utf8')).toStartWith(
      text.replace('correct horse', '*************').replace('mail-secret', '***********'),
    );
    expect(existsSync(join(places.system, 'preset', 'original'))).toBe(false);
  });

  test('happens once, and again when somebody changes the file, whatever their editor does to line ends', async () => {
    const { places, onCard, copy } = box();
    await take(places);
    rmSync(copy);
    expect(await take(places)).toEqual({ presetTaken: false, problems: [] });
    writeFileSync(onCard, readFileSync(onCard, 'utf8').replaceAll('\n', '\r\n'));
    expect((await take(places)).presetTaken).toBe(true);
    rmSync(copy);
    expect((await take(places)).presetTaken).toBe(false);
  });

  test('leaves a file of nothing but comments, and no file, alone', async () => {
    const comments = box('# [wifi]\n# password = "example"\n');
    expect(await take(comments.places)).toEqual({ presetTaken: false, problems: [] });
    expect(readFileSync(comments.onCard, 'utf8')).toBe('# [wifi]\n# password = "example"\n');
    const none = box();
    rmSync(none.onCard);
    expect(await take(none.places)).toEqual({ presetTaken: false, problems: [] });
    mkdirSync(none.onCard);
    expect(await take(none.places)).toEqual({ presetTaken: false, problems: [] });
  });

  test('a copy that run has not read yet waits for it', async () => {
    const { places } = box();
    await take(places);
    expect(await take(places)).toEqual({ presetTaken: true, problems: [] });
  });

  test('a file with a mistake in its form loses its secrets too', async () => {
    const { places, onCard } = box(text.replace('[box]', '[box').replace('"mail-secret"', '"mail-secret'));
    await take(places);
    expect(holdsSecret(onCard)).toEqual([]);
    expect(readFileSync(onCard, 'utf8')).toContain('name = "Shed"');
  });

  test('a card that cannot be written is said, and tried again at every start without reading the file again', async () => {
    const { places, onCard, copy } = box();
    const readOnly = () => {
      throw new Error('read-only file system');
    };
    const first = await takePreset({ places, whileWritable: readOnly });
    expect(first.presetTaken).toBe(true);
    expect(first.problems[0]).toContain('could not be removed from the card (read-only file system)');
    rmSync(copy);
    expect(await takePreset({ places, whileWritable: readOnly })).toMatchObject({ presetTaken: false });
    expect(await take(places)).toEqual({ presetTaken: false, problems: [] });
    expect(holdsSecret(onCard)).toEqual([]);
  });

  test('nothing that the service put into its folder is written through', async () => {
    const { root, places, copy } = box();
    const victim = join(root, 'shadow');
    writeFileSync(victim, 'root’s own');
    symlinkSync(victim, `${copy}.new`);
    symlinkSync(victim, copy);
    expect((await take(places)).presetTaken).toBe(true);
    expect(readFileSync(victim, 'utf8')).toBe('root’s own');
    expect(readFileSync(copy, 'utf8')).toBe(text);
  });

  test.each(['', '.new'])(
    'a folder where nightjar.toml%s belongs makes way, and what its links lead to stays',
    async (end) => {
      const { root, places, onCard, copy } = box();
      const elsewhere = join(root, 'elsewhere');
      mkdirSync(elsewhere);
      writeFileSync(join(elsewhere, 'shadow'), 'root’s own');
      mkdirSync(join(copy + end, 'deep/er'), { recursive: true });
      symlinkSync(elsewhere, join(copy + end, 'deep/link'));
      symlinkSync(join(elsewhere, 'shadow'), join(copy + end, 'file'));
      expect(await take(places)).toEqual({ presetTaken: true, problems: [] });
      expect(readFileSync(copy, 'utf8')).toBe(text);
      expect(holdsSecret(onCard)).toEqual([]);
      expect(readdirSync(places.preset)).toEqual(['nightjar.toml']);
      expect(readFileSync(join(elsewhere, 'shadow'), 'utf8')).toBe('root’s own');
    },
  );

  test('a link to a folder makes way, not what is in the folder', async () => {
    const { root, places, copy } = box();
    const elsewhere = join(root, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'shadow'), 'root’s own');
    for (const end of ['', '.new']) symlinkSync(elsewhere, copy + end);
    expect((await take(places)).presetTaken).toBe(true);
    expect(readFileSync(copy, 'utf8')).toBe(text);
    expect(readdirSync(elsewhere)).toEqual(['shadow']);
  });
});

test('power may go at every step: the file is read whole, and no secret stays on the card', async () => {
  let cuts = 0;
  for (let cut = 1, ended = false; !ended; cut++) {
    for (const part of [0.55, 1]) {
      const { places, onCard, copy } = box();
      const power = cutAt(cut, part);
      await take(places, power.steps);
      ended = power.done() < cut;
      cuts = Math.max(cuts, power.done());
      await take(places, quickSteps);
      expect([cut, part, readFileSync(copy, 'utf8')]).toEqual([cut, part, text]);
      expect([cut, part, holdsSecret(onCard)]).toEqual([cut, part, []]);
      expect(wasRead(readFileSync(onCard))).toBe(true);
      expect(existsSync(join(places.system, 'preset', 'original'))).toBe(false);
    }
  }
  expect(cuts).toBeGreaterThan(20);
});

test('what a power cut leaves is known as such, and a change by hand is not', () => {
  const original = new TextEncoder().encode(text);
  const { bytes, inPlace } = readVersion(original);
  expect(inPlace).toBe(original.length);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const torn = Uint8Array.from([...bytes.subarray(0, cut), ...original.subarray(cut)]);
    expect(isBetween(torn, original, bytes)).toBe(true);
  }
  const edited = new TextEncoder().encode(text.replace('Shed', 'Barn'));
  expect(isBetween(edited, original, bytes)).toBe(false);
  expect(isBetween(original.subarray(1), original, bytes)).toBe(false);
});
