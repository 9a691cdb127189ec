// What can be known of a compressed picture without decoding it: how many bytes really describe it, and whether others are
// built on it. Pure; what sizes mean is the business of motion/packet-sizes.ts.

import { nalUnits } from './nal.ts';
import type { Packet, VideoCodec, VideoTrack } from './types.ts';

export interface PictureRole {
  /** Bytes of the slices. Filler that keeps a bit rate constant, parameter sets and messages are not counted. */
  readonly bytes: number;
  /** Other pictures are predicted from this one. */
  readonly reference: boolean;
  /** Temporal layer: 0 is needed by all, higher ones may be left out. Always 0 in H.264, whose layers are told by `reference`. */
  readonly layer: number;
}

/** A compressed picture as its stream tells of it, in decode order. Times on any clock that goes forward, in ms. */
export interface CompressedPicture extends PictureRole {
  readonly decodeMs: number;
  readonly showMs: number;
  readonly key: boolean;
}

/** Looks at one MP4 sample. Never throws: a sample without slices has 0 bytes. */
export function roleOf(codec: VideoCodec, sample: Uint8Array): PictureRole {
  let bytes = 0;
  let reference = true;
  let layer = 0;
  for (const nal of nalUnits(sample)) {
    const head = nal[0]!;
    if (codec === 'h264') {
      // ITU-T H.264, table 7-1: 1 to 5 are slices; nal_ref_idc 0 means that nothing refers to it.
      const type = head & 0x1f;
      if (type < 1 || type > 5) continue;
      if (bytes === 0) reference = (head & 0x60) !== 0;
    } else {
      // ITU-T H.265, table 7-1: 0 to 31 are slices; even numbers below 16 are not referred to within their layer.
      const type = (head >> 1) & 0x3f;
      if (type > 31) continue;
      if (bytes === 0) {
        reference = type >= 16 || type % 2 === 1;
        layer = Math.max(0, ((nal[1] ?? 1) & 7) - 1);
      }
    }
    bytes += nal.length;
  }
  return { bytes, reference, layer };
}

/** All that a packet says of its picture. */
export function compressedPicture({ codec, timescale }: VideoTrack, packet: Packet): CompressedPicture {
  const showMs = packet.atMs + (packet.ctsOffset * 1000) / timescale;
  return { decodeMs: packet.atMs, showMs, key: packet.key, ...roleOf(codec, packet.data) };
}
