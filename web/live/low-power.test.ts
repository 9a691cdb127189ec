import { expect, test } from 'bun:test';
import type { CameraHealth } from '../../src/http/api.ts';
import { lowPowerWords } from './low-power.ts';

test('low power says what it does and what it saves', () => {
  const words = (lowPower: NonNullable<CameraHealth['lowPower']>) => lowPowerWords({ lowPower });
  expect(lowPowerWords({})).toBeUndefined();
  expect(words({ state: 'resting', restingShare: 0.934, savedPercent: 5 })).toBe(
    'Resting now, and 93 % of the time; about 5 % of a core saved.',
  );
  expect(words({ state: 'awake', restingShare: 0.5, savedPercent: 17.6 })).toBe(
    'Awake now; resting 50 % of the time; about 18 % of a core saved.',
  );
  expect(words({ state: 'awake', restingShare: 0 })).toBe('Awake now; resting 0 % of the time.');
  expect(words({ state: 'awake', restingShare: 0, unfit: 'few-keys' })).toContain('key frames too rarely');
  expect(words({ state: 'awake', restingShare: 0, unfit: 'all-keys' })).toContain('nothing but key frames');
  expect(words({ state: 'awake', restingShare: 0, unfit: 'encoded' })).toContain('encodes the video itself');
});
