// Waits for a box that was told to go: asks whether it is alive until it is back, and then loads the page anew, which may be
// another one by then. What is shown meanwhile is `pages/restarting.tsx`.

import { stopChanges } from './changes.ts';
import { setLeaveGuard } from './navigation.tsx';
import { type Going, type Heard, hear, isOver, type RestartWatch, told } from './restart-watch.ts';
import { createStore } from './store.ts';

/** While there is one, nothing else is shown. */
export const restarting = createStore<RestartWatch | undefined>(undefined);

const askEveryMs = 2000;
const patienceMs = 4000;

/** From the moment at which the box was told. */
export function waitForBox(why: Going, toldAtMs = Date.now()): void {
  if (restarting.get()) return;
  setLeaveGuard(undefined);
  stopChanges();
  restarting.set(told(why, toldAtMs));
  void watch();
}

async function watch(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    const before = restarting.get();
    if (!before) return;
    const heard = await askHealth();
    const now = hear(before, heard, Date.now());
    restarting.set(now);
    if (!isOver(now)) continue;
    if (now.phase === 'stayed') return;
    // After a reset nothing of the old address means anything.
    if (now.why === 'reset') location.assign('/');
    else location.reload();
    return;
  }
}

async function askHealth(): Promise<Heard> {
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const response = await fetch('/health', { cache: 'no-store', credentials: 'omit', signal });
    const answer = (await response.json().catch(() => undefined)) as { readonly uptimeS?: unknown } | undefined;
    return typeof answer?.uptimeS === 'number' ? { kind: 'health', uptimeS: answer.uptimeS } : { kind: 'other' };
  } catch {
    return { kind: 'nothing' };
  }
}
