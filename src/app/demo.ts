// The demo camera: a rendered yard that makes everything behind it real when there is no camera yet.

import type { SettingsStore } from '../config/store.ts';

export const demoCamera = { id: 'demo', name: 'Demo yard', source: { kind: 'demo' } } as const;

/** Adds it when the box has no camera. Whoever removed it and has another camera does not get it back. */
export function withDemoCamera(store: SettingsStore): void {
  if (store.current.cameras.length === 0) store.addCamera(demoCamera);
}
