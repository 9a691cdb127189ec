import { afterEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { daysOf } from '../playback/days.ts';
import { SimulatedMachine } from './simulated-machine.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 21, 12);

/** In memory where there is such a folder: what a disk takes for its fsyncs is not what is tested here. */
const temporary = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const machines: SimulatedMachine[] = [];
function newMachine(nowMs = NOW): SimulatedMachine {
  const machine = new SimulatedMachine(mkdtempSync(join(temporary, 'nightjar-dating-')), nowMs);
  machines.push(machine);
  return machine;
}
afterEach(() => {
  for (const machine of machines.splice(0)) machine.close();
});

/** In order, none over another, and a catalog made anew is the same. */
function expectWhole(machine: SimulatedMachine): void {
  expect(machine.disorder()).toEqual([]);
  expect(machine.rebuilt()).toEqual(machine.rows());
  expect(machine.catalog.read.totals().segments).toBe(machine.files.length);
  expect(new Set(machine.files.map((file) => file.path)).size).toBe(machine.files.length);
}
const known = (machine: SimulatedMachine) => machine.rows().segments.map((row) => row!.wallSynchronised);

test('a box that wakes in 1970 records, and dates what it has when the time arrives', async () => {
  const machine = newMachine();
  machine.switchOn(0, false);
  await machine.record();
  await machine.record();
  expect(machine.rows().segments[0]!.startMs).toBe(0);
  expect(machine.rows().recordings[0]).toMatchObject({ timeUnknown: true });
  expect(machine.dating.isTimeKnown()).toBe(false);
  const paths = machine.rows().segments.map((row) => row!.path);
  machine.setClock(machine.nowMs);
  machine.synchronised = true;
  await machine.record();
  expect(machine.errorsMs()).toEqual([0, 0, 0]);
  expect(known(machine)).toEqual([true, true, true]);
  expect(machine.rows().recordings[0]).toMatchObject({ timeUnknown: false, startMs: NOW, endMs: NOW + 10 * SECOND });
  expect(
    machine
      .rows()
      .segments.slice(0, 2)
      .map((row) => row!.path),
  ).toEqual(paths.slice(0, 2));
  expect(new Set(machine.redated)).toEqual(new Set(machine.files.slice(0, 2).map((file) => file.recordingId)));
  expect(machine.dating.isTimeKnown()).toBe(true);
  expectWhole(machine);
});

test('what is being written when the time arrives is dated with the rest, and its events', async () => {
  const machine = newMachine();
  machine.switchOn(5000, false);
  const moment = machine.dating.momentOf(machine.clock.wallMs() + 2000);
  const times = { startMs: 7000, peakMs: 8000, endMs: 9000, level: 1, recordingId: null, mail: null };
  machine.catalog.putEvent({ id: 'e', cameraId: 'door', ...times, moment });
  const recording = machine.record(30);
  machine.setClock(NOW + machine.clock.monotonicMs());
  machine.synchronised = true;
  await recording;
  expect(machine.errorsMs()).toEqual([0]);
  const at = NOW + 2000;
  expect(machine.catalog.read.event('e')).toMatchObject({ startMs: at, peakMs: at + 1000, endMs: at + 2000 });
  expectWhole(machine);
});

describe.each([
  ['synchronised', true],
  ['set by nobody knows whom', null],
  ['never synchronised', false],
] as const)('while recording with a clock that is %s', (_, synchronised) => {
  test.each([
    ['an hour forward', HOUR],
    ['an hour back', -HOUR],
    ['ten years back', -3652 * DAY],
    ['ten years forward', 3652 * DAY],
    ['two seconds back', -2 * SECOND],
  ])('a step of %s and back again loses nothing, and leaves every date right', async (_, byMs) => {
    const machine = newMachine();
    machine.switchOn(NOW, synchronised);
    await machine.record(10, ['door', 'yard']);
    machine.clock.stepWallMs(byMs);
    await machine.record(10, ['door', 'yard']);
    await machine.pass(MINUTE);
    await machine.record(10, ['door', 'yard']);
    expectWhole(machine);
    machine.clock.stepWallMs(-byMs);
    await machine.record(10, ['door', 'yard']);
    expect(machine.errorsMs()).toEqual([0, 0, 0, 0]);
    expectWhole(machine);
  });
});

test('a clock that was right, and is set wrong with the time keeper off, changes no date', async () => {
  const machine = newMachine();
  machine.switchOn(NOW, true);
  await machine.record();
  machine.synchronised = false;
  machine.clock.stepWallMs(-5 * HOUR);
  await machine.record();
  await machine.pass(HOUR);
  await machine.record();
  expect(machine.errorsMs()).toEqual([0, 0, 0]);
  expect(known(machine)).toEqual([true, true, true]);
  expectWhole(machine);
});

test('a jump of years must stand for ten minutes before anything is dated by it', async () => {
  const machine = newMachine();
  machine.switchOn(NOW, true);
  machine.clock.stepWallMs(3652 * DAY);
  await machine.record();
  await machine.pass(9 * MINUTE);
  await machine.record();
  expect(machine.errorsMs()).toEqual([0, 0]);
  await machine.pass(2 * MINUTE);
  await machine.record();
  expect(machine.errorsMs()).toEqual([0, 0, 3652 * DAY]);
  expectWhole(machine);
});

test('both changes of daylight saving pass unnoticed: days of the box have 23 and 25 hours', async () => {
  for (const [from, hours] of [
    [Date.UTC(2027, 2, 27, 23), 23],
    [Date.UTC(2026, 9, 24, 22), 25],
  ] as const) {
    const machine = newMachine(from);
    machine.switchOn(from, true);
    for (let i = 0; i < 25 * 2; i++) {
      await machine.record();
      await machine.pass(HOUR / 2 - 10 * SECOND);
    }
    expect(machine.errorsMs().every((error) => error === 0)).toBe(true);
    const day = daysOf(machine.catalog.read.quarters({}), 'Europe/Berlin').at(-1)!;
    expect(day.recordings).toBe(hours * 2);
    expectWhole(machine);
  }
});

test('a machine that slept goes on where the time is then', async () => {
  const machine = newMachine();
  machine.switchOn(NOW, true);
  await machine.record();
  machine.sleep(3 * HOUR);
  await machine.record();
  expect(machine.errorsMs()).toEqual([0, 0]);
  expect(machine.redated).toEqual([]);
  expectWhole(machine);
});

test('a clock that is slewed, and one that drifts, are no steps', async () => {
  const machine = newMachine();
  machine.switchOn(NOW, true);
  for (let i = 0; i < 180; i++) {
    await machine.pass(10 * SECOND - 5);
    machine.clock.stepWallMs(5); // 500 millionths, as fast as a clock is ever slewed, for half an hour
  }
  await machine.record();
  expect(machine.redated).toEqual([]);
  expectWhole(machine);
});

test('never synchronised: what is recorded has the clock’s time, and says that it is not known', async () => {
  const machine = newMachine();
  machine.switchOn(NOW - 3 * DAY, false);
  for (let i = 0; i < 3; i++) await machine.record();
  expect(machine.errorsMs()).toEqual([-3 * DAY, -3 * DAY, -3 * DAY]);
  expect(machine.rows().recordings.every((row) => row!.timeUnknown)).toBe(true);
  expectWhole(machine);
});

test('where nobody can say whether the clock is right, nothing is said of it', async () => {
  const machine = newMachine();
  machine.switchOn(NOW, null);
  await machine.record();
  expect(known(machine)).toEqual([null]);
  expect(machine.rows().recordings[0]!.timeUnknown).toBe(false);
});

describe('from one boot to the next', () => {
  test('a clock that was restored from before the power cut does not mix old and new', async () => {
    const machine = newMachine();
    machine.switchOn(NOW, true);
    for (let i = 0; i < 6; i++) await machine.record(60);
    machine.switchOff(2 * HOUR);
    machine.switchOn(NOW + 30 * SECOND, false);
    await machine.record();
    await machine.record();
    expect(machine.rows().recordings.at(-1)!.timeUnknown).toBe(true);
    expectWhole(machine);
    machine.setClock(machine.nowMs);
    machine.synchronised = true;
    await machine.record();
    expect(machine.errorsMs()).toEqual(machine.files.map(() => 0));
    expectWhole(machine);
  });

  test('a boot that never learned the time makes way for the next one that does', async () => {
    const machine = newMachine();
    machine.switchOn(NOW, true);
    await machine.record();
    machine.switchOff(HOUR);
    machine.switchOn(NOW + 4 * DAY, false);
    await machine.record();
    await machine.record();
    machine.switchOff(HOUR);
    machine.switchOn(machine.nowMs, true);
    await machine.record();
    expect(machine.errorsMs().map((ms) => Math.round(ms / HOUR))).toEqual([0, 1, 1, 0]);
    expectWhole(machine);
  });

  test('Nightjar starting again in the same boot dates on as before', async () => {
    const machine = newMachine();
    machine.switchOn(0, false);
    await machine.record();
    machine.restart();
    await machine.record();
    machine.setClock(machine.nowMs);
    machine.synchronised = true;
    machine.restart();
    await machine.record();
    expect(machine.errorsMs()).toEqual([0, 0, 0]);
    expectWhole(machine);
  });

  test('a catalog that knows less than `boots.json` is brought up to it at the start', async () => {
    const machine = newMachine();
    machine.switchOn(0, false);
    await machine.record();
    const early = machine.rows().segments[0]!;
    machine.setClock(machine.nowMs);
    machine.synchronised = true;
    await machine.record();
    // the power went after the file was written and before the rows
    machine.catalog.putSegment(early);
    machine.catalog.markDated('something older');
    machine.restart();
    expect(machine.errorsMs()).toEqual([0, 0]);
    expectWhole(machine);
  });
});

describe('what is too old', () => {
  test('is judged by a clock that is near what was recorded, known or not', async () => {
    const machine = newMachine();
    machine.switchOn(NOW, null);
    expect(machine.dating.ageNowMs()).toBe(NOW);
    await machine.record();
    machine.switchOff(3 * DAY);
    machine.switchOn(machine.nowMs, false);
    expect(machine.dating.ageNowMs()).toBe(machine.nowMs);
  });

  test.each([
    ['for a day when nobody vouches for it', null, DAY],
    ['for an hour when it is synchronised', true, HOUR],
  ])('is nothing while a clock far ahead is doubted, %s', async (_, synchronised, doubtedMs) => {
    const machine = newMachine();
    machine.switchOn(NOW, true);
    await machine.record();
    machine.switchOff(HOUR);
    const far = Date.UTC(2106, 1, 7);
    machine.switchOn(far, synchronised);
    expect(machine.dating.ageNowMs()).toBeUndefined();
    machine.restart();
    await machine.pass(doubtedMs - MINUTE);
    expect(machine.dating.ageNowMs()).toBeUndefined();
    await machine.pass(2 * MINUTE);
    expect(machine.dating.ageNowMs()).toBe(far + doubtedMs + MINUTE);
  });

  test('a doubted boot makes way for the next, so that it is not kept for ever', async () => {
    const machine = newMachine();
    machine.switchOn(NOW, null);
    await machine.record();
    machine.switchOff(HOUR);
    machine.switchOn(Date.UTC(2106, 1, 7), null);
    await machine.record();
    machine.switchOff(HOUR);
    machine.switchOn(machine.nowMs, null);
    await machine.record();
    expect(machine.dating.ageNowMs()).toBe(machine.nowMs);
    expect(machine.errorsMs().map((ms) => Math.round(ms / HOUR))).toEqual([0, 1, 0]);
    expectWhole(machine);
  });

  test('waits for years that a jump of the clock skips within a boot', async () => {
    const machine = newMachine();
    machine.switchOn(NOW, null);
    await machine.record();
    machine.clock.stepWallMs(80 * 365 * DAY);
    await machine.pass(5 * MINUTE);
    expect(machine.dating.ageNowMs()).toBe(machine.nowMs);
    await machine.pass(6 * MINUTE);
    expect(machine.dating.ageNowMs()).toBeUndefined();
  });
});

test('boots of which nothing is kept are forgotten, others never', async () => {
  const machine = newMachine();
  machine.switchOn(NOW, true);
  for (let i = 0; i < 100; i++) {
    await machine.record(1);
    machine.switchOff(MINUTE);
    machine.switchOn(machine.nowMs, true);
  }
  const folder = join(machine.folder, 'recordings');
  const noted = async () => (await Bun.file(join(folder, 'boots.json')).json()).boots;
  expect(await noted()).toHaveLength(100);
  const [first, ...others] = machine.files.splice(0);
  machine.files.push(first!);
  machine.catalog.dropSegments(others.map((file) => file.id));
  machine.switchOff(MINUTE);
  machine.switchOn(machine.nowMs, true);
  await machine.record(1);
  expectWhole(machine);
  expect(readdirSync(folder).sort()).toEqual(['boots.json', 'boots.json.last-good']);
  const left = (await noted()).map((boot: { bootId: string }) => boot.bootId);
  expect(left).toHaveLength(65);
  expect([left[0], left.at(-1)]).toEqual(['boot-1', 'boot-102']);
});

test('whatever is done to the clock: nothing is lost, nothing overlaps, the order stays, and a rebuild is equal', async () => {
  let seed = 11;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  for (let round = 0; round < 8; round++) {
    const machine = newMachine();
    machine.switchOn(random(2) ? 0 : NOW, [null, false, true][random(3)]!);
    for (let step = 0; step < 10; step++) {
      const [kind, amount] = [random(7), random(100)];
      if (kind === 0)
        machine.clock.stepWallMs((random(2) ? 1 : -1) * [SECOND, MINUTE, HOUR, 400 * DAY][random(4)]! * amount);
      if (kind === 1) machine.synchronised = [null, false, true][random(3)]!;
      if (kind === 2) machine.sleep(amount * MINUTE);
      if (kind === 3) machine.restart();
      if (kind === 4) await machine.pass(amount * 10 * SECOND);
      if (kind === 5) machine.setClock(machine.nowMs);
      await machine.record(1 + random(20), ['door', 'yard']);
      const overlaps = machine.catalog.read.overlaps(0);
      expect({ round, step, disorder: machine.disorder(), overlaps }).toEqual({
        round,
        step,
        disorder: [],
        overlaps: [],
      });
    }
    expectWhole(machine);
  }
});

describe('thousands of rows of a boot whose time becomes known', () => {
  const ROWS = 4500;
  async function recordedForDays(): Promise<SimulatedMachine> {
    const machine = newMachine();
    machine.switchOn(0, false);
    await machine.record();
    const { catalog } = machine;
    const row = catalog.read.segment(machine.files[0]!.id)!;
    catalog.change('fill', () => {
      for (let i = 1; i <= ROWS; i++) {
        const startSinceBootMs = row.startSinceBootMs + i * MINUTE;
        catalog.putSegment({ ...row, id: `x${i}`, path: `door/day/${i}-x.nj`, startMs: i * MINUTE, startSinceBootMs });
      }
    });
    machine.setClock(machine.nowMs);
    machine.synchronised = true;
    return machine;
  }
  const undated = (machine: SimulatedMachine) =>
    machine.catalog.read.segmentsIn('kept').filter((row) => row.startMs < NOW || !row.wallSynchronised).length;

  test('are moved one part after the other, and told of when all are', async () => {
    const machine = await recordedForDays();
    machine.dating.look();
    const left = undated(machine);
    expect([left > 0, left < ROWS]).toEqual([true, true]);
    expect(machine.redated).toEqual([]);
    await machine.pass(SECOND);
    expect(undated(machine)).toBe(0);
    expect(machine.redated).toEqual([machine.files[0]!.recordingId]);
  });

  test('are moved by the next start where a stop came in between', async () => {
    const machine = await recordedForDays();
    machine.dating.look();
    expect(undated(machine)).toBeGreaterThan(0);
    machine.restart();
    await machine.pass(SECOND);
    expect(undated(machine)).toBe(0);
  });

  test('go where they belong when something better becomes known meanwhile', async () => {
    const machine = await recordedForDays();
    machine.dating.look();
    expect(undated(machine)).toBeGreaterThan(0);
    machine.setClock(machine.nowMs - HOUR);
    machine.dating.look();
    await machine.pass(SECOND);
    const starts = machine.catalog.read.segmentsIn('kept').map((row) => row.startMs - row.startSinceBootMs);
    expect(new Set(starts).size).toBe(1);
  });
});
