// What Nightjar needs to know of H.264: the picture's shape in a sequence parameter set (ITU-T H.264, 7.3.2.1.1).

import { BitReader, unescapeNal } from './bits.ts';
import type { PictureShape } from './nal.ts';

export const isH264Sps = (nal: Uint8Array): boolean => (nal[0]! & 0x1f) === 7;

const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** Profile and visible size; undefined when the unit is unreadable. */
export function h264Shape(sps: Uint8Array): PictureShape | undefined {
  try {
    const r = new BitReader(unescapeNal(sps.subarray(1)));
    const profile = r.bits(8);
    r.skip(16); // constraint flags, level
    r.unsigned(); // seq_parameter_set_id
    let chroma = 1;
    if (highProfiles.has(profile)) {
      chroma = r.unsigned();
      if (chroma === 3) r.skip(1);
      r.unsigned(); // bit_depth_luma_minus8
      r.unsigned(); // bit_depth_chroma_minus8
      r.skip(1);
      const scalingLists = r.flag() ? (chroma === 3 ? 12 : 8) : 0;
      for (let i = 0; i < scalingLists; i++) if (r.flag()) skipScalingList(r, i < 6 ? 16 : 64);
    }
    r.unsigned(); // log2_max_frame_num_minus4
    const orderType = r.unsigned();
    if (orderType === 0) r.unsigned();
    else if (orderType === 1) {
      r.skip(1);
      r.signed();
      r.signed();
      const cycle = r.unsigned();
      if (cycle > 255) return undefined;
      for (let i = 0; i < cycle; i++) r.signed();
    }
    r.unsigned(); // max_num_ref_frames
    r.skip(1);
    const widthInMacroblocks = r.unsigned() + 1;
    const heightInUnits = r.unsigned() + 1;
    const framesOnly = r.flag();
    if (!framesOnly) r.skip(1);
    r.skip(1);
    const crop = r.flag() ? [r.unsigned(), r.unsigned(), r.unsigned(), r.unsigned()] : [0, 0, 0, 0];
    const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
    const cropY = (chroma === 1 ? 2 : 1) * (framesOnly ? 1 : 2);
    return {
      profile,
      width: widthInMacroblocks * 16 - cropX * (crop[0]! + crop[1]!),
      height: heightInUnits * 16 * (framesOnly ? 1 : 2) - cropY * (crop[2]! + crop[3]!),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function skipScalingList(r: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + r.signed() + 256) % 256;
    last = next === 0 ? last : next;
  }
}
