// What a camera in low power is doing, in words for its owner.

import type { CameraHealth } from '../../src/http/api.ts';

/** One sentence; undefined where low power is off or the camera is not live. */
export function lowPowerWords({ lowPower }: Pick<CameraHealth, 'lowPower'>): string | undefined {
  if (!lowPower) return undefined;
  const { unfit, state, restingShare, savedPercent } = lowPower;
  if (unfit === 'encoded')
    return 'Saves nothing here: this box encodes the video itself and sees every picture anyway.';
  if (unfit === 'few-keys')
    return 'Awake all the time: the camera sends key frames too rarely. Set it to one every 2 seconds.';
  if (unfit === 'all-keys') return 'Awake all the time: the camera sends nothing but key frames.';
  const now = state === 'resting' ? 'Resting now' : 'Awake now';
  const share = `${now}, and ${Math.round(restingShare * 100)} % of the time`.replace(
    'Awake now, and',
    'Awake now; resting',
  );
  if (savedPercent === undefined) return `${share}.`;
  return `${share}; about ${savedPercent < 10 ? savedPercent.toFixed(1).replace(/\.0$/, '') : Math.round(savedPercent)} % of a core saved.`;
}
