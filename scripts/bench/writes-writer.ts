// What `writes.ts` measures: a process that records three cameras of 4 Mb/s into a library, in real time and with real fsyncs, each with a
// visit and its picture in every minute. Prints a line of JSON: what was handed over, and what became of it.
// Usage: bun writes-writer.ts DATA_FOLDER SECONDS

import { readFileSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { openLibrary } from '../../src/library/library.ts';
import { sampleStream } from '../../src/library/sample-footage.ts';
import { countedFiles } from '../../src/store/counted-files.ts';
import { systemFileLayer } from '../../src/store/file-layer.ts';
import { cardUnder } from '../../src/system/card.ts';
import { device, vaultPair } from '../../src/vault/fixture-file.ts';

const [dataFolder, seconds] = process.argv.slice(2) as [string, string];
const lastMs = Number(seconds) * 1000;
const CAMERAS = 3;
const FRAGMENT_MS = 500;
const STILL_BYTES = 120_000;
const fragment = new Uint8Array(250_000);
for (let at = 0; at < fragment.length; at += 50_000) crypto.getRandomValues(fragment.subarray(at, at + 50_000));

/** Of pages that this process made dirty; what the file system adds for itself is not in it. */
const processBytes = () => Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
const diskBytes = () => cardUnder(dataFolder)?.writtenBytes ?? Number.NaN;

const { files, writtenBytes } = countedFiles(systemFileLayer);
const library = await openLibrary({
  dataFolder,
  clock: systemClock,
  log: silentLog,
  files,
  cameraName: (id) => id,
  sealing: { publicKey: () => vaultPair.publicKey, device },
});
const before = { files: writtenBytes(), process: processBytes(), disk: diskBytes() };
let handed = 0;
const startedMs = performance.now();

/** Each ends one file in the middle of a minute and begins the next, at its own moment. */
async function record(number: number): Promise<void> {
  const cameraId = `cam${number}`;
  const recordingId = library.sink.openRecording({ cameraId, startMs: Date.now(), reasons: ['continuous'] });
  const begin = () => {
    handed += sampleStream.init.length;
    const start = { startMs: Date.now(), startMonotonicMs: performance.now() };
    return library.sink.openSegment({ recordingId, cameraId, stream: sampleStream, ...start });
  };
  const rollAtMs = 15_000 + number * 10_000;
  let writer = await begin();
  for (let atMs = FRAGMENT_MS, mediaMs = FRAGMENT_MS; atMs <= lastMs; atMs += FRAGMENT_MS, mediaMs += FRAGMENT_MS) {
    await Bun.sleep(Math.max(0, startedMs + atMs + number * 170 - performance.now()));
    await writer.append(fragment, mediaMs, { key: mediaMs % 2000 === 0 });
    handed += fragment.length;
    if (atMs % 60_000 === 10_000) await visit(cameraId, recordingId);
    if (atMs % 60_000 !== rollAtMs) continue;
    await writer.finish();
    writer = await begin();
    mediaMs = 0;
  }
  await writer.finish();
  await library.sink.closeRecording(recordingId, { endMs: Date.now(), interrupted: false });
}

async function visit(cameraId: string, recordingId: string): Promise<void> {
  const startMs = Date.now();
  const event = { id: crypto.randomUUID(), cameraId, recordingId, startMs, peakMs: startMs, level: 20 };
  library.recordEvent(event);
  await library.addStill(recordingId, fragment.subarray(0, STILL_BYTES), startMs);
  handed += STILL_BYTES;
  library.recordEvent({ ...event, endMs: startMs + 8000 });
}

await Promise.all(Array.from({ length: CAMERAS }, (_, number) => record(number)));
await library.close();
const written = {
  handed,
  files: writtenBytes() - before.files,
  process: processBytes() - before.process,
  disk: diskBytes() - before.disk,
};
console.log(JSON.stringify(written));
process.exit(0);
