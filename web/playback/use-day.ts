// What there is to play of one camera and day, page by page, and what is added to it while it is looked at.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { EventView, TimelineSegment, TimelineView } from '../../src/http/api.ts';
import { api, describe, query } from '../api.ts';
import { onChange } from '../changes.ts';
import type { DayAxis } from './day-axis.ts';

const refreshMs = 5000;
const mostEvents = 1000;

export interface Day {
  /** Undefined until all of it is known. */
  readonly segments: readonly TimelineSegment[] | undefined;
  readonly events: readonly EventView[];
  readonly error: string | undefined;
}

export function useDay(cameraId: string, { fromMs, toMs }: DayAxis): Day {
  const [segments, setSegments] = useState<readonly TimelineSegment[]>();
  const [events, setEvents] = useState<readonly EventView[]>([]);
  const [error, setError] = useState<string>();
  const known = useRef<readonly TimelineSegment[] | undefined>(undefined);

  const load = useCallback(
    async (sinceMs: number, signal: AbortSignal) => {
      const found: TimelineSegment[] = [];
      let after: string | undefined;
      do {
        const page: TimelineView = await api.get(
          `/timeline${query({ camera: cameraId, from: sinceMs, to: toMs, after })}`,
          signal,
        );
        found.push(...page.segments);
        after = page.next;
      } while (after !== undefined);
      return found;
    },
    [cameraId, toMs],
  );

  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    known.current = undefined;
    setSegments(undefined);
    setEvents([]);
    setError(undefined);
    const take = (next: readonly TimelineSegment[]) => {
      known.current = next;
      setSegments(next);
    };
    const fail = (failure: unknown) => {
      if (!signal.aborted) setError(describe(failure));
    };
    const loadEvents = () => {
      const path = `/events${query({ camera: cameraId, from: fromMs, to: toMs, limit: mostEvents })}`;
      void api.get<readonly EventView[]>(path, signal).then(setEvents, fail);
    };
    load(fromMs, signal).then(take, fail);
    loadEvents();
    // From the last one on, which may have been growing.
    let busy = false;
    const more = async () => {
      const old = known.current;
      if (busy || !old || Date.now() > toMs + 120_000) return;
      busy = true;
      try {
        const last = old.at(-1);
        const added = await load(last?.startMs ?? fromMs, signal);
        const next = withAdded(old, added);
        if (next !== old) {
          take(next);
          loadEvents();
        }
        setError(undefined);
      } catch (failure) {
        fail(failure);
      }
      busy = false;
    };
    const stopChange = onChange('recording', (changed) => {
      if (changed.cameraId === cameraId) void more();
    });
    const stopRemoved = onChange('recording-removed', ({ id }) => {
      const left = known.current?.filter((segment) => segment.recordingId !== id);
      if (left && left.length !== known.current?.length) take(left);
    });
    const timer = setInterval(() => void more(), refreshMs);
    return () => {
      stop.abort();
      stopChange();
      stopRemoved();
      clearInterval(timer);
    };
  }, [cameraId, fromMs, toMs, load]);
  return { segments, events, error };
}

/** The same list where nothing is new. */
export function withAdded(
  old: readonly TimelineSegment[],
  added: readonly TimelineSegment[],
): readonly TimelineSegment[] {
  const byId = new Map(added.map((segment) => [segment.id, segment]));
  const isNew = (segment: TimelineSegment) => {
    const before = old.findLast((one) => one.id === segment.id);
    return before?.durationMs !== segment.durationMs || before.bytes !== segment.bytes;
  };
  if (!added.some(isNew)) return old;
  return [...old.filter((segment) => !byId.has(segment.id)), ...added];
}
