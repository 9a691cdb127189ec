// Which page an address means, and the address of a page. Pure; moving about is `navigation.ts`.

export type Route =
  | { readonly page: 'live'; readonly cameraId?: string }
  | { readonly page: 'recordings' }
  | { readonly page: 'recording'; readonly id: string; readonly atMs?: number }
  | { readonly page: 'day'; readonly cameraId: string; readonly day: string; readonly atMs?: number }
  | { readonly page: 'settings' }
  | { readonly page: 'add-camera' }
  | { readonly page: 'camera'; readonly id: string }
  | { readonly page: 'tune'; readonly id: string }
  | { readonly page: 'people' }
  | { readonly page: 'account' }
  | { readonly page: 'recover' }
  | { readonly page: 'status' }
  | { readonly page: 'system' }
  | { readonly page: 'remote' }
  | { readonly page: 'missing' };

const decode = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Reads a path with its query, e.g. `/recordings/r1?at=1763690000000`. */
export function matchRoute(address: string): Route {
  const url = new URL(address, 'http://box');
  const parts = url.pathname.split('/').filter(Boolean).map(decode);
  const [first, second, third] = parts;
  if (parts.length === 0) {
    const cameraId = url.searchParams.get('camera');
    return cameraId ? { page: 'live', cameraId } : { page: 'live' };
  }
  if (first === 'recordings' && parts.length === 1) return { page: 'recordings' };
  if (first === 'recordings' && second && parts.length === 2) {
    const at = Number(url.searchParams.get('at'));
    return { page: 'recording', id: second, ...(at > 0 ? { atMs: at } : {}) };
  }
  if (first === 'recordings' && second && third && parts.length === 3 && /^\d{4}-\d{2}-\d{2}$/.test(third)) {
    const at = Number(url.searchParams.get('at'));
    return { page: 'day', cameraId: second, day: third, ...(at > 0 ? { atMs: at } : {}) };
  }
  if (first === 'settings' && parts.length === 1) return { page: 'settings' };
  if (first === 'settings' && second === 'cameras' && parts.length === 3 && third) {
    return third === 'new' ? { page: 'add-camera' } : { page: 'camera', id: third };
  }
  if (first === 'settings' && second === 'cameras' && parts.length === 4 && third && parts[3] === 'tune') {
    return { page: 'tune', id: third };
  }
  if (first === 'settings' && second === 'people' && parts.length === 2) return { page: 'people' };
  if (first === 'settings' && second === 'system' && parts.length === 2) return { page: 'system' };
  if (first === 'settings' && second === 'remote' && parts.length === 2) return { page: 'remote' };
  if (first === 'status' && parts.length === 1) return { page: 'status' };
  if (first === 'account' && parts.length === 1) return { page: 'account' };
  if (first === 'recover' && parts.length === 1) return { page: 'recover' };
  return { page: 'missing' };
}

export const addressOf = {
  live: (cameraId?: string) => (cameraId ? `/?camera=${encodeURIComponent(cameraId)}` : '/'),
  recordings: (query: Readonly<Record<string, string>> = {}) => {
    const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
    return text ? `/recordings?${text}` : '/recordings';
  },
  recording: (id: string, atMs?: number) =>
    `/recordings/${encodeURIComponent(id)}${atMs ? `?at=${Math.round(atMs)}` : ''}`,
  /** All of a camera's day, e.g. `/recordings/yard/2026-11-21?at=1763690000000`. */
  day: (cameraId: string, day: string, atMs?: number) =>
    `/recordings/${encodeURIComponent(cameraId)}/${day}${atMs ? `?at=${Math.round(atMs)}` : ''}`,
  settings: () => '/settings',
  // A camera called "new" cannot clash: the box numbers ids that are taken, and the page asks for this one by its route.
  addCamera: () => '/settings/cameras/new',
  camera: (id: string) => `/settings/cameras/${encodeURIComponent(id)}`,
  tune: (id: string) => `/settings/cameras/${encodeURIComponent(id)}/tune`,
  people: () => '/settings/people',
  system: () => '/settings/system',
  remote: () => '/settings/remote',
  status: () => '/status',
  account: () => '/account',
  recover: () => '/recover',
};
