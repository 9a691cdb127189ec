import { describe, expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { watchSynchronised } from './synchronised.ts';

const FOLDER = '/run/systemd/timesync';
const FILE = `${FOLDER}/synchronized`;

/** A machine with these programs and files; answers may change. */
function machineWith(programs: Record<string, string>, files: Set<string> = new Set()) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const synchronised = watchSynchronised({
    clock,
    ask: async ([name]) => {
      asked.push(name!);
      return programs[name!];
    },
    exists: (path) => files.has(path),
  });
  return { clock, asked, synchronised, programs, files };
}

/** In small steps: answers take some turns. */
async function pass(clock: ManualClock, ms: number) {
  for (let done = 0; done < ms; done += 5000) await clock.advance(Math.min(5000, ms - done));
}

describe('one look at', () => {
  test.each<[string, Record<string, string>, readonly string[], boolean | null]>([
    ['nothing at all', {}, [], null],
    ['timesyncd before it has the time', {}, [FOLDER], false],
    ['timesyncd that has set the clock', {}, [FOLDER, FILE], true],
    ['the kernel’s word by timedatectl', { timedatectl: 'yes\n' }, [], true],
    ['a kernel that says no, beside a stale file', { timedatectl: 'no\n' }, [FOLDER, FILE], false],
    [
      'chrony with a server',
      { chronyc: 'C0A80101,192.168.1.1,3,1700000000.1,0.1,0.1,0.1,1,0.1,0.1,0.1,0.1,64.2,Normal\n' },
      [],
      true,
    ],
    ['chrony without', { chronyc: '7F7F0101,,10,0.0,0,0,0,0,0,0,1,1,0,Not synchronised\n' }, [], false],
    ['adjtimex', { adjtimex: '         mode: 0\n       status: 8193\n' }, [], true],
    ['busybox', { busybox: '    mode:         0\n    status:       64 (UNSYNC)\n' }, [], false],
    ['programs that say something else', { timedatectl: 'maybe', chronyc: '506 Cannot talk to daemon' }, [], null],
  ])('%s', async (_, programs, files, expected) => {
    const { clock, synchronised } = machineWith(programs, new Set(files));
    await clock.advance(0);
    expect(synchronised.now()).toBe(expected);
    synchronised.close();
  });
});

test('who answered is asked again: often until the clock is right, then rarely', async () => {
  const { clock, asked, synchronised, programs } = machineWith({ chronyc: '7F,Not synchronised' });
  await pass(clock, 60_000);
  expect(asked.slice(0, 2)).toEqual(['timedatectl', 'chronyc']);
  expect(new Set(asked.slice(2))).toEqual(new Set(['chronyc']));
  expect(asked.length).toBeGreaterThan(4);
  programs.chronyc = 'C0,Normal';
  await pass(clock, 15_000);
  expect(synchronised.now()).toBe(true);
  asked.length = 0;
  await pass(clock, 500_000);
  expect(asked).toEqual([]);
  synchronised.close();
});

test('a keeper of the time that is restarted leaves its last word; a clock that was set makes it worthless', async () => {
  const { clock, synchronised, programs } = machineWith({ timedatectl: 'yes' });
  await clock.advance(0);
  programs.timedatectl = 'no';
  synchronised.stepped();
  expect(synchronised.now()).toBeNull();
  await clock.advance(0);
  expect(synchronised.now()).toBe(false);
  programs.timedatectl = '';
  await pass(clock, 60_000);
  expect(synchronised.now()).toBe(false);
  synchronised.close();
});

test('timesyncd’s file counts when it is made, not after the clock was set behind its back', async () => {
  const { clock, synchronised, files } = machineWith({}, new Set([FOLDER]));
  await clock.advance(0);
  synchronised.stepped(); // by timesyncd, which then makes the file
  files.add(FILE);
  expect(synchronised.now()).toBe(true);
  synchronised.stepped();
  expect(synchronised.now()).toBeNull();
  synchronised.close();
});

test('where nobody ever answers, programs are not started again and again', async () => {
  const { clock, asked, synchronised } = machineWith({});
  await pass(clock, 3_600_000);
  expect(asked.length).toBeLessThan(4 * 20);
  synchronised.close();
  asked.length = 0;
  await pass(clock, 3_600_000);
  expect(asked).toEqual([]);
});
