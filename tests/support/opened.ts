// What an owner sees of sealed footage, without a browser: pictures, and recordings as the one MP4 that the page's download
// makes. Throws when anything of it is missing or damaged.

import { writeFileSync } from 'node:fs';
import type { RecordingDetail } from '../../src/http/api.ts';
import { planFastStart } from '../../src/media/fast-start.ts';
import { type OpenedFootage, openFootage } from '../../src/playback/opened-footage.ts';
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

/** Writes a whole recording to a file, and answers its path. */
export async function film(owner: Owner, recordingId: string, path: string): Promise<string> {
  const { segments, startMs } = await owner.json<RecordingDetail>(`/api/v1/recordings/${recordingId}`);
  const opened: OpenedFootage[] = [];
  for (const { id } of segments) {
    const answer = await owner.fetch(`/api/v1/segments/${id}/sealed`);
    const footage = await openFootage(await owner.open(await answer.bytes()));
    if (footage.gaps.length > 0) throw new Error(`segment ${id} has gaps: ${JSON.stringify(footage.gaps)}`);
    if (footage.index) opened.push(footage);
  }
  const plan = planFastStart(
    opened.map(({ index }) => index!),
    { createdAtMs: startMs },
  );
  if (!plan) throw new Error(`there is no picture in recording ${recordingId}`);
  const pieces = [plan.header];
  for (const { source, from, to } of plan.ranges) {
    for await (const piece of opened[source]!.bytes(from, to)) pieces.push(piece);
  }
  writeFileSync(path, join(...pieces));
  return path;
}
