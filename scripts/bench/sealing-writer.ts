// What `sealing.ts` measures: a process that writes the footage of some cameras at the speed at which it comes, sealed by the store, or
// plain with the same writes and fsyncs. Prints the processor milliseconds per camera and second that it took.
// Usage: bun sealing-writer.ts sealed|plain FOLDER CAMERAS SECONDS

import { systemClock } from '../../src/base/clock.ts';
import { systemFileLayer } from '../../src/store/file-layer.ts';
import { SealedSegmentStore } from '../../src/store/sealed-segment-store.ts';
import { SyncRounds } from '../../src/store/sync-rounds.ts';
import { newKeyPair } from '../../src/vault/key-pair.ts';
import { deviceKeyOf } from '../../src/vault/signed.ts';

const [how, folder, cameras, seconds] = process.argv.slice(2) as ['sealed' | 'plain', string, string, string];
/** 4 Mb/s, half a second at a time: what the recorder hands over. */
const FRAGMENT_MS = 500;
const fragment = new Uint8Array(250_000);
for (let at = 0; at < fragment.length; at += 50_000) crypto.getRandomValues(fragment.subarray(at, at + 50_000));
const init = fragment.subarray(0, 900);

interface Writer {
  append(mediaMs: number): Promise<void>;
  finish(): Promise<void>;
}

const vault = newKeyPair();
const device = deviceKeyOf(crypto.getRandomValues(new Uint8Array(32)));
const store = new SealedSegmentStore({
  folder,
  asideFolder: `${folder}-aside`,
  clock: systemClock,
  sealing: { publicKey: () => vault.publicKey, device },
});
await store.startChains([], false);

async function beginSealedFile(cameraId: string): Promise<Writer> {
  const startMs = Date.now();
  const fileId = crypto.randomUUID().replaceAll('-', '').slice(0, 20);
  const times = { startMs, startSinceBootMs: performance.now(), bootId: 'bench', wallSynchronised: true };
  const picture = { mimeType: 'video/mp4; codecs="avc1.64001f"', width: 1920, height: 1080, reasons: ['continuous'] };
  const file = await store.create(
    { fileId, recordingId: fileId, cameraId, stream: 'main', ...times, ...picture },
    init,
  );
  return {
    append: (mediaMs) => file.append(fragment, mediaMs, { key: mediaMs % 2000 === 0, moved: 0 }),
    finish: async () => {
      await file.finish({ reasons: ['continuous'], peakLevel: 0, events: [], interrupted: false });
    },
  };
}

/** The same order of writes and fsyncs, with nothing done to the bytes. */
const rounds = new SyncRounds(systemClock, 1000);
async function beginPlainFile(cameraId: string): Promise<Writer> {
  await systemFileLayer.makeFolder(folder);
  await systemFileLayer.makeFolder(`${folder}/${cameraId}`);
  const file = await systemFileLayer.create(`${folder}/${cameraId}/${crypto.randomUUID()}`);
  await file.write(init, 0);
  let bytes = init.length;
  let queue: Promise<unknown> = systemFileLayer.syncFolder(`${folder}/${cameraId}`);
  const enqueue = <T>(step: () => Promise<T>): Promise<T> => {
    const done = queue.then(step);
    queue = done;
    return done;
  };
  const sync = () => void enqueue(() => file.sync());
  return {
    append: () =>
      enqueue(async () => {
        await file.write(fragment, bytes);
        bytes += fragment.length;
        rounds.join(sync);
      }),
    finish: () =>
      enqueue(async () => {
        rounds.leave(sync);
        await file.write(init, bytes);
        await file.sync();
        await systemFileLayer.syncFolder(`${folder}/${cameraId}`);
        await file.close();
      }),
  };
}

const begin = how === 'sealed' ? beginSealedFile : beginPlainFile;
const lastMs = Number(seconds) * 1000;
const numbers = Array.from({ length: Number(cameras) }, (_, number) => number);
const first = await Promise.all(numbers.map((number) => begin(`cam${number}`)));
const startedMs = performance.now();
/** Each camera ends one file and begins the next, at its own moment. */
async function record(number: number): Promise<void> {
  const cameraId = `cam${number}`;
  const rollAtMs = Math.round((((number + 0.5) / Number(cameras)) * lastMs) / FRAGMENT_MS) * FRAGMENT_MS;
  let writer = first[number]!;
  for (let atMs = FRAGMENT_MS, mediaMs = FRAGMENT_MS; atMs <= lastMs; atMs += FRAGMENT_MS, mediaMs += FRAGMENT_MS) {
    await Bun.sleep(Math.max(0, startedMs + atMs + number * 17 - performance.now()));
    await writer.append(mediaMs);
    if (atMs !== rollAtMs) continue;
    await writer.finish();
    writer = await begin(cameraId);
    mediaMs = 0;
  }
}
const before = process.cpuUsage();
await Promise.all(numbers.map(record));
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000 / Number(cameras) / Number(seconds));
process.exit(0);
