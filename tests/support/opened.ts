// What an owner sees of sealed footage, without a browser: pictures, and recordings as the one MP4 that the page's download
// makes. Throws when anything of it is missing or damaged.

import { writeFileSync } from 'node:fs';
import type { RecordingDetail } from '../../src/http/api.ts';
import { exportBody, type SegmentMedia } from '../../src/playback/export.ts';
import { join } from '../../src/vault/bytes.ts';
import type { Owner } from './box.ts';

export async function openedBytes(owner: Owner, path: string): Promise<Uint8Array> {
  const answer = await owner.fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  const reader = await owner.open(await answer.bytes());
  const parts: Uint8Array[] = [];
  for await (const piece of reader.pieces()) {
    if (piece.kind === 'gap') throw new Error(`${path}: ${piece.fault} at ${piece.fromMs} ms`);
    parts.push(piece.bytes);
  }
  reader.forget();
  return join(...parts);
}

export const openedStill = (owner: Owner, recordingId: string): Promise<Uint8Array> =>
  openedBytes(owner, `/api/v1/recordings/${recordingId}/still`);

const mediaOf = (bytes: Uint8Array): SegmentMedia => ({
  bytes: bytes.length,
  open: async () => ({ read: async (from, to) => bytes.subarray(from, to), close: async () => {} }),
  stream: (from, to) => new Blob([bytes.slice(from, to)]).stream(),
});

/** Writes a whole recording to a file, and answers its path. */
export async function film(owner: Owner, recordingId: string, path: string): Promise<string> {
  const { segments, startMs } = await owner.json<RecordingDetail>(`/api/v1/recordings/${recordingId}`);
  const opened: SegmentMedia[] = [];
  for (const { id } of segments) opened.push(mediaOf(await openedBytes(owner, `/api/v1/segments/${id}/sealed`)));
  const body = await exportBody(opened, startMs);
  if (!body) throw new Error(`there is no picture in recording ${recordingId}`);
  writeFileSync(path, await new Response(body.stream(0, body.bytes)).bytes());
  return path;
}
