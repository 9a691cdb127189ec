import { expect, test } from 'bun:test';
import {
  afterEnd,
  afterReboot,
  afterStart,
  dated,
  type Ending,
  noRestarts,
  parseRestarts,
  type RestartRecord,
  rebootDelayMs,
} from './restarts.ts';

const at = (bootId: string, sinceBootS: number) => ({ bootId, sinceBootMs: sinceBootS * 1000 });
type Step = ['start', string, number, 'kernel'?] | ['end', string, number, Ending] | ['reboot', string, number];

/** Plays a life and answers what the page lists. */
function life(...steps: readonly Step[]): { record: RestartRecord; kinds: readonly string[] } {
  let record = noRestarts;
  for (const step of steps) {
    const moment = at(step[1], step[2]);
    if (step[0] === 'start') record = afterStart(record, moment, step[3] === 'kernel');
    else if (step[0] === 'end') record = afterEnd(record, moment, step[3]);
    else record = afterReboot(record, moment, 'The box restarted itself.');
  }
  return { record, kinds: record.restarts.map((one) => `${one.kind} ${one.bootId}`) };
}
const told: Ending = { result: 'success' };

test('ends on purpose are no restarts to tell of: a stop, a restart of the box, an update', () => {
  const { kinds } = life(
    ['start', 'a', 10],
    ['end', 'a', 50, told],
    ['start', 'a', 60],
    ['end', 'a', 90, told],
    ['start', 'b', 10],
  );
  expect(kinds).toEqual([]);
});

test('a power cut is told from a crash by the run of the machine, and from a kernel that hung by its watchdog', () => {
  expect(life(['start', 'a', 10], ['start', 'b', 10]).kinds).toEqual(['power b']);
  expect(life(['start', 'a', 10], ['start', 'b', 10, 'kernel']).kinds).toEqual(['kernel b']);
  expect(life(['start', 'a', 10], ['start', 'a', 20]).kinds).toEqual(['crash a']);
  // The chip still tells of a reset that was seen before: it says nothing about a stop on purpose.
  expect(life(['start', 'a', 10], ['end', 'a', 50, told], ['start', 'b', 10, 'kernel']).kinds).toEqual([]);
});

test('the very first start has nothing to tell', () => {
  expect(life(['start', 'a', 10, 'kernel']).kinds).toEqual([]);
});

test('an end that systemd noted is told once, whatever comes after it', () => {
  const crash: Ending = { result: 'signal', status: 'SEGV' };
  expect(life(['start', 'a', 10], ['end', 'a', 20, crash], ['start', 'a', 25]).kinds).toEqual(['crash a']);
  expect(life(['start', 'a', 10], ['end', 'a', 20, crash], ['start', 'b', 25]).kinds).toEqual(['crash a']);
});

test('every way to end has its sentence', () => {
  const sentence = (ending: Ending) => afterEnd(noRestarts, at('a', 1), ending).restarts[0];
  expect(sentence({ result: 'watchdog', because: 'the disk does not answer' })).toMatchObject({
    kind: 'watchdog',
    message: 'Nightjar stood still, because the disk does not answer, and was stopped.',
  });
  expect(sentence({ result: 'watchdog' })?.message).toBe('Nightjar stood still and was stopped.');
  expect(sentence({ result: 'signal', status: 'SEGV' })?.message).toBe('Nightjar stopped unexpectedly (signal, SEGV).');
  expect(sentence({ result: 'oom-kill', status: 'KILL' })?.message).toBe(
    'The box ran out of memory, so Nightjar was stopped.',
  );
  expect(sentence({ result: 'timeout' })?.kind).toBe('crash');
  expect(sentence({ result: 'exit-code', status: '1' })?.message).toBe('Nightjar stopped because of an error.');
});

test('crashes, then a restart of the box because of them: each is told, and the next wait is longer', () => {
  const { record, kinds } = life(
    ['start', 'a', 10],
    ['end', 'a', 20, { result: 'exit-code', status: '1' }],
    ['reboot', 'a', 60],
    ['start', 'b', 10],
  );
  expect(kinds).toEqual(['crash a', 'reboot a']);
  expect(record.rebootsInARow).toBe(1);
});

test('the wait before a restart grows by ten seconds, up to an hour', () => {
  expect([0, 1, 2, 358, 359, 360, 100_000].map(rebootDelayMs)).toEqual([
    10_000, 20_000, 30_000, 3_590_000, 3_600_000, 3_600_000, 3_600_000,
  ]);
});

test('what happened before the time was known is dated when it is, if it was in this run of the machine', () => {
  const { record } = life(['start', 'a', 10], ['start', 'b', 12], ['start', 'c', 14], ['start', 'c', 100]);
  const known = dated(record, { ...at('c', 200), atMs: 1_800_000_000_000 });
  expect(known.restarts.map((one) => one.atMs)).toEqual([
    undefined,
    1_800_000_000_000 - 186_000,
    1_800_000_000_000 - 100_000,
  ]);
  expect(dated(known, { ...at('c', 300), atMs: 1 })).toBe(known);
});

test('only the last twenty are kept', () => {
  const steps = Array.from({ length: 25 }, (_, i): Step => ['start', `boot ${i}`, 10]);
  const { kinds } = life(...steps);
  expect(kinds).toHaveLength(20);
  expect(kinds.at(-1)).toBe('power boot 24');
});

test('a record comes back from its file as it was, and a file that is none is refused', () => {
  const { record } = life(['start', 'a', 10], ['start', 'b', 10], ['reboot', 'b', 20]);
  const known = dated({ ...record, camerasLive: 2 }, { ...at('b', 30), atMs: 1_800_000_000_000 });
  expect(parseRestarts(JSON.parse(JSON.stringify(known)))).toEqual(known);
  for (const bad of [
    null,
    [],
    {},
    { restarts: 'many' },
    { restarts: [], rebootsInARow: -1, camerasLive: 0 },
    { restarts: [{ kind: 'fire', message: '', bootId: 'a', sinceBootMs: 0 }], rebootsInARow: 0, camerasLive: 0 },
    { restarts: [null], rebootsInARow: 0, camerasLive: 0 },
  ]) {
    expect(() => parseRestarts(bad)).toThrow();
  }
});
