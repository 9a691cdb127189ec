// Why an event was set off, in words for the owner.

import type { EventView } from '../../src/http/api.ts';
import { clockTime } from '../words.ts';

/** "Something changed in 2.1 % of the picture, first seen 14:03:05, near the right edge." */
export function whyWords({ startMs, confirmed, changed, zones }: EventView): string {
  const where = changed ? `, ${placeWords(changed)}` : '';
  const inZones = zones?.length ? ` (${zones.join(', ')})` : '';
  if (confirmed === false) {
    return `Something seemed to move, first at ${clockTime(startMs)}${where}${inZones}. Looked at in colour, hardly anything differs there from the picture before.`;
  }
  const share = changed ? shareWords(changed.percent) : 'a part';
  return `Something changed in ${share} of the picture, first seen ${clockTime(startMs)}${where}${inZones}.`;
}

export function shareWords(percent: number): string {
  if (percent < 0.1) return 'less than 0.1 %';
  return `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** Within a quarter of a side it is near that edge. */
export function placeWords({ x, y }: { readonly x: number; readonly y: number }): string {
  const side = x < 0.25 ? 'left' : x > 0.75 ? 'right' : '';
  const height = y < 0.25 ? 'top' : y > 0.75 ? 'bottom' : '';
  if (side && height) return `near the ${height} ${side} corner`;
  return side || height ? `near the ${side || height} edge` : 'in the middle';
}
