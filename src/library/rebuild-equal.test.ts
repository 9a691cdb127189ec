// A catalog that is lost, from an earlier version, from an earlier day, or spoilt anywhere is made anew from the files, row for row. What
// no file tells in the open is named in `NOT_TOLD`.

import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { migrations } from '../catalog/schema.ts';
import { fixedRandom } from '../vault/fixture-file.ts';
import { useNativeCurves } from '../vault/fixture-native.ts';
import { proveFolder } from './fixture-proof.ts';
import { isStoryFootage, liveStory, noPromises, openStory, proofKeys } from './fixture-story.ts';
import { catalogPath } from './library.ts';

useNativeCurves();
setDefaultTimeout(60_000);

/** Where in the picture it moved is sealed; whether a mail went out is in no file. So are events whose recording was removed. */
const NOT_TOLD: readonly string[] = [
  'events.zones',
  'events.changedPercent',
  'events.changedX',
  'events.changedY',
  'events.mail',
];

type Row = Readonly<Record<string, unknown>>;
/** Every row of every table, in an order of its own. */
function rowsOf(dataFolder: string, leftOut = NOT_TOLD): Readonly<Record<string, readonly Row[]>> {
  const db = new Database(catalogPath(dataFolder), { readonly: true });
  try {
    const names = db.query<{ name: string }, []>(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
    const tables = names.map(({ name }) => name).filter((name) => name !== 'meta' && !name.startsWith('sqlite_'));
    const told = (table: string, row: Row) =>
      Object.fromEntries(Object.entries(row).filter(([column]) => !leftOut.includes(`${table}.${column}`)));
    return Object.fromEntries(
      tables.map((table) => {
        const gone = table === 'events' && leftOut.length > 0 ? 'WHERE recordingId IS NOT NULL' : '';
        const rows = db.query<Row, []>(`SELECT * FROM ${table} ${gone}`).all();
        return [
          table,
          rows.map((row) => told(table, row)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
        ];
      }),
    );
  } finally {
    db.close();
  }
}

const root = mkdtempSync(join(tmpdir(), 'nightjar-equal-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
/** A day's recordings, and the catalog as it was in the middle of it. */
const whole = join(root, 'whole');
const earlier = join(root, 'earlier.db');
const clock = new ManualClock();
beforeAll(async () => {
  const first = await openStory(whole, clock);
  await liveStory(first, clock, noPromises(), () => true);
  await first.close();
  copyFileSync(catalogPath(whole), earlier);
  await clock.advance(60_000);
  const library = await openStory(whole, clock);
  await liveStory(library, clock, noPromises(), () => true, 2);
  const [starred, removed] = library.recordings({ limit: 9 });
  await library.setStarred(starred!.id, true);
  await library.removeRecordings([removed!.id]);
  await library.close();
});

let count = 0;
/** Spoils a copy of the folder, starts, and answers the rows of before and after. */
async function rebuilt(spoil: (catalog: string) => void, look: (dataFolder: string) => Promise<void> = start) {
  const dataFolder = join(root, `copy${count++}`);
  cpSync(whole, dataFolder, { recursive: true });
  spoil(catalogPath(dataFolder));
  await look(dataFolder);
  const { faults } = await proveFolder(dataFolder, proofKeys, isStoryFootage);
  const after = { rows: rowsOf(dataFolder), faults };
  const aside = readdirSync(dataFolder).filter((name) => name.includes('.damaged-')).length;
  rmSync(dataFolder, { recursive: true });
  return { after, aside };
}
const start = async (dataFolder: string) => await (await openStory(dataFolder, clock)).close();
const asBefore = () => ({ rows: rowsOf(whole), faults: [] });

test('what is compared is worth comparing', () => {
  const { recordings, segments, stills, events } = rowsOf(whole, []);
  expect([recordings!.length > 3, segments!.length > 5, stills!.length > 1, events!.length > 0]).toEqual(
    Array(4).fill(true),
  );
  expect(recordings!.filter((row) => row.starred === 1)).toHaveLength(1);
  // whatever cannot come back is something, here
  expect(events!.some((row) => row.zones !== null && row.mail !== null)).toBe(true);
});

test('deleted', async () => {
  const { after } = await rebuilt((catalog) => rmSync(catalog));
  expect(after).toEqual(asBefore());
});

const foreign: Readonly<Record<string, (catalog: string) => void>> = {
  'of no length': (catalog) => truncateSync(catalog, 0),
  'somebody’s notes': (catalog) => writeFileSync(catalog, 'milk, bread, batteries\n'.repeat(400)),
  'zeros only': (catalog) => writeFileSync(catalog, new Uint8Array(statSync(catalog).size)),
  'another program’s database': (catalog) => {
    rmSync(catalog);
    const db = new Database(catalog);
    db.run('CREATE TABLE recordings (title TEXT)');
    db.run(`INSERT INTO recordings VALUES ('Goldberg variations')`);
    db.close();
  },
};
for (const [what, spoil] of Object.entries(foreign)) {
  test(`a catalog that is ${what}`, async () => {
    expect((await rebuilt(spoil)).after).toEqual(asBefore());
  });
}

test('from the middle of the day before: what came since is found, and what went since is dropped', async () => {
  const { after } = await rebuilt(
    (catalog) => copyFileSync(earlier, catalog),
    async (dataFolder) => {
      const library = await openStory(dataFolder, clock, { compareAfterMs: 1000 });
      // what the running box does by itself a minute after its start
      await library.check({ repair: true, namesOnly: true });
      await library.close();
    },
  );
  expect(after).toEqual(asBefore());
});

for (const version of migrations.keys()) {
  test(`of version ${version + 1}, empty: made anew; with rows: brought up to date, but for columns that it did not have`, async () => {
    const empty = await rebuilt((catalog) => olderCatalog(catalog, version + 1, []));
    expect(empty.after).toEqual(asBefore());
    let columns: readonly string[] = [];
    const filled = await rebuilt((catalog) => {
      columns = olderCatalog(catalog, version + 1, ['meta', 'recordings', 'segments', 'stills', 'events']);
    });
    const later = columnsOf(catalogPath(whole)).filter((column) => !columns.includes(column));
    const told = (rows: ReturnType<typeof rowsOf>) => withoutColumns(rows, later);
    expect(told(filled.after.rows)).toEqual(told(rowsOf(whole)));
  });
}

function columnsOf(catalog: string): readonly string[] {
  const db = new Database(catalog, { readonly: true });
  const all = db
    .query<{ column: string }, []>(
      `SELECT s.name || '.' || c.name AS column FROM sqlite_schema s, pragma_table_info(s.name) c WHERE s.type = 'table'`,
    )
    .all();
  db.close();
  return all.map(({ column }) => column);
}

const withoutColumns = (rows: ReturnType<typeof rowsOf>, columns: readonly string[]) =>
  Object.fromEntries(
    Object.entries(rows).map(([table, all]) => [
      table,
      all.map((row) =>
        Object.fromEntries(Object.entries(row).filter(([name]) => !columns.includes(`${table}.${name}`))),
      ),
    ]),
  );

/** A catalog as an earlier version of Nightjar would have written it. Answers its columns. */
function olderCatalog(catalog: string, version: number, tables: readonly string[]): readonly string[] {
  const made = `${catalog}.older`;
  const db = new Database(made);
  db.transaction(() => {
    for (const migration of migrations.slice(0, version)) db.run(migration);
    db.run(`PRAGMA user_version = ${version}`);
  })();
  db.run('ATTACH ? AS now', [catalog]);
  for (const table of tables) {
    const columns = db
      .query<{ name: string }, []>(`PRAGMA main.table_info(${table})`)
      .all()
      .map(({ name }) => name);
    db.run(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM now.${table}`);
  }
  db.close();
  renameSync(made, catalog);
  return columnsOf(catalog);
}

const PAGE_BYTES = 4096;
function spoilPage(catalog: string, page: number): void {
  const bytes = readFileSync(catalog);
  bytes.set(fixedRandom(`page ${page}`)(PAGE_BYTES), page * PAGE_BYTES);
  writeFileSync(catalog, bytes);
}
/** Every fifth: all of them take longer than a unit test should. The first holds the schema. */
const somePages = () =>
  Array.from({ length: statSync(catalogPath(whole)).size / PAGE_BYTES }, (_, page) => page).filter(
    (page) => page % 5 === 0,
  );

test('with a page overwritten: noticed by the start after a crash', async () => {
  for (const page of somePages()) {
    const { after, aside } = await rebuilt((catalog) => {
      spoilPage(catalog, page);
      writeFileSync(`${catalog}-wal`, 'x'); // left by a crash
    });
    expect({ page, aside, after }).toEqual({ page, aside: 1, after: asBefore() });
  }
});

test('with a page overwritten though nothing crashed: noticed by the start, or by the stop for the next start', async () => {
  for (const page of somePages()) {
    const { after } = await rebuilt(
      (catalog) => spoilPage(catalog, page),
      async (dataFolder) => {
        await start(dataFolder).catch(() => {});
        await start(dataFolder);
      },
    );
    expect({ page, after }).toEqual({ page, after: asBefore() });
  }
});

test('cut anywhere', async () => {
  const bytes = statSync(catalogPath(whole)).size;
  for (const left of [1, 15, 16, 99, 100, 512, PAGE_BYTES, PAGE_BYTES + 1, bytes >> 1, bytes - 1]) {
    const { after } = await rebuilt((catalog) => {
      truncateSync(catalog, left);
      writeFileSync(`${catalog}-wal`, 'x');
    });
    expect({ left, after }).toEqual({ left, after: asBefore() });
  }
});
