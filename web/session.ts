// Who is signed in, and the cameras and news of the box while somebody is.

import type { CameraView, SessionView, SignedInPerson } from '../src/http/api.ts';
import { api, describe, whenSignedOut } from './api.ts';
import { startChanges, stopChanges } from './changes.ts';
import { createStore, useStore } from './store.ts';
import { vault } from './vault/client.ts';

export type SessionState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'unreachable'; readonly message: string }
  | { readonly kind: 'known'; readonly view: SessionView };

export const session = createStore<SessionState>({ kind: 'loading' });
/** undefined until they are known. */
export const cameras = createStore<readonly CameraView[] | undefined>(undefined);

/** Who is signed in; undefined when nobody is. What they may do is for the box to judge: pages only leave out what it would refuse. */
export const usePerson = (): SignedInPerson | undefined => {
  const state = useStore(session);
  return state.kind === 'known' ? state.view.person : undefined;
};
export const useIsOwner = (): boolean => usePerson()?.role === 'owner';

const seenKey = 'nightjar.cameras';

/** The cameras that this browser showed last, while it was signed in; empty when it was not. */
export function lastSeenCameras(): readonly string[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(seenKey) ?? '[]');
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
function rememberSeen(ids: readonly string[]): void {
  try {
    if (ids.length > 0) localStorage.setItem(seenKey, JSON.stringify(ids));
    else localStorage.removeItem(seenKey);
  } catch {
    // A browser that keeps nothing starts a little later.
  }
}
cameras.listen((all) => rememberSeen(all?.map((c) => c.id) ?? []));

whenSignedOut(() => {
  rememberSeen([]);
  session.update((old) => (old.kind === 'known' ? { kind: 'known', view: signedOut(old.view) } : old));
  stopChanges();
  void vault.lock();
});

const signedOut = (view: SessionView): SessionView => ({
  state: view.state === 'unclaimed' ? 'unclaimed' : 'signed-out',
  boxName: view.boxName,
  version: view.version,
  deviceKey: view.deviceKey,
});

/** The version that this page came from. */
let pageVersion: string | undefined;

/** After an update the page of before does not fit the box any more: a screen on a wall would show it for ever. */
export async function reloadIfUpdated(): Promise<void> {
  const { version } = await api.get<SessionView>('/session');
  if (pageVersion !== undefined && version !== pageVersion) location.reload();
}

/** `early`: asks for the cameras without waiting for the answer to who is signed in. */
export async function loadSession(early = false): Promise<void> {
  const asked = early ? loadCameras() : undefined;
  asked?.catch(() => {});
  try {
    const view = await api.get<SessionView>('/session');
    pageVersion ??= view.version;
    session.set({ kind: 'known', view });
    document.title = view.boxName;
    if (view.state === 'signed-in') {
      await (asked ?? loadCameras());
      startChanges();
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
  await vault.lock();
  await loadSession();
}
