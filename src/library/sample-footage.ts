// Footage for tests that need no picture: boxes with the right names and made-up contents. Tests that play something use
// ffmpeg's instead.

import type { ManualClock } from '../base/clock.ts';
import type { SegmentStart } from '../recorder/sink.ts';
import type { Sealing } from '../store/sealing.ts';
import { device, vaultKeys, vaultPair } from '../vault/fixture-file.ts';
import { openSealed } from '../vault/open.ts';
import { sourceOf } from '../vault/walk.ts';
import type { Library } from './library.ts';

/** An owned box with fixed keys; `vaultKeys` of the vault's fixture open what it seals. */
export const sampleSealing: Sealing = { publicKey: () => vaultPair.publicKey, device };

export function sampleBox(type: string, content: Uint8Array): Uint8Array {
  const box = new Uint8Array(8 + content.length);
  new DataView(box.buffer).setUint32(0, box.length);
  box.set(new TextEncoder().encode(type), 4);
  box.set(content, 8);
  return box;
}

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

export const sampleStream: SegmentStart['stream'] = {
  id: 'sample',
  init: join(sampleBox('ftyp', new Uint8Array(16)), sampleBox('moov', new Uint8Array(120))),
  mimeType: 'video/mp4; codecs="avc1.64001f"',
  video: { trackId: 1, codec: 'h264', codecString: 'avc1.64001f', width: 640, height: 360, timescale: 90_000 },
};

/** A fragment that differs from every other number's. */
export const sampleFragment = (number: number, bytes = 300): Uint8Array =>
  join(sampleBox('moof', new Uint8Array(60).fill(number)), sampleBox('mdat', new Uint8Array(bytes).fill(number + 1)));

/** Records one segment of `fragments` seconds; the clock moves with it. */
export async function recordSegment(library: Library, clock: ManualClock, recordingId: string, fragments: number) {
  const writer = await library.sink.openSegment({
    recordingId,
    cameraId: 'door',
    stream: sampleStream,
    startMs: clock.wallMs(),
    startMonotonicMs: clock.monotonicMs(),
  });
  for (let i = 1; i <= fragments; i++) {
    await clock.advance(1000);
    await writer.append(sampleFragment(i), i * 1000, { key: true });
  }
  await writer.finish();
}

/** Records, ends and names a recording with segments of so many seconds. */
export async function recordClip(library: Library, clock: ManualClock, seconds = [2]) {
  const id = library.sink.openRecording({ cameraId: 'door', startMs: clock.wallMs(), reasons: ['motion'] });
  for (const fragments of seconds) await recordSegment(library, clock, id, fragments);
  await library.sink.closeRecording(id, { endMs: clock.wallMs(), interrupted: false });
  return id;
}

/** What a file that was sealed to the sample's vault holds: all its pieces in order. Throws where one is missing. */
export async function opened(sealed: Uint8Array | undefined): Promise<Uint8Array> {
  if (!sealed) throw new Error('there is no such file');
  const reader = await openSealed(sourceOf(sealed), vaultKeys);
  const pieces: Uint8Array[] = [];
  for await (const piece of reader.pieces()) {
    if (piece.kind === 'gap') throw new Error(`a gap from ${piece.fromMs} to ${piece.toMs}`);
    pieces.push(piece.bytes);
  }
  return join(...pieces);
}
