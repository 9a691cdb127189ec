// What has to go, and why, as a pure decision. In this order: what is too old, continuous footage that only shows stillness
// and has had its time, what is over its camera's quota, and last what stands in the way of the floor of free space. Starred
// segments and those being written never go. For space at most `removableBytes` go: on a disk that something else fills, the
// last recordings would go in vain. A quota waits for thinning, or it would take what moved while stillness further on stays;
// the floor waits for nobody.

/** As in removal notes: going over a quota is for room, too. */
export type Why = 'age' | 'space' | 'thinned';

export interface KeptSegment {
  readonly id: string;
  readonly cameraId: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly starred: boolean;
  readonly isOpen: boolean;
  /** False: the clock was not right when it was recorded. Then it never goes for its age. */
  readonly ageIsKnown: boolean;
}

export interface Span {
  readonly startMs: number;
  /** null: it goes on. */
  readonly endMs: number | null;
}

/** Segments of recordings that were made all the time (and not by hand), and what moved around them. */
export interface Thinning {
  readonly segments: readonly KeptSegment[];
  readonly events: readonly Span[];
}

export interface CameraState {
  readonly cameraId: string;
  /** All that is kept of it and not starred: starred recordings come on top of a quota. */
  readonly keptBytes: number;
  /** 0: no quota. */
  readonly quotaBytes: number;
  /** Older segments go. 0: age does not matter. */
  readonly maxAgeMs: number;
  /** Continuous footage older than this is thinned to events. 0: never. */
  readonly thinAfterMs: number;
  /** Its oldest, in any order: `maxSegments` of those that may go, or all. */
  readonly oldest: readonly KeptSegment[];
  readonly thinning?: Thinning;
  /** Thinning has not gone through all that had its time: the quota waits for it. */
  readonly isThinning?: boolean;
}

export interface RetentionState {
  /** Undefined while the wall clock may be wrong: then nothing goes for its age. */
  readonly nowMs: number | undefined;
  readonly freeBytes: number;
  /** So much is to be free afterwards. */
  readonly wantFreeBytes: number;
  /** How much of what is kept may go to make room. */
  readonly removableBytes: number;
  readonly starredBytes: number;
  readonly cameras: readonly CameraState[];
  /** At most so many go in one step. */
  readonly maxSegments: number;
}

export interface Going {
  readonly id: string;
  readonly cameraId: string;
  readonly bytes: number;
  readonly why: Why;
}

export interface Plan {
  /** In the order in which they are to go. */
  readonly going: readonly Going[];
  /** So much is still missing to the floor and nothing is left that may go; because of starred recordings, or of other files. */
  readonly short?: { readonly bytes: number; readonly because: 'starred' | 'others' };
}

/** Before and after an event this much stays, so that it is seen how it began and ended. */
export const THINNING_MARGIN_MS = 30_000;

export function planRemoval(state: RetentionState): Plan {
  const { nowMs, maxSegments, wantFreeBytes } = state;
  const going = new Map<string, Going>();
  const keptBytes = new Map(state.cameras.map((camera) => [camera.cameraId, camera.keptBytes]));
  let { freeBytes, removableBytes } = state;
  const isRoomInStep = () => going.size < maxSegments;
  const mayGo = (s: KeptSegment) => !s.starred && !s.isOpen && !going.has(s.id);
  const take = ({ id, cameraId, bytes }: KeptSegment, why: Why) => {
    going.set(id, { id, cameraId, bytes, why });
    keptBytes.set(cameraId, (keptBytes.get(cameraId) ?? 0) - bytes);
    freeBytes += bytes;
    removableBytes -= bytes;
  };

  if (nowMs !== undefined) {
    for (const { maxAgeMs, oldest } of state.cameras) {
      if (maxAgeMs <= 0) continue;
      for (const segment of byAge(oldest)) {
        if (!isRoomInStep() || segment.startMs >= nowMs - maxAgeMs) break;
        if (mayGo(segment) && segment.ageIsKnown) take(segment, 'age');
      }
    }
    for (const { thinAfterMs, thinning } of state.cameras) {
      if (thinAfterMs <= 0 || !thinning) continue;
      for (const segment of byAge(thinning.segments)) {
        if (!isRoomInStep() || endOf(segment) >= nowMs - thinAfterMs) break;
        if (mayGo(segment) && segment.ageIsKnown && !touches(segment, thinning.events)) take(segment, 'thinned');
      }
    }
  }
  for (const { cameraId, quotaBytes, oldest, isThinning } of state.cameras) {
    if (quotaBytes <= 0 || isThinning) continue;
    for (const segment of byAge(oldest)) {
      if (!isRoomInStep() || keptBytes.get(cameraId)! <= quotaBytes) break;
      if (mayGo(segment)) take(segment, 'space');
    }
  }
  // The oldest of all cameras, so that all reach back equally far; of equally old ones that of whoever holds most.
  const queues = state.cameras.map(({ oldest }) => byAge(oldest).filter(mayGo));
  while (freeBytes < wantFreeBytes && removableBytes > 0 && isRoomInStep()) {
    const next = queues
      .filter((queue) => queue.length > 0)
      .sort(([a], [b]) => a!.startMs - b!.startMs || held(keptBytes, b!) - held(keptBytes, a!) || byId(a!, b!))[0];
    if (!next) break;
    take(next.shift()!, 'space');
  }
  const missing = wantFreeBytes - freeBytes;
  if (missing <= 0 || !isRoomInStep()) return { going: [...going.values()] };
  const because = state.starredBytes >= missing ? 'starred' : 'others';
  return { going: [...going.values()], short: { bytes: missing, because } };
}

const endOf = ({ startMs, durationMs }: KeptSegment) => startMs + durationMs;
const byId = (a: KeptSegment, b: KeptSegment) => (a.id < b.id ? -1 : 1);
const byAge = (segments: readonly KeptSegment[]) => [...segments].sort((a, b) => a.startMs - b.startMs || byId(a, b));
const held = (keptBytes: ReadonlyMap<string, number>, { cameraId }: KeptSegment) => keptBytes.get(cameraId) ?? 0;

const touches = (segment: KeptSegment, events: readonly Span[]): boolean =>
  events.some(
    ({ startMs, endMs }) =>
      startMs - THINNING_MARGIN_MS <= endOf(segment) &&
      (endMs ?? Number.POSITIVE_INFINITY) + THINNING_MARGIN_MS >= segment.startMs,
  );
