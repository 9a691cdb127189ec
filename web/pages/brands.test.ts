import { expect, test } from 'bun:test';
import { sourceSettings } from '../../src/config/camera.ts';
import { brands, brandUrls, hostOf, splitCredentials } from './brands.ts';

test('every make gives addresses that the box accepts', () => {
  for (const brand of brands) {
    const urls = brandUrls(brand, '192.168.1.20');
    expect(sourceSettings.safeParse({ kind: 'rtsp', ...urls }).success).toBe(true);
  }
});

test('the address may be typed or pasted in any form', () => {
  expect(
    ['192.168.1.20', 'http://cam.local/', 'rtsp://a:b@10.0.0.5:554/x', ' cam:8080 ', '[fe80::1]:554', ''].map(hostOf),
  ).toEqual(['192.168.1.20', 'cam.local', '10.0.0.5', 'cam', '[fe80::1]', '']);
  expect(brandUrls(brands[0]!, '')).toBeUndefined();
});

test('user and password leave the address and go where they are kept secret', () => {
  expect(splitCredentials('rtsp://admin:p%40ss@10.0.0.5/stream1')).toEqual({
    url: 'rtsp://10.0.0.5/stream1',
    username: 'admin',
    password: 'p@ss',
  });
  expect(splitCredentials('rtsp://10.0.0.5/stream1')).toBeUndefined();
  expect(splitCredentials('rtsp://10.0.0.5/a@b')).toBeUndefined();
});
