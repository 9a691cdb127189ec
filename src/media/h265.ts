// What Nightjar needs to know of H.265: the picture's shape in a sequence parameter set (ITU-T H.265, 7.3.2.2).

import { BitReader, unescapeNal } from './bits.ts';
import type { PictureShape } from './nal.ts';

export const isH265Sps = (nal: Uint8Array): boolean => ((nal[0]! >> 1) & 0x3f) === 33;

/** Profile and visible size; undefined when the unit is unreadable. */
export function h265Shape(sps: Uint8Array): PictureShape | undefined {
  try {
    const r = new BitReader(unescapeNal(sps.subarray(2)));
    r.skip(4); // sps_video_parameter_set_id
    const subLayers = r.bits(3); // sps_max_sub_layers_minus1
    r.skip(1);
    r.skip(3); // profile_space, tier
    const profile = r.bits(5);
    r.skip(32 + 48 + 8); // compatibility, constraints, level
    const present = Array.from({ length: subLayers }, () => [r.flag(), r.flag()] as const);
    if (subLayers > 0) r.skip(2 * (8 - subLayers));
    for (const [profilePresent, levelPresent] of present) r.skip((profilePresent ? 88 : 0) + (levelPresent ? 8 : 0));
    r.unsigned(); // sps_seq_parameter_set_id
    const chroma = r.unsigned();
    if (chroma === 3) r.skip(1);
    const width = r.unsigned();
    const height = r.unsigned();
    const crop = r.flag() ? [r.unsigned(), r.unsigned(), r.unsigned(), r.unsigned()] : [0, 0, 0, 0];
    const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
    const cropY = chroma === 1 ? 2 : 1;
    return {
      profile,
      width: width - cropX * (crop[0]! + crop[1]!),
      height: height - cropY * (crop[2]! + crop[3]!),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
