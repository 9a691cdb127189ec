// How the light of the whole picture changed: one gain and one offset between two pictures, found from the means of their
// cells and blind to the few cells in which something moved. Auto-exposure, lamps and thin clouds are mostly this.

export interface Light {
  readonly gain: number;
  readonly offset: number;
}

export const sameLight: Light = { gain: 1, offset: 0 };

/** A cell whose mean moved by less than this many grey levels is as it was. */
const SAME_LEVELS = 1;

/**
 * Finds `to ≈ gain · from + offset` over cell means (0–255). Iteratively reweighted least squares: a cell far off the line
 * (a person, a car) loses its weight. Starts from the median difference, so that up to half of the cells may be wrong.
 */
export function fitLight(from: Float32Array, to: Float32Array, scratch: Float32Array): Light {
  const n = from.length;
  if (n < 16) return sameLight;
  let off = 0;
  for (let i = 0; i < n; i++) {
    const difference = to[i]! - from[i]!;
    scratch[i] = difference;
    off += Math.abs(difference) > SAME_LEVELS ? 1 : 0;
  }
  // Three quarters of the cells are as they were: the ordinary case, and most of the cost is saved.
  if (off * 4 < n) return sameLight;
  scratch.sort();
  let gain = 1;
  let offset = scratch[n >> 1]!;
  // Spread of the middle half: how well an offset alone explains the picture.
  let scale = Math.max(1.5, 1.5 * (scratch[(n * 3) >> 2]! - scratch[n >> 2]!));
  for (let round = 0; round < 4; round++) {
    let [sw, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
    const inverse = 1 / (scale * scale);
    for (let i = 0; i < n; i++) {
      const x = from[i]!;
      const y = to[i]!;
      const r = y - gain * x - offset;
      // Clipped cells say nothing about the gain.
      const w = (x > 4 && y > 4 && x < 251 && y < 251 ? 1 : 0) / (1 + r * r * inverse) ** 2;
      sw += w;
      sx += w * x;
      sy += w * y;
      sxx += w * x * x;
      sxy += w * x * y;
    }
    if (sw < 8) return sameLight;
    const variance = sxx - (sx * sx) / sw;
    // A picture without contrast cannot tell gain from offset.
    gain = variance < sw * 25 ? 1 : Math.min(4, Math.max(0.25, (sxy - (sx * sy) / sw) / variance));
    offset = (sy - gain * sx) / sw;
    scale = Math.max(1, scale * 0.6);
  }
  return { gain, offset };
}
