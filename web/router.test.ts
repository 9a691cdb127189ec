import { expect, test } from 'bun:test';
import { addressOf, matchRoute } from './router.ts';

test('every address leads to its page', () => {
  expect(
    ['/', '/?camera=yard', '/recordings', '/recordings/r-1?at=5', '/settings', '/settings/cameras/yard', '/status'].map(
      matchRoute,
    ),
  ).toEqual([
    { page: 'live' },
    { page: 'live', cameraId: 'yard' },
    { page: 'recordings' },
    { page: 'recording', id: 'r-1', atMs: 5 },
    { page: 'settings' },
    { page: 'camera', id: 'yard' },
    { page: 'status' },
  ]);
});

test('people, oneself, recovery, the box and its name have pages of their own', () => {
  const addresses = [
    addressOf.people(),
    addressOf.system(),
    addressOf.remote(),
    addressOf.account(),
    addressOf.recover(),
  ];
  expect(addresses.map(matchRoute)).toEqual([
    { page: 'people' },
    { page: 'system' },
    { page: 'remote' },
    { page: 'account' },
    { page: 'recover' },
  ]);
});

test('a camera’s day has a page of its own, with the moment to begin at', () => {
  expect(matchRoute(addressOf.day('yard', '2026-11-21', 1700.4))).toEqual({
    ...{ page: 'day', cameraId: 'yard', day: '2026-11-21', atMs: 1700 },
  });
  expect(matchRoute('/recordings/yard/today')).toEqual({ page: 'missing' });
});

test('adding a camera has its own page', () => {
  expect(matchRoute(addressOf.addCamera())).toEqual({ page: 'add-camera' });
});

test('an address nobody knows, or one that is broken, is named as missing', () => {
  for (const address of ['/nothing', '/recordings/a/b', '/settings/cameras', '/status/x'])
    expect(matchRoute(address)).toEqual({ page: 'missing' });
  expect(matchRoute('/recordings/%E0%A4%A')).toEqual({ page: 'recording', id: '%E0%A4%A' });
});

test('ids with signs in them survive the way into an address and back', () => {
  const id = 'a b/c?d&e';
  expect(matchRoute(addressOf.recording(id, 1700))).toEqual({ page: 'recording', id, atMs: 1700 });
  expect(matchRoute(addressOf.camera(id))).toEqual({ page: 'camera', id });
  expect(matchRoute(addressOf.tune(id))).toEqual({ page: 'tune', id });
  expect(matchRoute(addressOf.live(id))).toEqual({ page: 'live', cameraId: id });
});

test('filters that are not set are left out of the address', () => {
  expect(addressOf.recordings({ camera: '', day: '2026-11-21' })).toBe('/recordings?day=2026-11-21');
  expect(addressOf.recordings()).toBe('/recordings');
});
