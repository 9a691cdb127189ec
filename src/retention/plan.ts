// What has to go, as a pure decision: the oldest segments, as many as free the wanted space, and all that are too old. For
// space at most `removableBytes` go: on a disk that something else fills, the last recordings would go in vain.

export interface AgedSegment {
  readonly id: string;
  readonly startMs: number;
  readonly bytes: number;
}

export interface RetentionState {
  readonly freeBytes: number;
  readonly keepFreeBytes: number;
  /** How much of what is kept may go to make room. */
  readonly removableBytes: number;
  /** Older segments go. 0: age does not matter. */
  readonly maxAgeMs: number;
  readonly nowMs: number;
  /** Only those that may go: nothing that is being written. */
  readonly segmentsOldestFirst: readonly AgedSegment[];
}

/** Ids of what has to go, oldest first. */
export function planRemoval(state: RetentionState): readonly string[] {
  const { keepFreeBytes, maxAgeMs, nowMs } = state;
  const going: string[] = [];
  let { freeBytes, removableBytes } = state;
  for (const { id, startMs, bytes } of state.segmentsOldestFirst) {
    const tooOld = maxAgeMs > 0 && startMs < nowMs - maxAgeMs;
    if (!tooOld && (freeBytes >= keepFreeBytes || removableBytes <= 0)) break;
    going.push(id);
    freeBytes += bytes;
    removableBytes -= bytes;
  }
  return going;
}
