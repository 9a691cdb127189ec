import { expect, test } from 'bun:test';
import { mayVisit } from './may-visit.ts';
import { matchRoute } from './router.ts';

const visits = (role: 'owner' | 'viewer' | 'live-only') =>
  [
    '/',
    '/recordings',
    '/recordings/r1',
    '/recordings/yard/2026-11-21',
    '/settings',
    '/settings/people',
    '/settings/system',
    '/settings/remote',
    '/settings/cameras/yard',
    '/status',
    '/account',
  ]
    .filter((address) => mayVisit(role, matchRoute(address).page))
    .join(' ');

test('viewers see live pictures and recordings, live-only live pictures, and each their own page', () => {
  expect(visits('viewer')).toBe('/ /recordings /recordings/r1 /recordings/yard/2026-11-21 /account');
  expect(visits('live-only')).toBe('/ /account');
});

test('an owner goes everywhere', () => {
  expect(visits('owner').split(' ')).toHaveLength(11);
});
