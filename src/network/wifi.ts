// Sees to it that NetworkManager knows the owner's Wi-Fi. Asks first and changes only what differs, so that it may be called at
// every start. What nmcli says is judged by asking again, and never repeated: it may quote the password.

import { type Ran, runChild } from '../base/child.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import {
  askProfile,
  isAsWanted,
  type NmcliCall,
  planProfile,
  readProfile,
  takeUp,
  type WifiNetwork,
  type WifiProfile,
} from './wifi-profile.ts';

export interface WifiOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly run?: (call: NmcliCall) => Promise<Pick<Ran, 'code' | 'stdout'>>;
}

const NO_SUCH_PROFILE = 10;
/** NetworkManager may start later than the box. */
const RETRY_AFTER_MS = [2000, 5000, 10_000, 30_000, 60_000];

/** Whether the profile stands. Does not wait for the connection. False when it was aborted, or could not be made in about two minutes. */
export async function keepWifi(wanted: WifiNetwork, options: WifiOptions): Promise<boolean> {
  const { clock, log, signal, run = runNmcli } = options;
  for (const retryAfterMs of [...RETRY_AFTER_MS, undefined]) {
    if (signal.aborted) return false;
    const outcome = await make(wanted, run);
    if (outcome !== 'failed') {
      if (outcome === 'changed') log.info('the box knows its Wi-Fi now');
      return true;
    }
    if (retryAfterMs !== undefined) await sleep(clock, retryAfterMs, signal);
  }
  log.warn('the Wi-Fi could not be set up: NetworkManager does not take it. Use a network cable, and restart the box');
  return false;
}

async function make(
  wanted: WifiNetwork,
  run: NonNullable<WifiOptions['run']>,
): Promise<'unchanged' | 'changed' | 'failed'> {
  try {
    const before = await ask(run);
    if (before === 'no-answer') return 'failed';
    const calls = planProfile(before, wanted);
    if (calls.length === 0) return 'unchanged';
    for (const call of calls) if ((await run(call)).code !== 0) return 'failed';
    const after = await ask(run);
    if (after === 'no-answer' || !isAsWanted(after, wanted)) return 'failed';
    // Without a radio, or out of reach: NetworkManager goes on trying by itself.
    for (const call of takeUp) await run(call);
    return 'changed';
  } catch {
    return 'failed';
  }
}

async function ask(run: NonNullable<WifiOptions['run']>): Promise<WifiProfile | undefined | 'no-answer'> {
  const { code, stdout } = await run(askProfile);
  if (code === NO_SUCH_PROFILE) return undefined;
  return (code === 0 ? readProfile(new TextDecoder().decode(stdout)) : undefined) ?? 'no-answer';
}

const runNmcli = ({ argv, stdin }: NmcliCall): Promise<Ran> =>
  runChild(argv, {
    timeoutMs: 20_000,
    maxBytes: 64 * 1024,
    ...(stdin === undefined ? {} : { stdin: new TextEncoder().encode(stdin) }),
  });
