// What an attached picture is called when somebody saves it.

import type { Alert } from './alert.ts';

/** `front-door-2026-11-21T01-14-07Z.jpg`: plain ASCII, sorts by time. */
export function pictureName(alert: Alert, ending: '.jpg' | '-difference.png'): string {
  const camera = 'cameraId' in alert ? alert.cameraId.replace(/[^a-z0-9-]/gi, '') : 'nightjar';
  const atMs = alert.kind === 'motion' ? alert.atMs : 0;
  return `${camera}-${new Date(atMs).toISOString().slice(0, 19).replaceAll(':', '-')}Z${ending}`;
}
