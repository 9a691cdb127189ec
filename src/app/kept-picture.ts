// The picture of an event of which only the recording is left, because power went before its mail had one: decoded from the
// recording at the event's best moment, or the nearest that reached the disk.

import type { Library } from '../library/library.ts';
import { type MediaSample, Mp4Reader } from '../media/mp4-read.ts';
import type { Packet, StreamInfo } from '../media/types.ts';

type JpegOf = (stream: StreamInfo, packets: readonly Packet[], atMs: number) => Promise<Uint8Array>;

/** Undefined when nothing of it was recorded. */
export async function pictureOfEvent(
  library: Pick<Library, 'event' | 'segments' | 'bytesOf' | 'still'>,
  eventId: string,
  jpegOf: JpegOf,
): Promise<Uint8Array | undefined> {
  const event = library.event(eventId);
  if (!event?.recordingId) return undefined;
  const segments = library.segments(event.recordingId);
  const segment = segments.findLast((s) => s.startMs <= event.peakMs) ?? segments[0];
  const bytes = segment && library.bytesOf(segment.id);
  const group = bytes && (await groupAt(bytes.stream(0, bytes.bytes), event.peakMs - segment.startMs));
  if (group) return await jpegOf(group.stream, group.packets, group.atMs);
  return await library.still(event.recordingId);
}

/** The packets from the last key frame before a moment up to it, with times in ms from the start of the file. */
async function groupAt(bytes: ReadableStream<Uint8Array>, atMs: number) {
  const reader = new Mp4Reader();
  let stream: StreamInfo | undefined;
  let packets: Packet[] = [];
  let firstDts: number | undefined;
  const timeOf = ({ dts }: MediaSample, { video }: StreamInfo) => ((dts - firstDts!) / video.timescale) * 1000;
  reading: for await (const piece of bytes) {
    for (const item of reader.push(piece)) {
      if (item.kind === 'stream') stream = item.stream;
      if (item.kind !== 'sample' || item.sample.track !== 'video' || !stream) continue;
      firstDts ??= item.sample.dts;
      const packet = { ...item.sample, atMs: timeOf(item.sample, stream) };
      if (packet.atMs > atMs && packets.length > 0) break reading;
      if (packet.key) packets = [];
      packets.push(packet);
    }
  }
  return stream && packets.length > 0 ? { stream, packets, atMs } : undefined;
}
