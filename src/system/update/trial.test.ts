import { describe, expect, test } from 'bun:test';
import { emptyRecord, type Running, readRecord, type UpdateRecord, writeRecord } from './record.ts';
import { BOOTS_ON_TRIAL, confirmed, slotsInUse, spareSlot, staged, starting, unusable, vacated } from './trial.ts';

const facts = { factoryVersion: '1.0.0', atMs: 5 };
const kept = (slot: 'a' | 'b', version: string, older = false) => ({ slot, version, older });
const start = (record: UpdateRecord, bootId: string) => starting(record, { ...facts, bootId });
const installed = (record: UpdateRecord, version: string) =>
  staged(record, { slot: spareSlot(record), version, older: false });
/** Installed, started and found healthy. */
const holding = (version: string, before: UpdateRecord = emptyRecord): UpdateRecord => {
  const { record, run } = start(installed(before, version), `boot of ${version}`);
  return confirmed(record, run, 5);
};

test('an update is tried at the next start, and stays once it was found healthy', () => {
  const { record, run } = start(installed(emptyRecord, '1.1.0'), 'x');
  expect(run).toBe('a');
  const now = confirmed(record, run, 9);
  expect(now).toMatchObject({ good: kept('a', '1.1.0'), last: { version: '1.1.0', outcome: 'holds', atMs: 9 } });
  expect(now.trial).toBeUndefined();
  expect(start(now, 'x')).toEqual({ record: now, run: 'a' });
});

test('an update that was not found healthy by its second start in a boot is taken back, and that is said', () => {
  const tried = start(installed(holding('1.1.0'), '1.2.0'), 'x').record;
  const { record, run } = start(tried, 'x');
  expect(run).toBe('a');
  expect(record.trial).toBeUndefined();
  expect(record.last).toEqual({
    version: '1.2.0',
    outcome: 'rolled-back',
    message: 'Version 1.2.0 did not come up healthy, so version 1.1.0 is back.',
    atMs: 5,
  });
  expect(start(record, 'x').run).toBe('a');
  expect(start(record, 'y').run).toBe('a');
});

test('without an update before it, the image’s own executable is what comes back', () => {
  const tried = start(installed(emptyRecord, '1.1.0'), 'x').record;
  expect(start(tried, 'x')).toMatchObject({ run: 'factory', record: { last: { outcome: 'rolled-back' } } });
});

test('a power cut during the trial is not held against an update, a machine that goes down every time is', () => {
  let record = installed(holding('1.1.0'), '1.2.0');
  const runs: Running[] = [];
  for (let boot = 0; boot <= BOOTS_ON_TRIAL; boot++) {
    const next = start(record, `boot ${boot}`);
    record = next.record;
    runs.push(next.run);
  }
  expect(runs).toEqual(['b', 'b', 'b', 'a']);
  expect(record.last?.message).toContain('went down 3 times');
});

test('two updates after one another use both slots, and never the one that holds', () => {
  const first = holding('1.1.0');
  expect(spareSlot(first)).toBe('b');
  const second = holding('1.2.0', first);
  expect(second).toMatchObject({ good: kept('b', '1.2.0'), previous: kept('a', '1.1.0') });
  expect(spareSlot(second)).toBe('a');
  expect(vacated(second)).not.toHaveProperty('previous');
  expect([...slotsInUse(second)].sort()).toEqual(['a', 'b']);
});

describe('files that are damaged on the card', () => {
  test('an update on trial is taken back', () => {
    const tried = start(installed(holding('1.1.0'), '1.2.0'), 'x').record;
    expect(unusable(tried, 'b', { ...facts, bootId: 'x' })).toMatchObject({
      run: 'a',
      record: { good: kept('a', '1.1.0'), last: { version: '1.2.0', outcome: 'rolled-back' } },
    });
  });

  test('of the update that holds: the one before it runs, then the image’s own', () => {
    const first = unusable(holding('1.2.0', holding('1.1.0')), 'b', { ...facts, bootId: 'x' });
    expect(first).toMatchObject({ run: 'a', record: { good: kept('a', '1.1.0') } });
    expect(first.record.previous).toBeUndefined();
    const second = unusable(first.record, 'a', { ...facts, bootId: 'x' });
    expect(second.run).toBe('factory');
    expect(second.record.last?.message).toContain('so version 1.0.0 runs now');
  });
});

test('under a newer image an older update has had its time, unless the owner wanted it older', () => {
  const record = holding('1.1.0');
  expect(starting(record, { factoryVersion: '1.2.0', bootId: 'y' })).toMatchObject({ run: 'factory' });
  expect(starting(record, { factoryVersion: '1.1.0', bootId: 'y' }).run).toBe('a');
  const older = staged(emptyRecord, kept('a', '0.9.0', true));
  expect(starting(older, { factoryVersion: '1.2.0', bootId: 'y' }).run).toBe('a');
});

test('only what is on trial is confirmed', () => {
  const record = start(installed(holding('1.1.0'), '1.2.0'), 'x').record;
  expect(confirmed(record, 'a', 5)).toBe(record);
  expect(confirmed(record, 'factory', 5)).toBe(record);
  expect(confirmed(emptyRecord, 'factory', 5)).toBe(emptyRecord);
});

/** Whatever happens, in whatever order: what runs is never a slot that may be half written, and something that held stays. */
test('in ten thousand random stories something always runs that was found healthy, or is on its first start of a boot', () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  let record: UpdateRecord = emptyRecord;
  let running: Running = 'factory';
  let boot = 0;
  let healthy = new Set<string>();
  for (let i = 0; i < 10_000; i++) {
    const what = random(5);
    if (what === 0 && record.trial?.slot !== running && spareSlot(record) !== running) {
      record = staged(record, { slot: spareSlot(record), version: `1.${i}.0`, older: false });
    } else if (what === 1) {
      if (record.trial?.slot === running) healthy = healthy.add(record.trial.version);
      record = confirmed(record, running, undefined);
    } else {
      if (what === 2) boot++;
      const before = record;
      const next: ReturnType<typeof start> =
        what === 3 && running !== 'factory' && random(9) === 0
          ? unusable(record, running, { ...facts, bootId: `${boot}` })
          : start(record, `${boot}`);
      ({ record, run: running } = next);
      const isFirst = record.trial?.slot === running && !before.trial?.starts.includes(`${boot}`);
      const isGood = running === 'factory' || (record.good?.slot === running && healthy.has(record.good.version));
      expect({ i, isFirst, fine: isFirst || isGood }).toEqual({ i, isFirst, fine: true });
      expect((record.trial?.starts.length ?? 0) <= BOOTS_ON_TRIAL).toBe(true);
    }
    expect(record.good?.slot === record.trial?.slot && record.good !== undefined).toBe(false);
    expect(record.good?.slot === record.previous?.slot && record.good !== undefined).toBe(false);
  }
});

test('a record is read as it was written; what a later version adds is passed over, and what is damaged counts as absent', () => {
  const record = start(installed(holding('1.2.0', holding('1.1.0')), '1.3.0'), 'x').record;
  expect(readRecord(writeRecord(record))).toEqual(record);
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  expect(readRecord(text({ ...record, from: 'later' }))).toEqual(record);
  expect(readRecord(text({ ...record, good: { slot: 'c', version: '1.0.0' }, trial: 3, last: [] }))).toEqual({
    format: 1,
    previous: record.previous!,
  });
  for (const bad of ['', '{', '[]', 'null', '{"format":2}', '\u0000\u0000']) {
    expect(readRecord(new TextEncoder().encode(bad))).toBeUndefined();
  }
});
