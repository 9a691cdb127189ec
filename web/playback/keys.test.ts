import { expect, test } from 'bun:test';
import { actionOfKey, nextSpeed } from './keys.ts';

test('keys do what other players taught', () => {
  expect(actionOfKey(' ', false)).toEqual({ kind: 'toggle' });
  expect(actionOfKey('ArrowLeft', false)).toEqual({ kind: 'seek-by', seconds: -5 });
  expect(actionOfKey('ArrowRight', true)).toEqual({ kind: 'seek-by', seconds: 30 });
  expect(actionOfKey('5', false)).toEqual({ kind: 'seek-to', share: 0.5 });
  expect(actionOfKey('.', false)).toEqual({ kind: 'step', frames: 1 });
});

test('other keys stay with the browser', () => {
  for (const key of ['Tab', 'Enter', 'r', 'F5', 'Escape']) expect(actionOfKey(key, false)).toBeUndefined();
});

test('speeds stop at both ends', () => {
  expect([nextSpeed(1, 1), nextSpeed(1, -1), nextSpeed(8, 1), nextSpeed(0.5, -1)]).toEqual([2, 0.5, 8, 0.5]);
});
