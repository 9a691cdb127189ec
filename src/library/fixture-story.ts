// A day in the life of a box with two cameras, for tests that let it fail at each step: segments that roll over, events, stills and
// difference pictures, a removal by the owner, retention. Notes what it was promised, and what it has handed over.

import type { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { Sealing } from '../store/sealing.ts';
import { device, vaultKeys, vaultPair } from '../vault/fixture-file.ts';
import type { ProofKeys } from './fixture-proof.ts';
import { type Library, type LibraryOptions, openLibrary } from './library.ts';
import { sampleFragment, sampleStream } from './sample-footage.ts';

export const sealing: Sealing = { publicKey: () => vaultPair.publicKey, device };
export const proofKeys: ProofKeys = { vault: vaultKeys, devicePublicKey: device.publicKey };
/** What the recorder gathers before it hands over. */
export const FRAGMENT_MS = 500;
const cameras = ['door', 'yard'] as const;
type Camera = (typeof cameras)[number];

export const bootOf = (id: string) => ({ id, sinceBootMs: (ms: number) => ms, wallSynchronised: () => true });

export const openStory = (dataFolder: string, clock: ManualClock, more: Partial<LibraryOptions> = {}) =>
  openLibrary({ dataFolder, clock, log: silentLog, cameraName: (id) => id, boot: bootOf('boot-1'), sealing, ...more });

/** Fragments tell apart which camera and which second they are of. */
const fragmentOf = (cameraId: string, number: number) =>
  // of 100 bytes to 5 KB: half of a large one is longer than what recovery writes in its place
  sampleFragment((cameraId === 'door' ? 0 : 100) + (number % 100), 40 + (number % 3) * 2500);

/** The first pieces of what was recorded of a camera, whole and in order. The first fragment says where in the story it begins. */
export function isStoryFootage(pieces: readonly Uint8Array[], { cameraId }: { readonly cameraId: string }): boolean {
  const [init, ...media] = pieces;
  if (!init || Buffer.compare(init, sampleStream.init) !== 0 || media.length === 0) return false;
  const first = Array.from({ length: 100 }, (_, i) => i).find((i) => same(media[0]!, fragmentOf(cameraId, i)));
  return first !== undefined && media.every((piece, i) => same(piece, fragmentOf(cameraId, first + i)));
}
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

export interface Promises {
  /** By recording: how much of it was confirmed as kept. */
  readonly kept: Map<string, number>;
  /** By recording: how much was handed over, kept or not. */
  readonly handed: Map<string, number>;
  /** Recordings whose removal was confirmed, and those of which it was asked. */
  readonly removed: Set<string>;
  readonly asked: Set<string>;
  readonly stills: Set<string>;
  readonly events: Set<string>;
}
export const noPromises = (): Promises => ({
  kept: new Map(),
  handed: new Map(),
  removed: new Set(),
  asked: new Set(),
  stills: new Set(),
  events: new Set(),
});

/** Lives as the recorder and the app do: what fails is over, and the next thing is tried. */
export async function liveStory(
  library: Library,
  clock: ManualClock,
  promises: Promises,
  isAlive: () => boolean,
  day = 1,
): Promise<void> {
  const { kept, handed, removed, asked, stills } = promises;
  let number = 0;

  const begin = (cameraId: Camera) =>
    attempt(() => {
      const start = { cameraId, startMs: clock.wallMs(), reasons: ['motion'] as const };
      return library.sink.openRecording(start);
    });

  /** Both cameras in step, each for so many fragments; then both files end. */
  async function record(ids: Readonly<Partial<Record<Camera, string | undefined>>>, fragments: number): Promise<void> {
    const running = cameras.filter((camera) => ids[camera] !== undefined);
    const open = async (cameraId: Camera) => {
      const times = { startMs: clock.wallMs(), startMonotonicMs: clock.monotonicMs() };
      const start = { recordingId: ids[cameraId]!, cameraId, stream: sampleStream, ...times };
      const writer = await attempt(() => library.sink.openSegment(start));
      return writer && { writer, mediaMs: 0, accepted: 0 };
    };
    const files = new Map<Camera, NonNullable<Awaited<ReturnType<typeof open>>>>();
    const roll = async (camera: Camera) => {
      const file = await open(camera);
      if (file) files.set(camera, file);
    };
    const end = async (camera: Camera) => {
      const file = files.get(camera);
      files.delete(camera);
      if (!file) return;
      if (await done(() => file.writer.finish())) kept.set(ids[camera]!, (kept.get(ids[camera]!) ?? 0) + file.accepted);
    };
    for (const camera of running) await roll(camera);
    for (let i = 0; i < fragments; i++) {
      await clock.advance(FRAGMENT_MS);
      for (const camera of running) {
        const id = ids[camera]!;
        if (!files.has(camera)) await roll(camera);
        const file = files.get(camera);
        if (!file) continue;
        if (!isAlive()) return;
        handed.set(id, (handed.get(id) ?? 0) + FRAGMENT_MS);
        file.mediaMs += FRAGMENT_MS;
        const fragment = fragmentOf(camera, number + i);
        const taken = await done(() => file.writer.append(fragment, file.mediaMs, { key: i % 4 === 0 }));
        if (taken) file.accepted = file.mediaMs;
        else {
          // what was accepted before counts only once it is confirmed: a failed flush may have taken it
          file.accepted = 0;
          await end(camera);
        }
      }
    }
    number += fragments;
    for (const camera of running) await end(camera);
    await clock.advance(FRAGMENT_MS);
  }

  const close = (id: string | undefined) =>
    id && attempt(() => library.sink.closeRecording(id, { endMs: clock.wallMs(), interrupted: false }));
  const still = async (id: string | undefined, content: number) => {
    if (id && (await done(() => library.addStill(id, new Uint8Array(50).fill(content), clock.wallMs()))))
      stills.add(id);
  };

  const done = async (action: () => void | Promise<void>): Promise<boolean> =>
    (await attempt(async () => {
      await action();
      return true;
    })) ?? false;

  const door = await begin('door');
  const yard = await begin('yard');
  await record({ door, yard }, 7);
  const at = clock.wallMs();
  const visit = {
    ...{ id: `visit${day}`, cameraId: 'door', startMs: at - 900, peakMs: at - 500, endMs: at, level: 9 },
    ...{ zones: ['Path'], mail: 'sent' as const },
  };
  await attempt(() => library.recordEvent(visit));
  // on a full disk it is only announced: the mail must go out
  if (library.event(visit.id)) promises.events.add(visit.id);
  await still(door, 1);
  await record({ door, yard }, 3);
  await close(yard);
  await attempt(() => library.addDifference(visit.id, new Uint8Array(60).fill(2), at - 500));
  await still(door, 3);
  // retention: the oldest, of both cameras
  const oldest = library.oldestSegments(2);
  for (const { id } of oldest) {
    const recordingId = [door, yard].find((r) => r && library.segments(r).some((segment) => segment.id === id));
    if (recordingId) {
      kept.delete(recordingId);
      handed.delete(recordingId);
    }
  }
  await attempt(() =>
    library.removeSegments(
      oldest.map(({ id }) => id),
      'age',
    ),
  );
  await record({ door }, 2);
  await close(door);
  // the owner
  if (yard) {
    asked.add(yard);
    if ((await attempt(() => library.removeRecordings([yard]))) === 1) removed.add(yard);
  }
  const last = { door: await begin('door'), yard: await begin('yard') };
  await record(last, 5);
  await close(last.door);
  await record({ yard: last.yard }, 0);
  await record({ yard: last.yard }, 4);
  await close(last.yard);
}

/** A fragment of each camera, as the next thing after a start: its chain goes on. */
export async function recordAgain(library: Library, clock: ManualClock): Promise<void> {
  for (const cameraId of cameras) {
    const [startMs, startMonotonicMs] = [clock.wallMs(), clock.monotonicMs()];
    const recordingId = library.sink.openRecording({ cameraId, startMs, reasons: ['manual'] });
    const start = { recordingId, cameraId, stream: sampleStream, startMs, startMonotonicMs };
    const writer = await library.sink.openSegment(start);
    await writer.append(fragmentOf(cameraId, 0), FRAGMENT_MS, { key: true });
    await writer.finish();
    await library.sink.closeRecording(recordingId, { endMs: startMs + FRAGMENT_MS, interrupted: false });
  }
  await clock.advance(FRAGMENT_MS);
}

/** Undefined when it failed. */
async function attempt<T>(action: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch {
    return undefined;
  }
}
