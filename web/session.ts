// Who is signed in, and the cameras and news of the box while somebody is.

import type { CameraView, SessionView } from '../src/http/api.ts';
import { api, describe, whenSignedOut } from './api.ts';
import { startChanges, stopChanges } from './changes.ts';
import { createStore } from './store.ts';

export type SessionState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'unreachable'; readonly message: string }
  | { readonly kind: 'known'; readonly view: SessionView };

export const session = createStore<SessionState>({ kind: 'loading' });
/** undefined until they are known. */
export const cameras = createStore<readonly CameraView[] | undefined>(undefined);

whenSignedOut(() => {
  session.update((old) => (old.kind === 'known' ? { kind: 'known', view: signedOut(old.view) } : old));
  stopChanges();
});

const signedOut = (view: SessionView): SessionView => ({
  state: view.state === 'unclaimed' ? 'unclaimed' : 'signed-out',
  boxName: view.boxName,
  version: view.version,
});

export async function loadSession(): Promise<void> {
  try {
    const view = await api.get<SessionView>('/session');
    session.set({ kind: 'known', view });
    document.title = view.boxName;
    if (view.state === 'signed-in') {
      startChanges();
      await loadCameras();
    }
  } catch (error) {
    session.set({ kind: 'unreachable', message: describe(error) });
  }
}

export async function loadCameras(): Promise<void> {
  cameras.set(await api.get<readonly CameraView[]>('/cameras'));
}

export function replaceCamera(view: CameraView): void {
  cameras.update((all) => {
    const known = all ?? [];
    return known.some((c) => c.id === view.id) ? known.map((c) => (c.id === view.id ? view : c)) : [...known, view];
  });
}

export async function signOut(): Promise<void> {
  await api.post('/logout');
  stopChanges();
  cameras.set(undefined);
  await loadSession();
}
