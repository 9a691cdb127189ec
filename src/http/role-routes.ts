// What each role may ask for, in one table: deny by default. Owners may ask for everything; what strangers may is in
// `public-routes.ts`.

import type { Role } from './api.ts';

/** Everybody who is signed in: live pictures, and what is their own. */
const everybody: readonly string[] = [
  'POST /api/v1/logout',
  'GET /api/v1/cameras',
  'GET /api/v1/cameras/:id',
  'GET /api/v1/live',
  'GET /snapshot.jpg',
  'GET /stream.mjpg',
  // `heardBy` says what of it reaches whom.
  'GET /api/v1/changes',
  // Of others than an owner: their own entry.
  'GET /api/v1/vault',
  'PUT /api/v1/vault/me',
  'POST /api/v1/second-factor',
  'POST /api/v1/second-factor/confirm',
  'DELETE /api/v1/second-factor',
];

/** Beside it: what was recorded. All of it is sealed, or times and sizes. */
const recorded: readonly string[] = [
  'GET /api/v1/recordings',
  'GET /api/v1/recordings/days',
  'GET /api/v1/recordings/:id',
  'GET /api/v1/recordings/:id/still',
  'GET /api/v1/events',
  'GET /api/v1/events/:id/difference',
  'GET /api/v1/segments/:id/index',
  'GET /api/v1/segments/:id/sealed',
  'GET /api/v1/timeline',
];

export const routesOf: Readonly<Record<Exclude<Role, 'owner'>, readonly string[]>> = {
  viewer: [...everybody, ...recorded],
  'live-only': everybody,
};

/** Whether somebody of this role may ask for this. HEAD is GET without a body. */
export function mayAsk(role: Role, method: string, path: string): boolean {
  if (role === 'owner') return true;
  const asked = `${method === 'HEAD' ? 'GET' : method} ${path}`.split('/');
  return routesOf[role].some((route) => {
    const parts = route.split('/');
    return parts.length === asked.length && parts.every((part, i) => part === asked[i] || isAny(part, asked[i]!));
  });
}

const isAny = (part: string, asked: string) => part.startsWith(':') && asked !== '';

/** Whether a change is told to somebody of this role. */
export function heardBy(role: Role, change: string): boolean {
  if (role === 'owner') return true;
  // A notice says that the status has changed, which is the owner's to read.
  return role === 'viewer' ? change !== 'notice' : change === 'cameras';
}
