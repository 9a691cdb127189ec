// How pictures and what was seen in them travel to the tuning page (TuningStep, TuningFrame and the raw pictures of
// http/api.ts). Pure.

import type { TuningFrame, TuningStep } from '../http/api.ts';
import type { LumaFrame } from '../media/types.ts';
import type { DetectorView } from '../motion/detector.ts';
import type { ReplayStep } from '../motion/replay.ts';
import type { SeenFrame } from './unit-parts.ts';

/** Pictures in one answer: five seconds, 1.4 MB. */
export const MOST_FRAMES = 25;
export const FRAME_HEAD_BYTES = 12;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** `offsetMs`: wall minus monotonic. */
export const stepOnTheWire = ({ atMs, signal }: ReplayStep, offsetMs: number): TuningStep => ({
  atMs: Math.round(atMs + offsetMs),
  moving: signal.moving,
  level: Math.round(signal.level),
  global: signal.global,
  blobs: signal.blobs.map(({ x, y, width, height }) => [x, y, width, height] as const),
});

export function tuningFrame(
  { frame, signal, view }: SeenFrame,
  offsetMs: number,
  sinceMs: number | undefined,
): TuningFrame {
  return {
    ...stepOnTheWire({ atMs: frame.atMs, signal }, offsetMs),
    width: frame.width,
    height: frame.height,
    ...(sinceMs === undefined ? {} : { sinceMs: Math.round(sinceMs + offsetMs) }),
    ...(view ? { cells: cellsOnTheWire(view) } : {}),
  };
}

function cellsOnTheWire({ columns, rows, cell, differing, moving, restless }: DetectorView) {
  let marks = '';
  let usual = '';
  for (let i = 0; i < columns * rows; i++) {
    marks += ALPHABET[eighths(differing[i]!) * 8 + eighths(moving[i]!)];
    usual += eighths(restless[i]!);
  }
  return { columns, rows, side: cell, marks, restless: usual };
}

/** 0 only for none at all. */
const eighths = (share: number) => Math.ceil((share * 7) / 255);

/** The pictures from `fromMs` on and before `toMs` (wall time), as far as one answer goes. */
export function framesOnTheWire(
  frames: readonly LumaFrame[],
  offsetMs: number,
  fromMs: number,
  toMs: number,
): { readonly bytes: Uint8Array; readonly untilMs: number } {
  const wall = (frame: LumaFrame) => Math.round(frame.atMs + offsetMs);
  const asked = frames.filter((f) => wall(f) >= fromMs && wall(f) < toMs);
  const given = asked.slice(0, MOST_FRAMES);
  const next = asked[MOST_FRAMES];
  const bytes = new Uint8Array(given.reduce((sum, f) => sum + FRAME_HEAD_BYTES + f.width * f.height, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const frame of given) {
    view.setFloat64(at, wall(frame), true);
    view.setUint16(at + 8, frame.width, true);
    view.setUint16(at + 10, frame.height, true);
    bytes.set(frame.data.subarray(0, frame.width * frame.height), at + FRAME_HEAD_BYTES);
    at += FRAME_HEAD_BYTES + frame.width * frame.height;
  }
  return { bytes, untilMs: next ? wall(next) : toMs };
}
