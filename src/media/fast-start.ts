// One progressive MP4 out of the segments of a recording: all sample tables first, then the media, so that QuickTime, VLC
// and browsers play it at once and seek in it. Nothing is decoded or moved: the answer is the head of the new file and the
// byte ranges to copy behind it, so its size is known before the first byte is read.
//
// Segments are laid end to end. Where a camera was away for a while, the gap is closed: a player would show a frozen
// picture for as long, which looks like a fault, and the pictures carry their own clock. Gaps inside a segment
// (pictures that were dropped) stay: there, sound and picture would come apart.

import { ascii, box, concatBytes, fourCC, fullBox, u16, u32, u64 } from './boxes.ts';
import { type SegmentIndex, type TrackHead, videoTicks } from './segment-index.ts';

export { type ByteSource, indexSegment, type SegmentIndex } from './segment-index.ts';

/** Bytes of one source file: `from` inclusive, `to` exclusive. */
export interface CopyRange {
  /** Position in the list given to `planFastStart`. */
  readonly source: number;
  readonly from: number;
  readonly to: number;
}

export interface FastStartPlan {
  readonly header: Uint8Array;
  /** To be copied after the header, in order. */
  readonly ranges: readonly CopyRange[];
  /** Size of the whole file. */
  readonly bytes: number;
  readonly durationMs: number;
}

export interface FastStartOptions {
  /** Written as the file's creation time, UTC ms. */
  readonly createdAtMs?: number;
}

/** Plans the file; undefined when the segments hold no picture. Differing parameter sets become further sample entries. */
export function planFastStart(
  segments: readonly SegmentIndex[],
  options: FastStartOptions = {},
): FastStartPlan | undefined {
  const starts = segmentStarts(segments);
  const video = layTrack('video', segments, starts);
  if (!video) return undefined;
  const audio = layTrack('audio', segments, starts);
  const { ranges, offsets, mediaBytes } = layMedia(segments);
  // Where presentation begins: B-frames show the first picture later than it is decoded.
  const zeroS = video.firstTick / video.timescale;
  const tracks = (audio ? [video, audio] : [video]).map((track) => ({ ...track, tables: sampleTables(track) }));

  const head = (mediaFrom: number, wide: boolean) =>
    concatBytes([
      FTYP,
      moov(
        tracks.map((track) => ({ ...track, chunkAt: offsets[track.kind].map((at) => at + mediaFrom) })),
        zeroS,
        wide,
        options.createdAtMs ?? 0,
      ),
      mediaBytes + 8 > 0xffff_ffff
        ? concatBytes([u32(1), ascii('mdat'), u64(mediaBytes + 16)])
        : concatBytes([u32(mediaBytes + 8), ascii('mdat')]),
    ]);
  const narrowBytes = head(0, false).length;
  const wide = narrowBytes + mediaBytes > 0xffff_ffff;
  const header = head(wide ? head(0, true).length : narrowBytes, wide);
  return {
    header,
    ranges,
    bytes: header.length + mediaBytes,
    durationMs: ((video.endTick - video.firstTick) / video.timescale) * 1000,
  };
}

interface LaidTrack {
  readonly kind: 'video' | 'audio';
  readonly timescale: number;
  readonly entries: readonly Uint8Array[];
  readonly width: number;
  readonly height: number;
  readonly sizes: readonly number[];
  readonly durations: readonly number[];
  readonly ctsOffsets: readonly number[];
  /** Sample numbers from 1. */
  readonly keys: readonly number[];
  readonly chunks: readonly { readonly samples: number; readonly entry: number }[];
  /** When the first sample is shown and when the last ends, in ticks of the joined axis. */
  readonly firstTick: number;
  readonly endTick: number;
  /** The first sample's presentation in the track's own media time, which begins when the first sample is decoded. */
  readonly firstMediaTick: number;
}

/** Seconds at which each segment begins on the joined axis. */
function segmentStarts(segments: readonly SegmentIndex[]): readonly number[] {
  let at = 0;
  return segments.map((segment) => {
    const start = at;
    at += videoTicks(segment.runs) / segment.video.timescale;
    return start;
  });
}

function layTrack(
  kind: 'video' | 'audio',
  segments: readonly SegmentIndex[],
  startsS: readonly number[],
): LaidTrack | undefined {
  const heads = segments.map((s) => s[kind]);
  const timescale = Math.max(0, ...heads.map((h) => h?.timescale ?? 0));
  const entries: Uint8Array[] = [];
  const [times, sizes, ctsOffsets, keys]: [number[], number[], number[], number[]] = [[], [], [], []];
  const chunks: { samples: number; entry: number }[] = [];
  let endTick = 0;
  let [width, height] = [0, 0];
  segments.forEach((segment, i) => {
    const head = heads[i];
    const runs = segment.runs.filter((run) => run.track === kind);
    if (!head || runs.length === 0) return;
    const entry = entryNumber(entries, head);
    if (width === 0) ({ width, height } = head);
    const zeroS = firstVideoTime(segment) / segment.video.timescale;
    const scale = timescale / head.timescale;
    const shift = Math.round((startsS[i]! - zeroS) * timescale);
    for (const run of runs) {
      let tick = run.decodeTime;
      for (const sample of run.samples) {
        times.push(Math.max(times.at(-1) ?? Number.NEGATIVE_INFINITY, Math.round(tick * scale) + shift));
        sizes.push(sample.bytes);
        ctsOffsets.push(Math.round(sample.ctsOffset * scale));
        if (sample.key) keys.push(sizes.length);
        tick += sample.duration;
      }
      endTick = Math.max(times.at(-1)!, Math.round(tick * scale) + shift);
      chunks.push({ samples: run.samples.length, entry });
    }
  });
  if (times.length === 0) return undefined;
  // A sample lasts until the next one begins, also across fragments and segments.
  const durations = times.map((time, i) => (times[i + 1] ?? endTick) - time);
  let [firstTick, lastTick] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  times.forEach((time, i) => {
    firstTick = Math.min(firstTick, time + ctsOffsets[i]!);
    lastTick = Math.max(lastTick, time + ctsOffsets[i]! + durations[i]!);
  });
  return {
    kind,
    timescale,
    entries,
    width,
    height,
    sizes,
    durations,
    ctsOffsets,
    keys,
    chunks,
    firstTick,
    endTick: lastTick,
    firstMediaTick: firstTick - times[0]!,
  };
}

const firstVideoTime = (segment: SegmentIndex) => segment.runs.find((run) => run.track === 'video')?.decodeTime ?? 0;

/** The number (from 1) of a sample entry, added when it is new: players switch parameter sets where the number changes. */
function entryNumber(entries: Uint8Array[], head: TrackHead): number {
  const entry = head.sampleEntry.slice();
  // QuickTime plays H.265 only as `hvc1`; the parameter sets are in the entry's `hvcC` either way.
  if (fourCC(entry, 4) === 'hev1') entry.set(ascii('hvc1'), 4);
  const known = entries.findIndex((e) => e.length === entry.length && e.every((byte, i) => byte === entry[i]));
  return known >= 0 ? known + 1 : entries.push(entry);
}

/** Byte ranges in file order, joined where they touch, and where each track's chunks then lie behind the header. */
function layMedia(segments: readonly SegmentIndex[]) {
  const ranges: { source: number; from: number; to: number }[] = [];
  const offsets: { video: number[]; audio: number[] } = { video: [], audio: [] };
  let mediaBytes = 0;
  segments.forEach((segment, source) => {
    for (const run of segment.runs) {
      const bytes = run.samples.reduce((sum, s) => sum + s.bytes, 0);
      offsets[run.track].push(mediaBytes);
      mediaBytes += bytes;
      const last = ranges.at(-1);
      if (last && last.source === source && last.to === run.from) last.to = run.from + bytes;
      else ranges.push({ source, from: run.from, to: run.from + bytes });
    }
  });
  return { ranges, offsets, mediaBytes };
}

const FTYP = box('ftyp', ascii('isom'), u32(0x200), ascii('isomiso2avc1mp41'));
const MOVIE_TIMESCALE = 1000;
/** Seconds from 1904, the format's epoch, to 1970. */
const EPOCH_1904_S = 2_082_844_800;
const IDENTITY = u32(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000);

type PlacedTrack = LaidTrack & { readonly tables: Uint8Array; readonly chunkAt: readonly number[] };

function moov(tracks: readonly PlacedTrack[], zeroS: number, wide: boolean, createdAtMs: number): Uint8Array {
  const created = createdAtMs > 0 ? Math.floor(createdAtMs / 1000) + EPOCH_1904_S : 0;
  const placed = tracks.map((track) => ({ track, edit: editOf(track, zeroS) }));
  const durationMs = Math.max(...placed.map(({ edit }) => edit.leadMs + edit.shownMs));
  return box(
    'moov',
    fullBox(
      'mvhd',
      1,
      0,
      u64(created, created),
      u32(MOVIE_TIMESCALE),
      u64(durationMs),
      u32(0x1_0000),
      u16(0x100),
      new Uint8Array(10),
      IDENTITY,
      new Uint8Array(24),
      u32(tracks.length + 1),
    ),
    ...placed.map(({ track, edit }, i) => trak(track, i + 1, edit, wide, created)),
  );
}

interface Edit {
  /** Nothing is shown or heard for this long. */
  readonly leadMs: number;
  /** Where in the track's media, in ticks, showing begins. */
  readonly mediaTick: number;
  readonly shownMs: number;
}

/** How a track lies against the moment of the first picture: late sound waits, early sound is skipped. */
function editOf(track: LaidTrack, zeroS: number): Edit {
  const late = track.firstTick - Math.round(zeroS * track.timescale);
  const ms = (ticks: number) => Math.round((ticks / track.timescale) * MOVIE_TIMESCALE);
  return {
    leadMs: ms(Math.max(0, late)),
    mediaTick: track.firstMediaTick + Math.max(0, -late),
    shownMs: ms(track.endTick - track.firstTick - Math.max(0, -late)),
  };
}

function trak(track: PlacedTrack, trackId: number, edit: Edit, wide: boolean, created: number): Uint8Array {
  const isVideo = track.kind === 'video';
  const parts = [
    fullBox(
      // Enabled, in the movie, in the preview.
      'tkhd',
      1,
      7,
      u64(created, created),
      u32(trackId, 0),
      u64(edit.leadMs + edit.shownMs),
      new Uint8Array(12),
      u16(isVideo ? 0 : 0x100, 0),
      IDENTITY,
      u32(track.width << 16, track.height << 16),
    ),
  ];
  if (edit.leadMs > 0 || edit.mediaTick > 0) {
    const edits = edit.leadMs > 0 ? [edit64(edit.leadMs, -1)] : [];
    edits.push(edit64(edit.shownMs, edit.mediaTick));
    parts.push(box('edts', fullBox('elst', 1, 0, u32(edits.length), ...edits)));
  }
  const mediaTicks = track.durations.reduce((sum, d) => sum + d, 0);
  parts.push(
    box(
      'mdia',
      // Language "und".
      fullBox('mdhd', 1, 0, u64(created, created), u32(track.timescale), u64(mediaTicks), u16(0x55c4, 0)),
      fullBox('hdlr', 0, 0, u32(0), ascii(isVideo ? 'vide' : 'soun'), new Uint8Array(12), ascii('Nightjar\0')),
      box(
        'minf',
        isVideo ? fullBox('vmhd', 0, 1, new Uint8Array(8)) : fullBox('smhd', 0, 0, new Uint8Array(4)),
        // "In this file".
        box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
        box('stbl', track.tables, chunkOffsets(track.chunkAt, wide)),
      ),
    ),
  );
  return box('trak', ...parts);
}

/** An edit: length, media time (−1: nothing), rate 1. */
const edit64 = (lengthMs: number, mediaTick: number) => {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(lengthMs));
  view.setBigInt64(8, BigInt(mediaTick));
  view.setUint16(16, 1);
  return bytes;
};

/** What `stbl` holds, but for where the chunks lie. */
function sampleTables(track: LaidTrack): Uint8Array {
  const parts = [
    fullBox('stsd', 0, 0, u32(track.entries.length), ...track.entries),
    fullBox('stts', 0, 0, table(2, runLengths(track.durations))),
  ];
  if (track.ctsOffsets.some((offset) => offset !== 0)) {
    const signed = track.ctsOffsets.some((offset) => offset < 0);
    parts.push(fullBox('ctts', signed ? 1 : 0, 0, table(2, runLengths(track.ctsOffsets))));
  }
  if (track.keys.length < track.sizes.length) parts.push(fullBox('stss', 0, 0, table(1, track.keys)));
  const chunkRuns: number[] = [];
  track.chunks.forEach(({ samples, entry }, i) => {
    const before = track.chunks[i - 1];
    if (before?.samples !== samples || before.entry !== entry) chunkRuns.push(i + 1, samples, entry);
  });
  parts.push(fullBox('stsc', 0, 0, table(3, chunkRuns)), fullBox('stsz', 0, 0, u32(0), table(1, track.sizes)));
  return concatBytes(parts);
}

function chunkOffsets(chunkAt: readonly number[], wide: boolean): Uint8Array {
  if (!wide) return fullBox('stco', 0, 0, table(1, chunkAt));
  const halves = chunkAt.flatMap((at) => [Math.floor(at / 2 ** 32), at % 2 ** 32]);
  return fullBox('co64', 0, 0, table(2, halves));
}

/** Equal neighbours as count and value, as `stts` and `ctts` want them. */
function runLengths(values: readonly number[]): readonly number[] {
  const runs: number[] = [];
  for (const value of values) {
    if (runs[runs.length - 1] === value) runs[runs.length - 2]!++;
    else runs.push(1, value);
  }
  return runs;
}

/** A count of rows, then the rows; negative numbers as two's complement. */
function table(columns: number, values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + values.length * 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, values.length / columns);
  values.forEach((value, i) => {
    view.setUint32(4 + i * 4, value);
  });
  return bytes;
}
