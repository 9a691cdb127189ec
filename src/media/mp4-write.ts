// Writes packets as one MP4 fragment (moof + mdat, ISO/IEC 14496-12 §8.8). Which packets go together, and what the times
// are counted from, is the caller's decision: the recorder and the live view share this.

import type { Packet, StreamInfo } from './types.ts';

/** `sample_flags` (§8.8.3.1): a key frame depends on nothing; any other frame depends on others and is no place to start. */
export const KEY_SAMPLE_FLAGS = 0x0200_0000;
export const DELTA_SAMPLE_FLAGS = 0x0101_0000;

export interface FragmentOptions {
  /** Counts fragments of one file or one viewer, from 1. */
  readonly sequence: number;
  /** What `Packet.dts` is counted from, in ticks of each track. Default 0. */
  readonly baseDts?: { readonly video: number; readonly audio: number };
}

interface Run {
  readonly trackId: number;
  readonly baseDts: number;
  readonly packets: readonly Packet[];
  readonly perSampleFlags: boolean;
  readonly perSampleOffsets: boolean;
}

/**
 * One fragment with a run of samples for each track that has packets, in the order they have within their track. A
 * sample lasts until the next one of its track begins, so that a gap stays a gap; the last lasts for its own `duration`.
 * Audio packets of a stream without an audio track are left out. Throws RangeError when a packet lies before `baseDts`.
 */
export function writeFragment(stream: StreamInfo, packets: readonly Packet[], options: FragmentOptions): Uint8Array {
  const runs: Run[] = [];
  const video = packets.filter((p) => p.track === 'video');
  const audio = stream.audio ? packets.filter((p) => p.track === 'audio') : [];
  const base = options.baseDts ?? { video: 0, audio: 0 };
  if (video.length > 0) runs.push(runOf(stream.video.trackId, base.video, video));
  if (audio.length > 0 && stream.audio) runs.push(runOf(stream.audio.trackId, base.audio, audio));

  const moofBytes = 8 + 16 + runs.reduce((sum, run) => sum + trafBytes(run), 0);
  const mediaBytes = runs.reduce((sum, run) => sum + run.packets.reduce((n, p) => n + p.data.length, 0), 0);
  const bytes = new Uint8Array(moofBytes + 8 + mediaBytes);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = (value: number) => {
    view.setUint32(at, value);
    at += 4;
  };

  put(moofBytes);
  put(MOOF);
  put(16);
  put(MFHD);
  put(0);
  put(options.sequence);
  let dataOffset = moofBytes + 8;
  for (const run of runs) {
    put(trafBytes(run));
    put(TRAF);
    // tfhd: default-base-is-moof and default-sample-flags.
    put(20);
    put(TFHD);
    put(0x02_0020);
    put(run.trackId);
    put(KEY_SAMPLE_FLAGS);
    // tfdt, version 1: 64-bit decode time.
    put(20);
    put(TFDT);
    put(0x0100_0000);
    const decodeTime = run.packets[0]!.dts - run.baseDts;
    if (decodeTime < 0) throw new RangeError(`packet at ${run.packets[0]!.dts} lies before the base ${run.baseDts}`);
    put(Math.floor(decodeTime / 2 ** 32));
    put(decodeTime % 2 ** 32);
    // trun, version 1: signed composition offsets.
    put(trunBytes(run));
    put(TRUN);
    put(0x0100_0301 | (run.perSampleFlags ? 0x400 : 0) | (run.perSampleOffsets ? 0x800 : 0));
    put(run.packets.length);
    put(dataOffset);
    for (let i = 0; i < run.packets.length; i++) {
      const packet = run.packets[i]!;
      const next = run.packets[i + 1];
      put(next ? Math.max(0, next.dts - packet.dts) : packet.duration);
      put(packet.data.length);
      if (run.perSampleFlags) put(packet.key ? KEY_SAMPLE_FLAGS : DELTA_SAMPLE_FLAGS);
      if (run.perSampleOffsets) {
        view.setInt32(at, packet.ctsOffset);
        at += 4;
      }
      dataOffset += packet.data.length;
    }
  }
  put(8 + mediaBytes);
  put(MDAT);
  for (const run of runs) {
    for (const packet of run.packets) {
      bytes.set(packet.data, at);
      at += packet.data.length;
    }
  }
  return bytes;
}

const [MOOF, MFHD, TRAF, TFHD] = [0x6d6f_6f66, 0x6d66_6864, 0x7472_6166, 0x7466_6864];
const [TFDT, TRUN, MDAT] = [0x7466_6474, 0x7472_756e, 0x6d64_6174];

const runOf = (trackId: number, baseDts: number, packets: readonly Packet[]): Run => ({
  trackId,
  baseDts,
  packets,
  perSampleFlags: packets.some((p) => !p.key),
  perSampleOffsets: packets.some((p) => p.ctsOffset !== 0),
});

const trunBytes = (run: Run): number =>
  20 + run.packets.length * (8 + (run.perSampleFlags ? 4 : 0) + (run.perSampleOffsets ? 4 : 0));
const trafBytes = (run: Run): number => 8 + 20 + 20 + trunBytes(run);
