// Reading the `moov` and `moof` boxes of fragmented MP4 (ISO 14496-12, -14, -15): tracks with their codec strings, and
// the samples a fragment lists. Everything throws RangeError on a box that lies about its size.

import { type Box, viewOf, wholeBoxesIn } from './boxes.ts';
import type { AudioTrack, VideoTrack } from './types.ts';

function inside(bytes: Uint8Array, box: Box, ...path: readonly string[]): Box | undefined {
  let at: Box | undefined = box;
  for (const type of path) at = at && wholeBoxesIn(bytes, at.bodyFrom, at.to).find((b) => b.type === type);
  return at;
}

export interface Defaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

export interface Movie {
  readonly video?: VideoTrack;
  readonly audio?: AudioTrack;
  /** The decoder configuration of the video track: avcC or hvcC. */
  readonly configuration: Uint8Array;
  readonly defaults: ReadonlyMap<number, Defaults>;
}

/** Reads a whole `moov` (with its header). */
export function readMovie(bytes: Uint8Array): Movie {
  const v = viewOf(bytes);
  const moov = wholeBoxesIn(bytes)[0];
  if (moov?.type !== 'moov') throw new RangeError('no moov box');
  let video: VideoTrack | undefined;
  let audio: AudioTrack | undefined;
  let configuration = new Uint8Array(0);
  for (const trak of wholeBoxesIn(bytes, moov.bodyFrom, moov.to).filter((b) => b.type === 'trak')) {
    const tkhd = inside(bytes, trak, 'tkhd');
    const mdhd = inside(bytes, trak, 'mdia', 'mdhd');
    const stsd = inside(bytes, trak, 'mdia', 'minf', 'stbl', 'stsd');
    if (!tkhd || !mdhd || !stsd) throw new RangeError('a track lacks its headers');
    const trackId = v.getUint32(tkhd.bodyFrom + (bytes[tkhd.bodyFrom] === 1 ? 20 : 12));
    const timescale = v.getUint32(mdhd.bodyFrom + (bytes[mdhd.bodyFrom] === 1 ? 20 : 12));
    if (timescale === 0) throw new RangeError('a track has no timescale');
    const entry = wholeBoxesIn(bytes, stsd.bodyFrom + 8, stsd.to)[0];
    if (!entry) throw new RangeError('a track has no sample description');
    if (entry.type === 'avc1' || entry.type === 'hvc1' || entry.type === 'hev1') {
      // VisualSampleEntry: 78 bytes, then the configuration box.
      const codec = entry.type === 'avc1' ? 'h264' : 'h265';
      const box = wholeBoxesIn(bytes, entry.bodyFrom + 78, entry.to).find(
        (b) => b.type === (codec === 'h264' ? 'avcC' : 'hvcC'),
      );
      if (!box) throw new RangeError('the video track has no decoder configuration');
      configuration = bytes.slice(box.bodyFrom, box.to);
      video = {
        trackId,
        codec,
        codecString: codec === 'h264' ? avcCodecString(configuration) : hevcCodecString(configuration),
        width: v.getUint16(entry.bodyFrom + 24),
        height: v.getUint16(entry.bodyFrom + 26),
        timescale,
      };
    } else if (entry.type === 'mp4a') {
      const esds = wholeBoxesIn(bytes, entry.bodyFrom + 28, entry.to).find((b) => b.type === 'esds');
      audio = {
        trackId,
        codecString: aacCodecString(esds ? bytes.subarray(esds.bodyFrom, esds.to) : undefined),
        timescale,
      };
    }
  }
  const defaults = new Map<number, Defaults>();
  const mvex = inside(bytes, moov, 'mvex');
  for (const trex of mvex ? wholeBoxesIn(bytes, mvex.bodyFrom, mvex.to).filter((b) => b.type === 'trex') : []) {
    defaults.set(v.getUint32(trex.from + 4), {
      duration: v.getUint32(trex.from + 12),
      size: v.getUint32(trex.from + 16),
      flags: v.getUint32(trex.from + 20),
    });
  }
  return { ...(video ? { video } : {}), ...(audio ? { audio } : {}), configuration, defaults };
}

/** `avc1.PPCCLL`: profile, constraints and level, the bytes 1–3 of avcC (RFC 6381, 3.3). */
function avcCodecString(avcC: Uint8Array): string {
  if (avcC.length < 7) throw new RangeError('avcC is cut');
  return `avc1.${Array.from(avcC.subarray(1, 4), (b) => b.toString(16).padStart(2, '0')).join('')}`;
}

/** `hvc1.1.6.L93.B0` (ISO 14496-15, annex E.3). */
function hevcCodecString(hvcC: Uint8Array): string {
  if (hvcC.length < 23) throw new RangeError('hvcC is cut');
  const v = viewOf(hvcC);
  const space = ['', 'A', 'B', 'C'][hvcC[1]! >> 6]!;
  const tier = hvcC[1]! & 0x20 ? 'H' : 'L';
  let reversed = 0;
  const compatibility = v.getUint32(2);
  for (let i = 0; i < 32; i++) if ((compatibility >>> i) & 1) reversed |= 1 << (31 - i);
  const constraints = Array.from(hvcC.subarray(6, 12));
  while (constraints.length > 0 && constraints.at(-1) === 0) constraints.pop();
  const tail = constraints.map((b) => `.${b.toString(16).toUpperCase()}`).join('');
  return `hvc1.${space}${hvcC[1]! & 0x1f}.${(reversed >>> 0).toString(16).toUpperCase()}.${tier}${hvcC[12]}${tail}`;
}

/** `mp4a.40.N`: N is the audio object type, the first five bits of the AudioSpecificConfig (tag 5 in esds). */
function aacCodecString(esds: Uint8Array | undefined): string {
  if (!esds) return 'mp4a.40.2';
  for (let at = 4; at + 1 < esds.length; ) {
    const tag = esds[at++]!;
    let size = 0;
    for (let i = 0; i < 4; i++) {
      const byte = esds[at++] ?? 0;
      size = size * 128 + (byte & 0x7f);
      if (!(byte & 0x80)) break;
    }
    if (tag === 5) return `mp4a.40.${(esds[at] ?? 0x10) >> 3}`;
    at += tag === 3 ? 3 : tag === 4 ? 13 : size; // ES and decoder descriptors hold further descriptors
  }
  return 'mp4a.40.2';
}

export interface ListedSample {
  readonly trackId: number;
  readonly dts: number;
  readonly ctsOffset: number;
  readonly duration: number;
  readonly key: boolean;
  /** From the first byte of the `moof`. */
  readonly offset: number;
  readonly size: number;
}

/** Lists the samples of a whole `moof` (with its header). Offsets need default-base-is-moof. */
export function readFragment(bytes: Uint8Array, movie: Movie, maxSamples = 4096): ListedSample[] {
  const v = viewOf(bytes);
  const moof = wholeBoxesIn(bytes)[0];
  if (moof?.type !== 'moof') throw new RangeError('no moof box');
  const samples: ListedSample[] = [];
  for (const traf of wholeBoxesIn(bytes, moof.bodyFrom, moof.to).filter((b) => b.type === 'traf')) {
    const parts = wholeBoxesIn(bytes, traf.bodyFrom, traf.to);
    const tfhd = parts.find((b) => b.type === 'tfhd');
    const tfdt = parts.find((b) => b.type === 'tfdt');
    if (!tfhd || !tfdt) throw new RangeError('a fragment lacks its headers');
    const flags = v.getUint32(tfhd.bodyFrom) & 0xffffff;
    const trackId = v.getUint32(tfhd.bodyFrom + 4);
    let at = tfhd.bodyFrom + 8;
    const next = () => {
      at += 4;
      return v.getUint32(at - 4);
    };
    if (flags & 0x1) at += 8;
    if (flags & 0x2) at += 4;
    const trex = movie.defaults.get(trackId);
    const duration = flags & 0x8 ? next() : (trex?.duration ?? 0);
    const size = flags & 0x10 ? next() : (trex?.size ?? 0);
    const sampleFlags = flags & 0x20 ? next() : (trex?.flags ?? 0);
    let dts = bytes[tfdt.bodyFrom] === 1 ? Number(v.getBigUint64(tfdt.bodyFrom + 4)) : v.getUint32(tfdt.bodyFrom + 4);
    for (const trun of parts.filter((b) => b.type === 'trun')) {
      const trunFlags = v.getUint32(trun.bodyFrom) & 0xffffff;
      const signed = bytes[trun.bodyFrom] === 1;
      const count = v.getUint32(trun.bodyFrom + 4);
      if (samples.length + count > maxSamples) throw new RangeError(`a fragment lists ${count} samples`);
      at = trun.bodyFrom + 8;
      let offset = trunFlags & 0x1 ? next() | 0 : 0;
      const firstFlags = trunFlags & 0x4 ? next() : undefined;
      for (let i = 0; i < count; i++) {
        const own = {
          duration: trunFlags & 0x100 ? next() : duration,
          size: trunFlags & 0x200 ? next() : size,
          flags: trunFlags & 0x400 ? next() : i === 0 && firstFlags !== undefined ? firstFlags : sampleFlags,
          cts: trunFlags & 0x800 ? next() : 0,
        };
        samples.push({
          trackId,
          dts,
          ctsOffset: signed ? own.cts | 0 : own.cts,
          duration: own.duration,
          key: (own.flags & 0x10000) === 0,
          offset,
          size: own.size,
        });
        dts += own.duration;
        offset += own.size;
      }
    }
  }
  return samples;
}
