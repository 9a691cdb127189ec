// What is said over a camera's picture: pure, so that "a stale picture is never shown as live" can be tested as a table.

import type { CameraHealth } from '../../src/http/api.ts';

export type LiveWord =
  | { readonly kind: 'live' }
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'lost'; readonly message: string; readonly advice: string }
  | { readonly kind: 'off'; readonly message: string };

export function liveWord(now: {
  /** Pictures of the last seconds are on the screen. */
  readonly fresh: boolean;
  readonly connected: boolean;
  readonly health: CameraHealth;
  /** Shown through `/stream.mjpg`, where the browser does not tell whether pictures come. */
  readonly asImage: boolean;
  readonly hadPicture: boolean;
}): LiveWord {
  const { health } = now;
  if (health.state === 'off') return { kind: 'off', message: 'This camera is switched off.' };
  if (health.state === 'lost') {
    return {
      kind: 'lost',
      message: health.fault?.message ?? 'The camera sends no pictures.',
      advice: health.fault?.advice ?? 'Nightjar keeps trying.',
    };
  }
  if (!now.connected) return { kind: 'waiting', message: 'Connecting to the box…' };
  if (health.state === 'starting') {
    return health.fault
      ? { kind: 'lost', message: health.fault.message, advice: health.fault.advice }
      : { kind: 'waiting', message: 'Waiting for the camera…' };
  }
  if (now.fresh || now.asImage) return { kind: 'live' };
  return { kind: 'waiting', message: now.hadPicture ? 'Pictures stopped. Catching up…' : 'Opening the picture…' };
}
