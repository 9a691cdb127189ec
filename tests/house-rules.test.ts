// The rules of the house, as tests: the import table of the design, links in the documents, generated pages, and what must
// never be in the tree.

import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { settingsReference } from '../src/config/reference.ts';
import { readPreset } from '../src/setup/preset/read.ts';
import { presetReference } from '../src/setup/preset/reference.ts';

const root = resolve(import.meta.dir, '..');
const skipped = new Set(['node_modules', 'dist', '.git', '.cache', 'data']);

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? files(path) : [path];
  });
}
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const sources = files('src').filter((f) => /\.ts$/.test(f));
const documents = files('.').filter((f) => f.endsWith('.md'));

interface Row {
  readonly mayImport: ReadonlySet<string>;
  readonly typesOnly: ReadonlySet<string>;
  readonly everything: boolean;
}

/** The table of rooms in docs/design/README.md: `| `room/` | job | may import |`. */
function importTable(): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const line of read('docs/design/README.md').split('\n')) {
    const cells = /^\| ([^|]*`[^|]*) \| [^|]* \| ([^|]*) \|$/.exec(line);
    if (!cells?.[1] || !cells[2] || !/`(\w+\/|app\.ts|main\.ts)`/.test(cells[1])) continue;
    const [values = '', types = ''] = cells[2].split(/types of/);
    const words = (text: string) => new Set(text.match(/[a-z]+/g) ?? []);
    const typed = new Set([...words(types), ...(values.match(/([a-z]+)\(types\)/g) ?? []).map((w) => w.slice(0, -7))]);
    const row: Row = {
      mayImport: words(values.replace(/[a-z]+\(types\)/g, '')),
      typesOnly: typed,
      everything: /everything/.test(cells[2]),
    };
    for (const [, name] of cells[1].matchAll(/`([\w.]+)\/?`/g)) rows.set(name!.replace('.ts', ''), row);
  }
  return rows;
}

const roomOf = (path: string) =>
  path.startsWith('web/') ? 'web' : relative('src', path).split('/')[0]!.replace(/\.ts$/, '');

test('every room imports only what the table of the design allows', () => {
  const table = importTable();
  expect(table.size).toBeGreaterThan(15);
  const broken: string[] = [];
  for (const file of sources.filter((f) => !/\.test\.ts$/.test(f))) {
    const room = roomOf(file);
    const row = table.get(room);
    if (!row) {
      broken.push(`${file}: the room ${room} is not in the table`);
      continue;
    }
    if (row.everything) continue;
    for (const [, kind, target] of read(file).matchAll(/^(?:import|export)( type)?[^;'"]*?from '(\.[^']+)'/gms)) {
      const other = roomOf(relative(root, resolve(root, dirname(file), target!)));
      if (other === room || row.mayImport.has(other)) continue;
      if (kind && (row.typesOnly.has(other) || row.mayImport.has('interfaces'))) continue;
      broken.push(`${file} imports ${kind ? 'types of ' : ''}${other}`);
    }
  }
  expect(broken).toEqual([]);
});

test('only the edges of a room talk to the outside: media, motion and vault touch neither disk, network, processes nor the clock', () => {
  const impure = sources
    .filter((f) => /^src\/(media|motion|vault)\//.test(f) && !/\.test\.ts$/.test(f))
    .filter((f) =>
      /from '(node:(fs|net|http|https|child_process|dgram)[^']*)'|Bun\.(?!hash\b)|Date\.now|performance\.now|setTimeout/.test(
        read(f),
      ),
    );
  expect(impure).toEqual([]);
});

test('every relative link in the documents leads to a file', () => {
  const dead: string[] = [];
  for (const file of documents) {
    for (const [, target] of read(file)
      .replace(/```.*?```/gs, '')
      .matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:|#)/.test(target!)) continue;
      if (!existsSync(resolve(root, dirname(file), target!.split('#')[0]!))) dead.push(`${file} → ${target}`);
    }
  }
  expect(dead).toEqual([]);
});

test('every test named in the parity table exists', () => {
  const missing = [...read('docs/reference/parity.md').matchAll(/`((?:src|web|tests)\/[\w./-]+\.test\.tsx?)`/g)]
    .map(([, path]) => path!)
    .filter((path) => !existsSync(join(root, path)));
  expect(missing).toEqual([]);
});

test('the settings reference is what the schemas say (make reference)', () => {
  expect(read('docs/reference/settings.md')).toBe(settingsReference());
});

test('the reference of nightjar.toml is what its schema says (make reference)', () => {
  expect(read('docs/reference/preset.md')).toBe(presetReference());
});

test('the nightjar.toml that is shipped presets nothing, and every line of it is right once its # is taken away', () => {
  const shipped = read('firmware/bootfs/nightjar.toml');
  expect(readPreset(shipped)).toMatchObject({ saysSomething: false, problems: [] });
  const filledIn = readPreset(shipped.replace(/^#(?! )/gm, ''));
  expect(filledIn.problems).toEqual([]);
  const said = [
    ...Object.keys(filledIn.settings),
    ...Object.keys(filledIn.network),
    ...filledIn.cameras.map(({ id }) => id),
  ];
  expect(said.sort()).toEqual([
    'box',
    'country',
    'front-door',
    'hotspot',
    'mail',
    'remote',
    'ssh',
    'storage',
    'updates',
    'wifi',
  ]);
});

test('the page loads nothing from third parties', () => {
  const foreign = files('web')
    .filter((f) => /\.(tsx?|css|html|svg|webmanifest)$/.test(f) && !f.startsWith('web/dist/') && !/\.test\.ts$/.test(f))
    .flatMap((f) =>
      (read(f).match(/(?:src|href|url|import|fetch)\s*[(=:]\s*["'`]?https?:\/\/[^"'`\s)]+/g) ?? []).map(
        (u) => `${f}: ${u}`,
      ),
    );
  expect(foreign).toEqual([]);
});

test('no shell string is ever run', () => {
  const shells = sources
    .filter((f) => !/\.test\.ts$/.test(f))
    .filter((f) => /child_process|Bun\.\$|from 'bun'.*\$|shell: true|\/bin\/(ba)?sh/.test(read(f)));
  expect(shells).toEqual([]);
});

test('no test is skipped or left alone', () => {
  const marks = files('.')
    .filter((f) => /\.test\.tsx?$/.test(f) && f !== 'tests/house-rules.test.ts')
    .filter((f) => /\b(?:test|it|describe)\.(?:skip|only|todo|if|skipIf|todoIf)\b/.test(read(f)));
  expect(marks).toEqual([]);
});

test('every source file opens by saying what it owns, and fits in the head', () => {
  const silent = sources.filter(
    (f) => !/^(?:#![^\n]*\n)?(?:\/\/|\/\*)/.test(read(f)) && !/\.test\.ts$/.test(f) && !f.endsWith('.d.ts'),
  );
  const long = [...sources, ...files('web').filter((f) => /\.tsx?$/.test(f) && !f.startsWith('web/dist/'))]
    .filter((f) => !/\.test\.ts$/.test(f))
    .filter((f) => read(f).split('\n').length > 400);
  expect({ silent, long }).toEqual({ silent: [], long: [] });
});

test('nothing large or built is committed', () => {
  // firmware/ holds links that lead somewhere only on the device.
  const large = files('.').filter(
    (f) => !f.startsWith('web/dist/') && (statSync(join(root, f), { throwIfNoEntry: false })?.size ?? 0) > 1024 * 1024,
  );
  expect(large).toEqual([]);
});
