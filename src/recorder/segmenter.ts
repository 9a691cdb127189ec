// Turns the packets of one recording into files: where a file is cut, what goes into a fragment, what its times are, and
// what is left out when the disk is too slow. Whether there is a recording at all is the planner's decision.

import { writeFragment } from '../media/mp4-write.ts';
import type { Packet, StreamInfo } from '../media/types.ts';
import type { RecordingSink, SegmentWriter } from './sink.ts';
import type { WriteQueue } from './write-queue.ts';

export interface SegmenterParts {
  readonly recordingId: string;
  readonly cameraId: string;
  readonly sink: RecordingSink;
  readonly queue: WriteQueue;
  /** Wall minus monotonic time, fixed for the recording: setting the clock meanwhile cannot reorder its segments. */
  readonly wallOffsetMs: number;
  /** When the recording begins, monotonic, in whole milliseconds: no earlier than the one before it ends. */
  readonly beginMs: number;
  readonly segmentMs: () => number;
  readonly maxQueuedBytes: () => number;
  /** Something could not be written; nothing more of this segment will be. Called at most once for each segment. */
  readonly onFailure: (error: unknown) => void;
  /** A fragment is on the disk. */
  readonly onWritten: () => void;
  /** A group of pictures, or the rest of one, was left out. */
  readonly onDropped: () => void;
}

/** How much of a file may still be in memory. The store syncs within a second, so a power cut takes 1.5 s and a picture. */
const FRAGMENT_MS = 500;

interface Segment {
  readonly stream: StreamInfo;
  readonly baseDts: { readonly video: number; readonly audio: number };
  readonly startMs: number;
  readonly file: { writer?: SegmentWriter; failed: boolean };
  sequence: number;
  pending: Packet[];
  /** When the first picture of `pending` came in, on the media axis. */
  pendingDts: number | undefined;
  lastVideo: Packet;
  gopDts: number;
}

export class Segmenter {
  readonly #parts: SegmenterParts;
  #segment: Segment | undefined;
  /** Cut, but sound that belongs to it may still come. */
  #closing: Segment | undefined;
  #dropping = false;
  #endMs: number;

  constructor(parts: SegmenterParts) {
    this.#parts = parts;
    this.#endMs = parts.beginMs;
  }

  /** End of what was written, on the monotonic clock. */
  get endMs(): number {
    return this.#endMs;
  }

  write(stream: StreamInfo, packet: Packet): void {
    if (packet.track === 'audio') this.#writeAudio(packet);
    else if (!this.#dropsPicture(packet)) this.#writePicture(stream, packet);
  }

  /** Writes what is pending, although nothing follows: pictures have stopped coming. */
  flush(): void {
    if (this.#segment) this.#flush(this.#segment);
  }

  /** Finishes the file. What follows begins another one, at a key frame. */
  pause(): void {
    this.flush();
    if (this.#segment) this.#finish(this.#segment);
    this.#segment = undefined;
    this.#dropping = false;
  }

  /** Finishes the file and the recording. */
  close(interrupted: boolean): void {
    this.pause();
    const { sink, queue, recordingId, wallOffsetMs } = this.#parts;
    const endMs = this.#endMs + wallOffsetMs;
    queue.add(0, () => sink.closeRecording(recordingId, { endMs, interrupted }));
  }

  #writePicture(stream: StreamInfo, packet: Packet): void {
    const segment = this.#segment;
    if (!segment) {
      if (packet.key) this.#open(stream, packet);
    } else if (isCut(segment, packet, this.#parts.segmentMs())) {
      this.#flush(segment, packet.dts);
      if (segment.stream.audio) this.#closing = segment;
      else this.#finish(segment);
      this.#open(stream, packet);
    } else {
      const fragmentDts = (FRAGMENT_MS / 1000) * segment.stream.video.timescale;
      const spans = segment.pendingDts !== undefined && packet.dts - segment.pendingDts >= fragmentDts;
      if (packet.key || spans) this.#flush(segment, packet.dts);
      this.#add(segment, packet);
    }
  }

  /** Over the limit nothing is taken until the next key frame at which half of it has been written. */
  #dropsPicture(packet: Packet): boolean {
    const { queue, maxQueuedBytes, onDropped } = this.#parts;
    if (!this.#dropping && queue.bytes > maxQueuedBytes()) {
      // What follows the hole goes into a file of its own: players stop at a hole inside one.
      this.pause();
      this.#dropping = true;
      onDropped();
    } else if (this.#dropping && packet.key) {
      this.#dropping = queue.bytes > maxQueuedBytes() / 2;
      if (this.#dropping) onDropped();
    }
    return this.#dropping;
  }

  #writeAudio(packet: Packet): void {
    const segment = this.#segment;
    if (!segment?.stream.audio || this.#dropping) return;
    if (packet.dts >= segment.baseDts.audio) {
      segment.pending.push(packet);
      this.#finishClosing();
    } else if (this.#closing && packet.dts >= this.#closing.baseDts.audio) {
      this.#closing.pending.push(packet);
    }
  }

  #open(stream: StreamInfo, first: Packet): void {
    const { video, audio } = stream;
    // Whole milliseconds, and never before the end of the file before: segments of a camera do not overlap.
    const startMs = Math.max(Math.round(first.atMs), this.#endMs);
    const segment: Segment = {
      stream,
      baseDts: { video: first.dts, audio: audio ? Math.round((first.dts * audio.timescale) / video.timescale) : 0 },
      startMs,
      file: { failed: false },
      sequence: 1,
      pending: [],
      pendingDts: undefined,
      lastVideo: first,
      gopDts: first.dts,
    };
    this.#segment = segment;
    this.#add(segment, first);
  }

  #add(segment: Segment, packet: Packet): void {
    if (packet.key) segment.gopDts = packet.dts;
    segment.pending.push(packet);
    segment.pendingDts ??= packet.dts;
    segment.lastVideo = packet;
    this.#endMs = endOf(segment, packet.dts + packet.duration);
  }

  /** Queues the pending packets as one fragment. The last picture lasts until `nextDts`, which follows it. */
  #flush(segment: Segment, nextDts?: number): void {
    this.#finishClosing();
    if (segment.pending.length === 0) return;
    if (segment.sequence === 1) this.#openFile(segment);
    const last = segment.lastVideo;
    const duration = nextDts === undefined ? last.duration : nextDts - last.dts;
    const packets = segment.pending.map((p) => (p === last ? { ...p, duration } : p));
    segment.pending = [];
    segment.pendingDts = undefined;
    this.#endMs = endOf(segment, last.dts + duration);
    const mediaMs = msOf(segment, last.dts + duration - segment.baseDts.video);
    const options = { sequence: segment.sequence++, baseDts: segment.baseDts };
    const key = packets.find((p) => p.track === 'video')?.key ?? false;
    const bytes = packets.reduce((sum, p) => sum + p.data.length, 0);
    // Made only when it is its turn: what waits shares its memory with the ring.
    this.#parts.queue.add(bytes, () =>
      this.#attempt(segment.file, async () => {
        await segment.file.writer?.append(writeFragment(segment.stream, packets, options), mediaMs, { key });
        this.#parts.onWritten();
      }),
    );
  }

  /** Queued with the first fragment, and so after the end of the file before. */
  #openFile({ stream, startMs, file }: Segment): void {
    const { sink, queue, recordingId, cameraId, wallOffsetMs } = this.#parts;
    const start = { recordingId, cameraId, stream, startMs: startMs + wallOffsetMs, startMonotonicMs: startMs };
    queue.add(0, () =>
      this.#attempt(file, async () => {
        file.writer = await sink.openSegment(start);
      }),
    );
  }

  #finishClosing(): void {
    const segment = this.#closing;
    if (!segment) return;
    this.#closing = undefined;
    // Only sound can be pending: its pictures were written when it was cut, so its length stands.
    const endMs = this.#endMs;
    const { dts, duration } = segment.lastVideo;
    this.#flush(segment, this.#segment?.baseDts.video ?? dts + duration);
    this.#endMs = endMs;
    this.#finish(segment);
  }

  #finish(segment: Segment): void {
    this.#parts.queue.add(0, async () => {
      const { writer, failed } = segment.file;
      if (!writer) return;
      try {
        await writer.finish();
      } catch (error) {
        if (!failed) this.#parts.onFailure(error);
      }
    });
  }

  async #attempt(file: Segment['file'], step: () => Promise<void>): Promise<void> {
    if (file.failed) return;
    try {
      await step();
    } catch (error) {
      file.failed = true;
      this.#parts.onFailure(error);
    }
  }
}

const msOf = (segment: Segment, ticks: number) => (ticks / segment.stream.video.timescale) * 1000;
const endOf = (segment: Segment, dts: number) =>
  segment.startMs + Math.ceil(msOf(segment, dts - segment.baseDts.video));

/**
 * A file is cut at a key frame, where the next group of pictures (as long as the one before) would make it too long. A
 * camera whose groups are longer than that is waited for up to twice the length; then the cut is made anyway: the next file is
 * then no use on its own until its first key frame, but nothing is lost, and an export of the recording plays through.
 */
export function isCut(
  segment: Pick<Segment, 'baseDts' | 'stream' | 'gopDts'>,
  packet: Pick<Packet, 'dts' | 'key'>,
  segmentMs: number,
): boolean {
  const ticksPerMs = segment.stream.video.timescale / 1000;
  const elapsedMs = (packet.dts - segment.baseDts.video) / ticksPerMs;
  const lastGopMs = (packet.dts - segment.gopDts) / ticksPerMs;
  return packet.key ? elapsedMs + lastGopMs > segmentMs : elapsedMs >= 2 * segmentMs;
}
