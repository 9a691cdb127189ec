import { afterAll, expect, test } from 'bun:test';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { updateFiles } from '../../app/update-files.ts';
import { type FailAt, FailingDisk, type PowerCut } from '../../store/failing-disk.ts';
import { chooseSlot } from './choose.ts';
import type { UpdateFiles } from './files.ts';
import { executableOfVersion, inPieces, release, releaseKey, strangersKey } from './fixture-release.ts';
import { installUpdate } from './install.ts';
import { emptyRecord, type Running } from './record.ts';
import { loadRecord, saveRecord } from './slots.ts';
import { confirmed } from './trial.ts';

const keys = [releaseKey.publicKey];
const machine = 'arm64';
const [older, newer] = [await release('1.1.0'), await release('1.2.0')];

/** A box with its image at 1.0.0, whose disk fails at one step. */
class Box {
  readonly root: string;
  #disk: FailingDisk | undefined;
  constructor(root = mkdtempSync(join(tmpdir(), 'nightjar-update-'))) {
    this.root = root;
    for (const name of ['update', 'box']) mkdirSync(join(root, name), { recursive: true });
  }
  get disk(): FailingDisk {
    this.#disk ??= new FailingDisk(this.root);
    return this.#disk;
  }
  insert(failAt?: FailAt): void {
    this.#disk = new FailingDisk(this.root, failAt);
  }
  get files(): UpdateFiles {
    return { ...this.disk.layer, makeExecutable: async (path) => chmodSync(path, 0o700) };
  }
  get folder(): string {
    return join(this.root, 'update');
  }
  async choose(bootId: string): Promise<{ readonly run: Running; readonly version: string }> {
    const box = join(this.root, 'box');
    const rest = {
      factory: '/usr/bin/nightjar',
      factoryVersion: '1.0.0',
      keys,
      machine,
      bootId,
      say: () => {},
    } as const;
    const { run, executable } = await chooseSlot({ files: this.files, folder: this.folder, box, ...rest });
    if (run === 'factory') return { run, version: '1.0.0' };
    const bytes = readFileSync(executable);
    const version = ['1.1.0', '1.2.0'].find((v) => bytes.equals(executableOfVersion(v)));
    return { run, version: version ?? 'damaged' };
  }
  async install(file: Uint8Array, running: Running, version: string): Promise<void> {
    const options = {
      files: this.files,
      folder: this.folder,
      keys,
      machine,
      version,
      running,
      freeBytes: async () => 1e12,
    } as const;
    const record = await loadRecord(this.files, this.folder);
    if (record === 'unreadable') throw new Error('the record is damaged');
    await installUpdate(options, record ?? emptyRecord, { chunks: inPieces(file), allowOlder: false });
  }
  async confirm(running: Running): Promise<void> {
    const record = await loadRecord(this.files, this.folder);
    if (record === undefined || record === 'unreadable') throw new Error('no record');
    await saveRecord(this.files, this.folder, confirmed(record, running, undefined));
  }
  async isOn(version: '1.1.0' | '1.2.0', file: Uint8Array, running: Running, from: string): Promise<void> {
    await this.install(file, running, from);
    const chosen = await this.choose(`boot of ${version}`);
    expect(chosen.version).toBe(version);
    await this.confirm(chosen.run);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disk?.[Symbol.asyncDispose]();
    rmSync(this.root, { recursive: true });
  }
}

/** From 1.1.0 in its slot to 1.2.0 found healthy, as the box does it. */
async function update(box: Box): Promise<void> {
  await box.install(newer.file, 'a', '1.1.0');
  const { run } = await box.choose('the boot of the trial');
  await box.confirm(run);
}

/** A box on which 1.1.0 was found healthy; copied for each story. */
const onOlder = await (async () => {
  const box = new Box();
  await box.isOn('1.1.0', older.file, 'factory', '1.0.0');
  writeFileSync(join(box.root, 'box/settings.json'), '{"version":3}');
  return box;
})();
afterAll(() => onOlder[Symbol.asyncDispose]());

async function updateThat(failAt: FailAt | undefined, after: (box: Box) => Promise<void>): Promise<number> {
  await using box = new Box();
  cpSync(onOlder.root, box.root, { recursive: true });
  box.insert(failAt);
  await update(box).catch(() => {});
  const steps = box.disk.steps.length;
  await after(box);
  return steps;
}

const all = await updateThat(undefined, async (box) => expect((await box.choose('y')).version).toBe('1.2.0'));

const ways: readonly PowerCut[] = ['lost', 'zeros', 'names'];

test('the power goes at any step of an update, and a whole version runs, and the update can be had again', async () => {
  expect(all).toBeGreaterThan(20);
  for (let step = 1; step <= all; step++) {
    await updateThat({ step, how: 'stop' }, async (box) => {
      box.disk.cutPower(ways[step % ways.length]);
      box.insert();
      const first = await box.choose('after the cut');
      expect([step, first.version]).toEqual([step, expect.stringMatching(/^1\.[12]\.0$/)]);
      // it does not become healthy in this boot: taken back, unless it was found healthy before the cut
      const second = await box.choose('after the cut');
      expect([step, second.version]).toEqual([step, expect.stringMatching(/^1\.[12]\.0$/)]);
      if (step % 7 === 0 && second.version === '1.1.0') await box.isOn('1.2.0', newer.file, second.run, '1.1.0');
    });
  }
}, 60_000);

test.each(ways)(
  'an update that was said to be whole is tried after a power cut at once (what was not flushed: %s)',
  async (how) => {
    await using box = new Box();
    cpSync(onOlder.root, box.root, { recursive: true });
    box.insert();
    await box.install(newer.file, 'a', '1.1.0');
    box.disk.cutPower(how);
    box.insert();
    expect(await box.choose('after the cut')).toEqual({ run: 'b', version: '1.2.0' });
    await box.confirm('b');
    box.disk.cutPower(how);
    box.insert();
    expect(await box.choose('after the cut')).toEqual({ run: 'b', version: '1.2.0' });
  },
);

test('one step of an update fails, on a full disk or a bad one, and a whole version runs', async () => {
  for (let step = 1; step <= all; step++) {
    const code = step % 2 === 0 ? 'ENOSPC' : 'EIO';
    await updateThat({ step, how: 'error', code }, async (box) => {
      box.insert();
      const { version } = await box.choose('the boot of the trial');
      expect([code, step, version]).toEqual([code, step, expect.stringMatching(/^1\.[12]\.0$/)]);
    });
  }
}, 60_000);

test('a slot whose bytes changed on the card does not run: the update before it does, then the image’s own', async () => {
  await using box = new Box();
  await box.isOn('1.1.0', older.file, 'factory', '1.0.0');
  await box.isOn('1.2.0', newer.file, 'a', '1.1.0');
  const spoil = (slot: string) => {
    const path = join(box.folder, slot, 'nightjar');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.with(5000, bytes[5000]! ^ 1));
  };
  expect(await box.choose('y')).toEqual({ run: 'b', version: '1.2.0' });
  spoil('b');
  expect(await box.choose('y')).toEqual({ run: 'a', version: '1.1.0' });
  spoil('a');
  expect(await box.choose('y')).toEqual({ run: 'factory', version: '1.0.0' });
});

test('whoever writes into a slot without the key gets nothing run', async () => {
  await using box = new Box();
  await box.isOn('1.1.0', older.file, 'factory', '1.0.0');
  const stranger = await release('1.2.0', { secretKey: strangersKey.secretKey });
  await expect(box.install(stranger.file, 'a', '1.1.0')).rejects.toThrow('not signed by a key that the box knows');
  // The whole slot and record, as an update of theirs would leave it.
  await using theirs = new Box();
  const options = {
    files: updateFiles,
    folder: theirs.folder,
    keys: [strangersKey.publicKey],
  };
  const record = await installUpdate(
    { ...options, machine, version: '1.0.0', running: 'factory', freeBytes: async () => 1e12 },
    emptyRecord,
    { chunks: inPieces(stranger.file), allowOlder: false },
  );
  expect(record.trial?.slot).toBe('a');
  expect((await theirs.choose('y')).run).toBe('factory');
});

test('settings that an update brought to a newer format come back with the version before; changes in the same format stay', async () => {
  for (const [written, expected] of [
    ['{"version":4,"new":true}', '{"version":3}'],
    ['{"version":3,"box":"changed"}', '{"version":3,"box":"changed"}'],
  ] as const) {
    await using box = new Box();
    const settings = join(box.root, 'box/settings.json');
    writeFileSync(settings, '{"version":3}');
    await box.install(newer.file, 'factory', '1.0.0');
    expect((await box.choose('y')).version).toBe('1.2.0');
    writeFileSync(settings, written);
    expect((await box.choose('y')).version).toBe('1.0.0');
    expect(readFileSync(settings, 'utf8')).toBe(expected);
  }
});
