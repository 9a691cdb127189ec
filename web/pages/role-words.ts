// What each role may do, in one sentence for the owner of the house.

import type { Role } from '../../src/http/api.ts';

export const roles: readonly Role[] = ['viewer', 'live-only', 'owner'];

export const roleWords: Readonly<Record<Role, { readonly name: string; readonly what: string }>> = {
  owner: { name: 'Owner', what: 'Sees everything, and changes settings, recordings and people.' },
  viewer: { name: 'Viewer', what: 'Sees live pictures and recordings, and changes nothing.' },
  'live-only': { name: 'Live only', what: 'Sees live pictures. Recordings stay closed.' },
};

/** What removing somebody does, and what it cannot undo. */
export function removalWords({ name, role }: { readonly name: string; readonly role: Role }): string {
  if (role === 'live-only') return `${name} is signed out everywhere and sees no live pictures any more.`;
  return `${name} is signed out everywhere. What is recorded from now on has a new key, which ${name} does not get. What ${name} could open until today may have been copied; nobody can take that back.`;
}
