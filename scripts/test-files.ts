// Runs test files, two processes at once. Integration tests and proofs mostly wait for cameras, mail servers and clocks; each file has a
// process of its own, so that none sees another's children or leftovers. Unit tests do not wait: many share a process, and
// each process keeps to one processor, where its threads wake each other at less than half the cost (docs/reference/performance.md).
// Prints a line per process as it ends, last of all what failed, in full, and the totals in the words of `bun test`.
// Nothing is tried twice.
//
//   bun scripts/test-files.ts [--at-once N] [--together N] [--pinned] FILE…

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** Seconds on two cores, roughly: the slow ones begin first, so that none runs alone at the end. */
const slow: Readonly<Record<string, number>> = {
  'src/app/low-power.integration.test.ts': 150,
  'tests/main-job.integration.test.ts': 110,
  'src/camera/troubled-streams.integration.test.ts': 85,
  'src/library/every-crash.proof.test.ts': 75,
  'src/library/every-fault.proof.test.ts': 75,
  'src/camera/camera.integration.test.ts': 60,
  'tests/web-real.integration.test.ts': 55,
  'tests/mail-outage.integration.test.ts': 50,
  'tests/camera-life.integration.test.ts': 50,
  'tests/kills.proof.test.ts': 45,
  'src/system/boot/power-cut.proof.test.ts': 60,
  'src/access/power-cut.proof.test.ts': 45,
  'src/system/reset/reset.integration.test.ts': 30,
  'src/system/boot/boot.integration.test.ts': 20,
  'src/retention/small-disk.proof.test.ts': 40,
  'tests/web-people.integration.test.ts': 50,
  'tests/sealed-footage.integration.test.ts': 50,
  'tests/export.integration.test.ts': 40,
  'tests/tuning.integration.test.ts': 45,
  'tests/bad-streams.integration.test.ts': 35,
  'tests/web-zones.integration.test.ts': 25,
  'tests/why.integration.test.ts': 18,
  'web/live.integration.test.ts': 30,
  'src/live/live.integration.test.ts': 25,
  'tests/full-disk.integration.test.ts': 22,
  'src/recorder/recorder.integration.test.ts': 22,
  'src/camera/hostile-peers.integration.test.ts': 18,
  'src/library/survival.integration.test.ts': 15,
  'tests/stopping.integration.test.ts': 15,
};
const OTHERS_S = 10;
/** A file that takes longer hangs. */
const LIMIT_S = 300;
/** Of one file's output, when something failed: the first lines and the last. */
const MOST_LINES = 160;

interface Result {
  readonly name: string;
  readonly pass: number;
  readonly fail: number;
  readonly output: string;
}

const { values, positionals } = parseArgs({
  options: {
    'at-once': { type: 'string', default: '2' },
    together: { type: 'string', default: '1' },
    pinned: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const secondsOf = (file: string) => slow[file.replace(/^\.\//, '')] ?? OTHERS_S;
const slowFirst = [...positionals].sort((a, b) => secondsOf(b) - secondsOf(a));
// Dealt out like cards: neighbours are alike, and a process of nothing but slow ones would end last.
const processes = Math.ceil(slowFirst.length / Number(values.together));
const queue = Array.from({ length: processes }, (_, p) => slowFirst.filter((_file, i) => i % processes === p));
const processors = values.pinned ? allowedProcessors() : [];
const running = new Set<() => void>();
const results: Result[] = [];

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const kill of running) kill();
    process.exit(1);
  });
}
await Promise.all(
  Array.from({ length: Number(values['at-once']) }, (_, i) => worker(processors[i % processors.length])),
);
for (const { name, output } of results.filter((r) => r.fail > 0)) console.log(`\n-- ${name} failed\n${brief(output)}`);
const sum = (of: (result: Result) => number) => results.reduce((total, result) => total + of(result), 0);
console.log(`\n ${sum((r) => r.pass)} pass\n ${sum((r) => r.fail)} fail`);
process.exit(results.length > 0 && sum((r) => r.fail) === 0 ? 0 : 1);

async function worker(processor: number | undefined): Promise<void> {
  for (let files = queue.shift(); files !== undefined; files = queue.shift()) {
    const startedMs = performance.now();
    const result = await run(files, processor);
    results.push(result);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
    const counts = `${String(result.pass).padStart(3)} passed${result.fail > 0 ? `, ${result.fail} FAILED` : ''}`;
    console.log(`${seconds} s  ${counts}  ${result.name}`);
  }
}

async function run(files: readonly string[], processor: number | undefined): Promise<Result> {
  const name = files.length === 1 ? files[0]! : `${files.length} files from ${files[0]}`;
  const pinned = processor === undefined ? [] : ['taskset', '--cpu-list', `${processor}`];
  // A group of its own: whatever a failed test has left running ends with it.
  const child = Bun.spawn([...pinned, process.execPath, 'test', '--timeout', '60000', ...files], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const kill = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // all have ended
    }
  };
  running.add(kill);
  let hung = false;
  const limit = setTimeout(() => {
    hung = true;
    kill();
  }, LIMIT_S * 1000);
  const parts = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const code = await child.exited;
  clearTimeout(limit);
  kill();
  running.delete(kill);
  const output = parts.join('');
  const [pass, fail] = [count(output, 'pass'), count(output, 'fail')];
  const wrong = [
    ...(hung ? [`did not end within ${LIMIT_S} s`] : []),
    ...(code !== 0 && fail === 0 && !hung ? [`ended with code ${code}`] : []),
    ...(pass + fail === 0 && !hung ? ['ran no test'] : []),
  ];
  return { name, pass, fail: Math.max(fail, wrong.length > 0 ? 1 : 0), output: [output, ...wrong].join('\n') };
}

/** Numbers of the processors this process may run on, as Linux tells them: `0-3,6`. */
function allowedProcessors(): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** What Bun's summary says; 0 when it died before it wrote one. */
function count(output: string, what: 'pass' | 'fail'): number {
  return Number([...output.matchAll(new RegExp(`^ *(\\d+) ${what}$`, 'gm'))].at(-1)?.[1] ?? 0);
}

/** Without what passed and what a browser mutters: the assertion, what was expected and received, and where. */
function brief(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^(\(pass\)|\[pid=\d+\])/.test(line));
  const left = lines.length - MOST_LINES;
  const half = MOST_LINES / 2;
  return (left > 0 ? [...lines.slice(0, half), `… ${left} lines left out …`, ...lines.slice(-half)] : lines).join('\n');
}
