// NAL units inside an MP4 sample: each is preceded by its length in 4 bytes, big endian.

/** The units of a sample, without copying. Stops at the first length that does not fit. */
export function* nalUnits(sample: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(sample.buffer, sample.byteOffset, sample.byteLength);
  for (let at = 0; at + 4 <= sample.length; ) {
    const size = view.getUint32(at);
    if (size === 0 || at + 4 + size > sample.length) return;
    yield sample.subarray(at + 4, at + 4 + size);
    at += 4 + size;
  }
}

/** Whether a sample is wholly made of NAL units: garbage is not. */
export function isWholeSample(sample: Uint8Array): boolean {
  let used = 0;
  for (const nal of nalUnits(sample)) used += 4 + nal.length;
  return used === sample.length && used > 0;
}

/** What a parameter set says about the pictures that follow it. */
export interface PictureShape {
  readonly profile: number;
  readonly width: number;
  readonly height: number;
}
