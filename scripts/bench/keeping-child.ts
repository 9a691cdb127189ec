// One start, one check or one death of a box on a data folder, for `keeping.ts`: `start|check FOLDER`, or `die FOLDER FILES DIED-BEFORE`.

import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { openLibrary } from '../../src/library/library.ts';
import { sampleFragment, sampleSealing, sampleStream } from '../../src/library/sample-footage.ts';
import { useNativeCurves } from '../../src/vault/fixture-native.ts';
import type { ChildAnswer } from './keeping.ts';

const [what, dataFolder, files, before] = process.argv.slice(2) as [string, string, string?, string?];
// what is measured signs and seals as what is sold
if (what === 'die') useNativeCurves();

const at = performance.now();
const open = () =>
  openLibrary({ dataFolder, clock: systemClock, log: silentLog, cameraName: (id) => id, sealing: sampleSealing });
const library = await open();
const startMs = performance.now() - at;

if (what === 'die') {
  const opened = Array.from({ length: Number(files) }, async (_, i) => {
    // one after the other in time, as a camera's files are, and after those of earlier deaths
    const agoMs = (2000 - Number(before) - i) * 4000;
    const startMs = systemClock.wallMs() - agoMs;
    const cameraId = 'door';
    const recordingId = library.sink.openRecording({ cameraId, startMs, reasons: ['motion'] });
    const startMonotonicMs = systemClock.monotonicMs() - agoMs;
    const writer = await library.sink.openSegment({
      ...{ recordingId, cameraId, startMs, startMonotonicMs },
      stream: sampleStream,
    });
    for (let i = 1; i <= 3; i++) await writer.append(sampleFragment(i), i * 1000, { key: true });
  });
  await Promise.all(opened);
  process.kill(process.pid, 'SIGKILL');
}

let answer: ChildAnswer = { ms: startMs, cpuMs: 0, problems: 0, segments: library.totals().segments };
if (what === 'check') {
  const began = performance.now();
  const { user, system } = process.cpuUsage();
  const { problems, segments } = await library.check();
  const used = process.cpuUsage({ user, system });
  const cpuMs = (used.user + used.system) / 1000;
  answer = { ms: performance.now() - began, cpuMs, problems: problems.length, segments };
}
await library.close();
process.stdout.write(JSON.stringify(answer));
