// Fetches what a page shows, again when asked to, and drops answers that come too late.

import { useCallback, useEffect, useState } from 'preact/hooks';
import { api, describe } from '../api.ts';

export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: string | undefined;
  readonly loading: boolean;
  reload(): void;
  set(data: T): void;
}

/** `path` undefined: nothing to fetch yet. Old data stays while new data is fetched for the same page. */
export function useLoaded<T>(path: string | undefined): Loaded<T> {
  const [data, setData] = useState<T | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const [loading, setLoading] = useState(false);
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (path === undefined) return;
    const stop = new AbortController();
    setLoading(true);
    api
      .get<T>(path, stop.signal)
      .then((answer) => {
        setData(() => answer);
        setError(undefined);
      })
      .catch((failure: unknown) => {
        if (!stop.signal.aborted) setError(describe(failure));
      })
      .finally(() => {
        if (!stop.signal.aborted) setLoading(false);
      });
    return () => stop.abort();
  }, [path, round]);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  const set = useCallback((next: T) => setData(() => next), []);
  return { data, error, loading, reload, set };
}

/** Milliseconds since 1970, again every `everyMs` while `on`. */
export function useNow(everyMs: number, on = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!on) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, on]);
  return now;
}
