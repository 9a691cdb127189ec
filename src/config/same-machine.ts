// Whether a changed source still leads to the machine that its password was typed in for. A password that the page never sees
// must not go to whatever address somebody types beside it.

import type { SourceSettings } from './camera.ts';

/** Every address of `next` is at a machine that `before` asked already. Sources without an address take no password. */
export function isSameMachine(next: SourceSettings, before: SourceSettings): boolean {
  const known = machinesOf(before);
  return machinesOf(next).every((machine) => known.includes(machine));
}

function machinesOf(source: SourceSettings): readonly string[] {
  const addresses = [
    ...('url' in source ? [source.url] : []),
    ...('detectUrl' in source && source.detectUrl !== '' ? [source.detectUrl] : []),
  ];
  return addresses.map((url) => (URL.canParse(url) ? new URL(url).host : url));
}
