import { expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import type { CaptureSign } from './capture-watch.ts';
import { type HealthOptions, openHealth } from './health.ts';
import { type Proof, proven, unproven } from './proof.ts';
import { openRestartFile } from './restart-file.ts';
import { afterReboot } from './restarts.ts';

const live: CaptureSign = { id: 'door', name: 'Door', state: 'live', restarts: 0, packets: 0 };

/** A box whose cameras, disk and page do as they are told, on a clock that is moved by hand; `at` notes seconds. */
function box(more: Partial<HealthOptions> = {}, folder = mkdtempSync(join(tmpdir(), 'nightjar-health-'))) {
  const clock = new ManualClock();
  const said: string[] = [];
  const say = (what: string) => said.push(`${Math.round(clock.monotonicMs() / 1000)} ${what}`);
  const shown: { cameras: CaptureSign[] | 'flowing'; disk: Proof; web: 'answers' | 'turns away' | 'silent' } = {
    cameras: 'flowing',
    disk: proven,
    web: 'answers',
  };
  const unwellPath = join(folder, 'run', 'unwell');
  const restarts = openRestartFile(folder, silentLog);
  const health = openHealth({
    notifier: {
      ready: () => say('ready'),
      alive: () => say('alive'),
      stopping: () => say('stopping'),
      moreTime: () => say('more time'),
      status() {},
      watchdogMs: 45_000,
    },
    restarts,
    unwellPath,
    boot: { id: 'boot', sinceBootMs: (monotonicMs) => monotonicMs + 20_000 },
    wallSynchronised: () => false,
    isKernelReset: false,
    clock,
    log: silentLog,
    ...more,
  });
  const signs = {
    capture: () => (shown.cameras === 'flowing' ? [{ ...live, packets: clock.monotonicMs() }] : shown.cameras),
    disk: async () => shown.disk,
    web: async () => ({
      proof: shown.web === 'silent' ? unproven('the page does not answer') : proven,
      answered: shown.web === 'answers',
    }),
  };
  return {
    clock,
    shown,
    health,
    restarts,
    unwellPath,
    watch: () => health.watch(signs),
    /** What was said since the last time, after so many seconds. */
    async after(seconds: number) {
      // what was begun just before comes to its end first
      for (let i = 0; i < 3; i++) await clock.advance(0);
      await clock.advance(seconds * 1000);
      return said.splice(0);
    },
  };
}

test('ready when the page answers, then fed every ten seconds', async () => {
  const it = box();
  it.watch();
  expect(await it.after(30)).toEqual(['0 more time', '0 ready', '0 alive', '10 alive', '20 alive', '30 alive']);
  await it.health.ready;
});

test('who holds every connection does not keep the box from starting', async () => {
  const it = box();
  it.shown.web = 'silent';
  it.watch();
  await it.after(5);
  it.shown.web = 'turns away';
  expect(await it.after(1)).toEqual(['6 ready', '6 alive']);
});

test('an update on trial is not ready before the page itself has answered; turning away is not enough', async () => {
  const it = box({ trial: { proven() {} } });
  it.shown.web = 'silent';
  it.watch();
  await it.after(5);
  it.shown.web = 'turns away';
  expect(await it.after(5)).toEqual([]);
  it.shown.web = 'answers';
  expect(await it.after(1)).toEqual(['11 ready', '11 alive']);
});

for (const [what, break_, mend] of [
  [
    'capture',
    (shown: ReturnType<typeof box>['shown']) => {
      shown.cameras = [live];
    },
    (shown: ReturnType<typeof box>['shown']) => {
      shown.cameras = 'flowing';
    },
  ],
  [
    'disk',
    (shown: ReturnType<typeof box>['shown']) => {
      shown.disk = unproven('the disk does not answer');
    },
    (shown: ReturnType<typeof box>['shown']) => {
      shown.disk = proven;
    },
  ],
  [
    'web',
    (shown: ReturnType<typeof box>['shown']) => {
      shown.web = 'silent';
    },
    (shown: ReturnType<typeof box>['shown']) => {
      shown.web = 'answers';
    },
  ],
] as const) {
  test(`the watchdog is not fed while ${what} has nothing to show, and is again when it has`, async () => {
    const it = box();
    it.watch();
    await it.after(5);
    break_(it.shown);
    // A camera is given twenty seconds first.
    if (what === 'capture') await it.after(30);
    expect(await it.after(60)).toEqual([]);
    expect(it.health.unwell()).toBeString();
    mend(it.shown);
    expect(await it.after(20)).toHaveLength(2);
    expect(it.health.unwell()).toBeUndefined();
  });
}

test('who floods the page does not keep the watchdog from being fed', async () => {
  const it = box();
  it.watch();
  await it.after(5);
  it.shown.web = 'turns away';
  expect(await it.after(30)).toHaveLength(3);
});

test('a sign that throws, or never comes, feeds nothing', async () => {
  const it = box();
  let disk = (): Promise<Proof> => Promise.reject(new Error('no such folder'));
  it.health.watch({
    capture: () => [],
    disk: () => disk(),
    web: async () => ({ proof: proven, answered: true }),
  });
  expect(await it.after(30)).toEqual(['0 more time', '0 ready']);
  disk = () => new Promise(() => {});
  expect(await it.after(300)).toEqual([]);
});

test('a long start asks for time, for half an hour at most, and only when it is not on trial', async () => {
  const it = box();
  const asked = await it.after(3600);
  expect(asked[1]).toBe('15 more time');
  expect(asked.at(-1)).toBe('1785 more time');
  expect(await box({ trial: { proven() {} } }).after(3600)).toEqual([]);
});

test('an update on trial is ready only when capture, disk and web are all well', async () => {
  const marks: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-health-'));
  openRestartFile(folder, silentLog).change((record) => ({ ...record, camerasLive: 1 }));
  const update = box({ trial: { proven: () => void marks.push('proven') } }, folder);
  update.shown.cameras = [{ ...live, state: 'starting' }];
  update.watch();
  expect(await update.after(20)).toEqual([]);
  update.shown.cameras = 'flowing';
  update.shown.disk = unproven('the disk can no longer be written');
  expect(await update.after(20)).toEqual([]);
  expect(marks).toEqual([]);
  update.shown.disk = proven;
  expect(await update.after(1)).toEqual(['41 ready', '41 alive']);
  expect(marks).toEqual(['proven']);
});

test('an update whose success cannot be written down runs on, and it is written as soon as it can be', async () => {
  let tries = 0;
  const it = box({
    trial: {
      proven() {
        tries++;
        if (tries < 3) throw new Error('the disk is full');
      },
    },
  });
  it.watch();
  expect(await it.after(1)).toEqual(['0 ready', '0 alive']);
  expect(tries).toBe(1);
  await it.after(60);
  expect(tries).toBe(3);
});

test('how many cameras gave pictures is remembered over a stop on purpose, for the next update', async () => {
  const it = box();
  it.watch();
  await it.after(5);
  it.health.close();
  expect(it.restarts.record).toMatchObject({ camerasLive: 1, run: { bootId: 'boot', hasEnded: true } });
  expect(await it.after(60)).toEqual(['5 stopping']);
});

test('an update that never got ready does not lower what the next one has to show', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-health-'));
  openRestartFile(folder, silentLog).change((record) => ({ ...record, camerasLive: 3 }));
  const it = box({ trial: { proven() {} } }, folder);
  it.shown.cameras = [{ ...live, state: 'lost' }];
  it.watch();
  await it.after(30);
  it.health.close();
  expect(it.restarts.record.camerasLive).toBe(3);
});

test('what is wrong stands in memory for whoever comes after, and goes when it is well again', async () => {
  const it = box();
  it.watch();
  it.shown.disk = unproven('the disk does not answer');
  await it.after(10);
  expect(readFileSync(it.unwellPath, 'utf8')).toBe('the disk does not answer');
  it.shown.disk = proven;
  await it.after(10);
  expect(existsSync(it.unwellPath)).toBe(false);
});

test('a crash is told once, and dated when the time becomes known', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-health-'));
  box({}, folder);
  let knows = false;
  const it = box({ wallSynchronised: () => knows }, folder);
  const startedMs = it.clock.wallMs();
  expect(it.health.restarts()).toMatchObject([{ kind: 'crash' }]);
  expect(it.health.restarts()[0]).not.toHaveProperty('atMs');
  it.watch();
  await it.after(60);
  knows = true;
  it.clock.stepWallMs(86_400_000);
  await it.after(10);
  expect(it.health.restarts()).toMatchObject([{ kind: 'crash', atMs: startedMs + 86_400_000 }]);
  it.health.close();
  expect(box({}, folder).health.restarts()).toHaveLength(1);
});

test('ten minutes of being well, and the box counts its restarts anew', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-health-'));
  const moment = { bootId: 'before', sinceBootMs: 1 };
  openRestartFile(folder, silentLog).change((record) => afterReboot(record, moment, 'The box restarted itself.'));
  const it = box({}, folder);
  it.watch();
  await it.after(300);
  it.shown.disk = unproven('the disk does not answer');
  await it.after(10);
  it.shown.disk = proven;
  await it.after(590);
  expect(it.restarts.record.rebootsInARow).toBe(1);
  await it.after(30);
  expect(it.restarts.record.rebootsInARow).toBe(0);
});

test('without a disk for its record the box starts all the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-health-'));
  rmSync(folder, { recursive: true });
  const it = box({ unwellPath: '/proc/nowhere/unwell' }, folder);
  expect(it.restarts.isKept).toBe(false);
  it.watch();
  expect(await it.after(10)).toEqual(['0 more time', '0 ready', '0 alive', '10 alive']);
  it.health.close();
});
