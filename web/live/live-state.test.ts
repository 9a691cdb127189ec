import { expect, test } from 'bun:test';
import type { CameraHealth } from '../../src/http/api.ts';
import { liveWord } from './live-state.ts';

const health = (state: CameraHealth['state'], fault?: CameraHealth['fault']): CameraHealth => ({
  state,
  sinceMs: 0,
  smallStream: false,
  restarts: 0,
  ...(fault ? { fault } : {}),
});
const fault = { kind: 'refused', message: 'It refuses.', advice: 'Check the port.' } as const;
const base = { fresh: true, connected: true, health: health('live'), asImage: false, hadPicture: true };

test('only fresh pictures of a camera that is live are called live', () => {
  expect(liveWord(base).kind).toBe('live');
  expect(liveWord({ ...base, fresh: false }).kind).toBe('waiting');
  expect(liveWord({ ...base, connected: false }).kind).toBe('waiting');
  for (const state of ['lost', 'off', 'starting'] as const)
    expect(liveWord({ ...base, health: health(state) }).kind).not.toBe('live');
});

test('a lost camera says what happened and what to do', () => {
  expect(liveWord({ ...base, health: health('lost', fault) })).toEqual({
    kind: 'lost',
    message: 'It refuses.',
    advice: 'Check the port.',
  });
});

test('a camera that tries again after a fault still says which', () => {
  expect(liveWord({ ...base, health: health('starting', fault) }).kind).toBe('lost');
});
