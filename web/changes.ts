// The box's own news (server-sent events), so that no page polls. One connection per page; comes back by itself.

import type { Changes } from '../src/http/api.ts';
import { createStore } from './store.ts';

type Listener<K extends keyof Changes> = (data: Changes[K]) => void;
const listeners = new Map<keyof Changes, Set<(data: never) => void>>();
const names: readonly (keyof Changes)[] = ['cameras', 'recording', 'recording-removed', 'event', 'notice'];

/** Whether news arrive at the moment. */
export const connected = createStore(true);
let source: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let tries = 0;
let onReconnect: () => void = () => {};

/** Called when the connection is back after a gap: what was missed must be fetched. */
export function whenReconnected(listener: () => void): void {
  onReconnect = listener;
}

export function onChange<K extends keyof Changes>(name: K, listener: Listener<K>): () => void {
  const set = listeners.get(name) ?? new Set();
  listeners.set(name, set);
  set.add(listener as (data: never) => void);
  return () => set.delete(listener as (data: never) => void);
}

export function startChanges(): void {
  stopChanges();
  const opened = new EventSource('/api/v1/changes');
  source = opened;
  for (const name of names) {
    opened.addEventListener(name, (event) => {
      const data = JSON.parse((event as MessageEvent<string>).data) as never;
      for (const listener of [...(listeners.get(name) ?? [])]) listener(data);
    });
  }
  opened.onopen = () => {
    const missed = tries > 0 || !connected.get();
    tries = 0;
    connected.set(true);
    if (missed) onReconnect();
  };
  opened.onerror = () => {
    connected.set(false);
    tries += 1;
    // The browser retries by itself unless the answer was an error; then it gives up and we go on, more and more slowly.
    if (opened.readyState === EventSource.CLOSED) {
      clearTimeout(retry);
      retry = setTimeout(
        () => {
          if (source === opened) startChanges();
        },
        Math.min(30_000, 1000 * 2 ** Math.min(tries, 5)),
      );
    }
  };
}

export function stopChanges(): void {
  clearTimeout(retry);
  source?.close();
  source = undefined;
}
