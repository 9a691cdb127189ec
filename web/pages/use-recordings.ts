// The recordings of one day, page by page, kept fresh by the box's news.

import { useCallback, useEffect, useState } from 'preact/hooks';
import type { RecordingPage, RecordingView } from '../../src/http/api.ts';
import { api, describe, query } from '../api.ts';
import { onChange } from '../changes.ts';
import type { DayAxis } from '../playback/day-axis.ts';

const pageSize = 60;

export function useRecordings(axis: DayAxis | undefined, camera: string, reason: string) {
  const [recordings, setRecordings] = useState<readonly RecordingView[]>([]);
  const [before, setBefore] = useState<string>();
  const [loading, setLoading] = useState(false);
  const [error, setError] = useState<string>();
  const { fromMs, toMs } = axis ?? {};

  const fetchPage = useCallback(
    (cursor: string | undefined, signal?: AbortSignal) =>
      api.get<RecordingPage>(
        `/recordings${query({ camera, reason, from: fromMs, to: toMs, limit: pageSize, before: cursor })}`,
        signal,
      ),
    [camera, reason, fromMs, toMs],
  );
  useEffect(() => {
    if (fromMs === undefined) return;
    const stop = new AbortController();
    setRecordings([]);
    setLoading(true);
    fetchPage(undefined, stop.signal)
      .then((page) => {
        setRecordings(page.recordings);
        setBefore(page.nextBefore);
        setError(undefined);
      })
      .catch((failure: unknown) => {
        if (!stop.signal.aborted) setError(describe(failure));
      })
      .finally(() => {
        if (!stop.signal.aborted) setLoading(false);
      });
    return () => stop.abort();
  }, [fetchPage, fromMs]);

  useEffect(() => {
    const fits = (r: RecordingView) =>
      (camera === '' || r.cameraId === camera) &&
      (reason === '' || r.reasons.some((own) => own === reason)) &&
      fromMs !== undefined &&
      toMs !== undefined &&
      r.startMs >= fromMs &&
      r.startMs < toMs;
    const stopAdding = onChange('recording', (changed) =>
      setRecordings((old) => {
        const others = old.filter((r) => r.id !== changed.id);
        return fits(changed) ? [...others, changed].sort((a, b) => b.startMs - a.startMs) : others;
      }),
    );
    const stopRemoving = onChange('recording-removed', ({ id }) =>
      setRecordings((old) => old.filter((r) => r.id !== id)),
    );
    return () => {
      stopAdding();
      stopRemoving();
    };
  }, [camera, reason, fromMs, toMs]);

  const loadMore = async () => {
    setLoading(true);
    try {
      const page = await fetchPage(before);
      setRecordings((old) => [...old, ...page.recordings.filter((r) => !old.some((o) => o.id === r.id))]);
      setBefore(page.nextBefore);
    } catch (failure) {
      setError(describe(failure));
    }
    setLoading(false);
  };
  const forget = (ids: ReadonlySet<string>) => setRecordings((old) => old.filter((r) => !ids.has(r.id)));
  return { recordings, more: before !== undefined, loading, error, loadMore, forget };
}
