// What of a film cannot be shown, in words: each reason once, with when and how much.

import { Notice } from '../parts/button.tsx';
import { clockTime, count, span } from '../words.ts';
import type { Lost } from './load-plan.ts';
import { type Timeline, wallAt } from './timeline.ts';

export function LostNotice({ lost, timeline }: { readonly lost: readonly Lost[]; readonly timeline: Timeline }) {
  const reasons = new Map<string, Lost[]>();
  for (const one of lost) {
    if (one.message === undefined) continue;
    reasons.set(one.message, [...(reasons.get(one.message) ?? []), one]);
  }
  return (
    <>
      {[...reasons].map(([message, all]) => (
        <Notice key={message} level="warn" message={message} advice={placesOf(all, timeline)} />
      ))}
    </>
  );
}

function placesOf(all: readonly Lost[], timeline: Timeline): string {
  const seconds = all.reduce((sum, { fromS, toS }) => sum + toS - fromS, 0);
  const first = [...all].sort((a, b) => a.fromS - b.fromS)[0]!;
  const length = span(Math.max(1000, seconds * 1000));
  const at = clockTime(wallAt(timeline, first.fromS) ?? 0);
  return all.length === 1
    ? `${length} at ${at}.`
    : `${count(all.length, 'place')}, ${length} together, the first at ${at}.`;
}
