// Which of the packets in memory shows what a camera saw before something came: a key frame, as that can be decoded alone.

import type { Packet } from '../media/types.ts';

/** Something is seen some time after it came: this much earlier it was most likely not there. */
const EARLIER_MS = 1000;

/**
 * The newest key frame a second before `firstSeenMs`, if there is one after the whole picture last changed (`settledMs`; a lamp
 * that went on would else differ everywhere), or at all; else the oldest before `firstSeenMs`. Times are monotonic.
 */
export function keyFrameBefore(packets: readonly Packet[], firstSeenMs: number, settledMs: number): Packet | undefined {
  const keys = packets.filter((p) => p.track === 'video' && p.key && p.atMs < firstSeenMs);
  const settled = keys.filter((p) => p.atMs > settledMs);
  return (
    settled.findLast((p) => p.atMs <= firstSeenMs - EARLIER_MS) ??
    settled[0] ??
    keys.findLast((p) => p.atMs <= firstSeenMs - EARLIER_MS) ??
    keys[0]
  );
}
