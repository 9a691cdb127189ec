// Notices that a running stream has become another one: a parameter set inside the packets whose profile or size differs
// from what the stream's description said, or one of another codec. Byte comparison would not do: many cameras announce one set and send another that
// differs only in its timing hints.

import { h264Shape, isH264Sps } from '../media/h264.ts';
import { h265Shape, isH265Sps } from '../media/h265.ts';
import { isWholeSample, nalUnits, type PictureShape } from '../media/nal.ts';
import type { VideoCodec } from '../media/types.ts';

export type SampleVerdict = 'ok' | 'damaged' | { readonly kind: 'stream-changed'; readonly to: PictureShape };

export class ShapeWatch {
  readonly #codec: VideoCodec;
  readonly #announced: PictureShape | undefined;

  /** `configuration`: avcC or hvcC. */
  constructor(codec: VideoCodec, configuration: Uint8Array) {
    this.#codec = codec;
    this.#announced = announcedShape(codec, configuration);
  }

  get announced(): PictureShape | undefined {
    return this.#announced;
  }

  /** Looks at one sample. A whole look is worth its time at key samples only; another codec's have no key. */
  look(sample: Uint8Array, key: boolean): SampleVerdict {
    if (key && !isWholeSample(sample)) return 'damaged';
    for (const nal of nalUnits(sample)) {
      const foreign = this.#codec === 'h264' ? h265InH264(nal) : undefined;
      if (foreign) return { kind: 'stream-changed', to: foreign };
      if (!key) continue;
      const isSps = this.#codec === 'h264' ? isH264Sps(nal) : isH265Sps(nal);
      if (!isSps) continue;
      const shape = this.#codec === 'h264' ? h264Shape(nal) : h265Shape(nal);
      if (shape && this.#announced && !sameShape(shape, this.#announced)) return { kind: 'stream-changed', to: shape };
    }
    return 'ok';
  }
}

/**
 * A camera that is switched to H.265 goes on in the same connection, and ffmpeg lets that pass as H.264. An H.265 parameter set
 * (42 01) would there be a data partition, which no camera sends and no decoder reads. The other way round ffmpeg
 * refuses the packets and says so: see trouble-watch.
 */
const h265InH264 = (nal: Uint8Array): PictureShape | undefined =>
  nal[0] === 0x42 && nal[1] === 0x01 ? h265Shape(nal) : undefined;

const sameShape = (a: PictureShape, b: PictureShape): boolean =>
  a.profile === b.profile && a.width === b.width && a.height === b.height;

/** The shape that avcC (ISO 14496-15, 5.3.3.1) or hvcC (8.3.3.1) announces. */
function announcedShape(codec: VideoCodec, configuration: Uint8Array): PictureShape | undefined {
  const c = configuration;
  if (codec === 'h264') {
    const size = ((c[6] ?? 0) << 8) | (c[7] ?? 0);
    return size > 0 ? h264Shape(c.subarray(8, 8 + size)) : undefined;
  }
  let at = 23;
  for (let arrays = c[22] ?? 0; arrays > 0; arrays--) {
    const type = (c[at] ?? 0) & 0x3f;
    const count = ((c[at + 1] ?? 0) << 8) | (c[at + 2] ?? 0);
    at += 3;
    for (let i = 0; i < count; i++) {
      const size = ((c[at] ?? 0) << 8) | (c[at + 1] ?? 0);
      if (type === 33) return h265Shape(c.subarray(at + 2, at + 2 + size));
      at += 2 + size;
    }
  }
  return undefined;
}
