// A real process for tests to kill: records and removes without end, and says on stdout what it has been promised.
// Usage: bun fixture-recorder.ts DATA_FOLDER

import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { openLibrary } from './library.ts';
import { sampleFragment, sampleSealing, sampleStream } from './sample-footage.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const library = await openLibrary({
  dataFolder: process.argv[2]!,
  clock: systemClock,
  log: silentLog,
  sealing: sampleSealing,
  cameraName: (id) => id,
  syncEveryMs: 20,
});

async function camera(cameraId: string): Promise<never> {
  for (;;) {
    const startMs = Date.now();
    const recordingId = library.sink.openRecording({ cameraId, startMs, reasons: ['continuous'] });
    let keptMs = 0;
    for (let segment = 0; segment < 3; segment++) {
      const now = { startMs: Date.now(), startMonotonicMs: performance.now() };
      const writer = await library.sink.openSegment({ recordingId, cameraId, stream: sampleStream, ...now });
      const fragments = Math.floor(Math.random() * 6);
      // a fragment of 10 ms in 10 ms: the segments' times do not overlap
      for (let i = 1; i <= fragments; i++) {
        await Bun.sleep(10);
        await writer.append(sampleFragment(i, 20_000), i * 10, { key: true });
      }
      await writer.finish();
      keptMs += fragments * 10;
      say(`kept ${recordingId} ${keptMs}`);
    }
    await library.sink.closeRecording(recordingId, { endMs: Date.now(), interrupted: false });
    if (keptMs > 0) await library.addStill(recordingId, new Uint8Array(500), startMs);
    if (Math.random() < 0.4) {
      say(`removing ${recordingId}`);
      if ((await library.removeRecordings([recordingId])) === 1) say(`removed ${recordingId}`);
    }
  }
}
await Promise.all(['door', 'yard'].map(camera));
