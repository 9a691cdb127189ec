// What is in a recorded segment, without reading its media: walks the boxes of a fragmented MP4, reads only `moov` and the
// `moof` boxes, and steps over `mdat`. A file whose end was cut by a power failure is indexed up to its last whole fragment.

import { type Box, boxesIn, findBox, findBoxes, fourCC, readBoxHeader, viewOf } from './boxes.ts';

/** Bytes that can be read in ranges: a file, or a sealed segment that is opened as it is read. */
export interface ByteSource {
  readonly bytes: number;
  /** `from` inclusive, `to` exclusive and at most `bytes`. */
  read(from: number, to: number): Promise<Uint8Array>;
}

export interface TrackHead {
  readonly trackId: number;
  readonly timescale: number;
  /** The sample entry box as it stands in `stsd`: `avc1`, `hvc1`, `mp4a` … with its decoder configuration. */
  readonly sampleEntry: Uint8Array;
  /** 0 for sound. */
  readonly width: number;
  readonly height: number;
}

export interface Sample {
  readonly bytes: number;
  /** In ticks; as written, before the next run's decode time is taken into account. */
  readonly duration: number;
  readonly ctsOffset: number;
  readonly key: boolean;
}

/** Samples of one track that lie one after the other in the file. */
export interface SampleRun {
  readonly track: 'video' | 'audio';
  /** Decode time of the first sample, in ticks of its track. */
  readonly decodeTime: number;
  /** Where the first sample lies in the file. */
  readonly from: number;
  readonly samples: readonly Sample[];
}

export interface SegmentIndex {
  /** `ftyp` and `moov` as they stand in the file. */
  readonly init: Uint8Array;
  readonly video: TrackHead;
  readonly audio?: TrackHead;
  /** In file order. */
  readonly runs: readonly SampleRun[];
  /** Up to the end of the last whole fragment (and of whole boxes that follow it): a file cut here is whole. */
  readonly wholeBytes: number;
  /** Something follows that is no whole fragment. */
  readonly torn: boolean;
  /** From the first picture to the end of the last. */
  readonly durationMs: number;
}

/** How much is read at once: a `moof` of one second is under 1 KiB, so that one read per fragment is enough. */
const PEEK_BYTES = 4096;
/** No head of a segment is larger; a size over this is damage. */
const MAX_HEAD_BYTES = 16 * 1024 * 1024;

/** Indexes one segment; undefined when it ends before a video track is described. Errors of `read` pass through. */
export async function indexSegment(source: ByteSource): Promise<SegmentIndex | undefined> {
  let heads: ReturnType<typeof readHeads>;
  let init: Uint8Array | undefined;
  const runs: SampleRun[] = [];
  let at = 0;
  let wholeBytes = 0;
  while (at + 8 <= source.bytes) {
    const peek = await source.read(at, Math.min(at + PEEK_BYTES, source.bytes));
    const header = readBoxHeader(peek, 0);
    if (!header || header.bytes === 0 || at + header.bytes > source.bytes || !/^[ -~]{4}$/.test(header.type)) break;
    const end = at + header.bytes;
    const isHead = header.type === 'moov' || header.type === 'moof';
    if (isHead && header.bytes > MAX_HEAD_BYTES) break;
    const whole = async () =>
      header.bytes <= peek.length ? peek.subarray(0, header.bytes) : await source.read(at, end);
    if (header.type === 'moov') {
      heads = readHeads(await whole());
      if (!heads) return undefined;
      init = (await source.read(0, end)).slice();
    } else if (header.type === 'moof') {
      if (!heads) return undefined;
      const fragment = readMoof(await whole(), at, heads);
      const media = header.bytes + 16 <= peek.length ? peek.subarray(header.bytes) : await peekAt(source, end);
      const mdat = readBoxHeader(media, 0);
      if (!fragment || mdat?.type !== 'mdat' || mdat.bytes === 0 || end + mdat.bytes > source.bytes) break;
      const mediaEnd = end + mdat.bytes;
      if (fragment.some((run) => run.from < end || endOf(run) > mediaEnd)) break;
      runs.push(...fragment);
      at = mediaEnd;
      wholeBytes = at;
      continue;
    }
    if (heads) wholeBytes = end;
    at = end;
  }
  if (!heads || !init) return undefined;
  const { video, audio } = heads;
  const torn = wholeBytes < source.bytes;
  const durationMs = (videoTicks(runs) / video.timescale) * 1000;
  return { init, video, ...(audio ? { audio } : {}), runs, wholeBytes, torn, durationMs };
}

const peekAt = (source: ByteSource, at: number) => source.read(at, Math.min(at + 16, source.bytes));
const endOf = (run: SampleRun) => run.samples.reduce((at, sample) => at + sample.bytes, run.from);

/** Ticks from the first picture to the end of the last. */
export function videoTicks(runs: readonly SampleRun[]): number {
  const video = runs.filter((r) => r.track === 'video');
  const [first, last] = [video[0], video.at(-1)];
  if (!first || !last) return 0;
  return last.samples.reduce((time, sample) => time + sample.duration, last.decodeTime) - first.decodeTime;
}

interface Defaults {
  readonly duration: number;
  readonly bytes: number;
  readonly flags: number;
}
interface Heads {
  readonly video: TrackHead;
  readonly audio?: TrackHead;
  readonly defaults: ReadonlyMap<number, Defaults>;
}

/** Track headers and `trex` defaults of a `moov` box; undefined without a video track. */
function readHeads(moov: Uint8Array): Heads | undefined {
  const view = viewOf(moov);
  let video: TrackHead | undefined;
  let audio: TrackHead | undefined;
  for (const trak of findBoxes(moov, ['moov', 'trak'])) {
    const tkhd = findBox(moov, ['tkhd'], trak);
    const mdhd = findBox(moov, ['mdia', 'mdhd'], trak);
    const hdlr = findBox(moov, ['mdia', 'hdlr'], trak);
    const stsd = findBox(moov, ['mdia', 'minf', 'stbl', 'stsd'], trak);
    if (!tkhd || !mdhd || !hdlr || !stsd) continue;
    const entry = [...boxesIn(moov, stsd.bodyFrom + 8, stsd.to)][0];
    if (!entry) continue;
    const kind = fourCC(moov, hdlr.bodyFrom + 8);
    const head: TrackHead = {
      trackId: view.getUint32(tkhd.bodyFrom + (moov[tkhd.bodyFrom] === 1 ? 20 : 12)),
      timescale: view.getUint32(mdhd.bodyFrom + (moov[mdhd.bodyFrom] === 1 ? 20 : 12)),
      sampleEntry: moov.slice(entry.from, entry.to),
      width: kind === 'vide' ? view.getUint16(entry.bodyFrom + 24) : 0,
      height: kind === 'vide' ? view.getUint16(entry.bodyFrom + 26) : 0,
    };
    if (head.timescale === 0) continue;
    if (kind === 'vide') video ??= head;
    if (kind === 'soun') audio ??= head;
  }
  if (!video) return undefined;
  const defaults = new Map<number, Defaults>();
  for (const trex of findBoxes(moov, ['moov', 'mvex', 'trex'])) {
    const [trackId, duration, bytes, flags] = [4, 12, 16, 20].map((o) => view.getUint32(trex.bodyFrom + o));
    defaults.set(trackId!, { duration: duration!, bytes: bytes!, flags: flags! });
  }
  return { video, ...(audio ? { audio } : {}), defaults };
}

/** The runs of one `moof` that begins at `at` in its file; undefined when it is damaged. */
function readMoof(moof: Uint8Array, at: number, heads: Heads): readonly SampleRun[] | undefined {
  const runs: SampleRun[] = [];
  try {
    for (const traf of findBoxes(moof, ['moof', 'traf'])) runs.push(...readTraf(moof, at, traf, heads));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return runs.sort((a, b) => a.from - b.from);
}

function readTraf(moof: Uint8Array, at: number, traf: Box, heads: Heads): readonly SampleRun[] {
  const view = viewOf(moof);
  const tfhd = findBox(moof, ['tfhd'], traf);
  const tfdt = findBox(moof, ['tfdt'], traf);
  if (!tfhd || !tfdt) throw new RangeError('a track fragment without tfhd or tfdt');
  const trackId = view.getUint32(tfhd.bodyFrom + 4);
  const track = trackId === heads.video.trackId ? 'video' : trackId === heads.audio?.trackId ? 'audio' : undefined;
  if (!track) return [];
  const flags = view.getUint32(tfhd.bodyFrom) & 0xff_ffff;
  let cursor = tfhd.bodyFrom + 8;
  const next = () => {
    cursor += 4;
    return view.getUint32(cursor - 4);
  };
  const base = flags & 0x1 ? next() * 2 ** 32 + next() : at;
  if (flags & 0x2) next();
  const trex = heads.defaults.get(trackId) ?? { duration: 0, bytes: 0, flags: 0 };
  const duration = flags & 0x8 ? next() : trex.duration;
  const bytes = flags & 0x10 ? next() : trex.bytes;
  const sampleFlags = flags & 0x20 ? next() : trex.flags;

  cursor = tfdt.bodyFrom + 4;
  let decodeTime = moof[tfdt.bodyFrom] === 1 ? next() * 2 ** 32 + next() : next();
  let from = base;
  const runs: SampleRun[] = [];
  for (const trun of findBoxes(moof, ['trun'], traf)) {
    const has = view.getUint32(trun.bodyFrom) & 0xff_ffff;
    const signed = moof[trun.bodyFrom] !== 0;
    cursor = trun.bodyFrom + 4;
    const count = next();
    if (has & 0x1) from = base + (next() | 0);
    const firstFlags = has & 0x4 ? next() : undefined;
    const perSample = [0x100, 0x200, 0x400, 0x800].filter((bit) => has & bit).length * 4;
    if (cursor + count * perSample > trun.to) throw new RangeError('a sample run that is longer than its box');
    const samples: Sample[] = [];
    const start = { from, decodeTime };
    for (let i = 0; i < count; i++) {
      const sample = {
        duration: has & 0x100 ? next() : duration,
        bytes: has & 0x200 ? next() : bytes,
        key: ((has & 0x400 ? next() : i === 0 && firstFlags !== undefined ? firstFlags : sampleFlags) & 0x1_0000) === 0,
        ctsOffset: has & 0x800 ? (signed ? next() | 0 : next()) : 0,
      };
      samples.push(sample);
      from += sample.bytes;
      decodeTime += sample.duration;
    }
    if (count > 0) runs.push({ track, ...start, samples });
  }
  return runs;
}
