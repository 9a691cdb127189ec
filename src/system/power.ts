// Restarting the box and switching it off. systemd does it, and its rules (polkit) say that the service may ask for it; no
// other right comes with that.

import { type Ran, runChild } from '../base/child.ts';
import { NightjarError } from '../base/errors.ts';

export interface Power {
  /** Resolves when systemd has taken the order; the service is told to stop soon after. Throws `unavailable`. */
  restart(): Promise<void>;
  powerOff(): Promise<void>;
}

/** `run`: starts a program and waits for its end. */
export function systemPower(run: (argv: readonly [string, ...string[]]) => Promise<Ran> = order): Power {
  async function ask(what: 'reboot' | 'poweroff', sentence: string): Promise<void> {
    const argv = ['systemctl', '--no-ask-password', '--no-wall', what] as const;
    let ran: Ran;
    try {
      ran = await run(argv);
    } catch (cause) {
      throw new NightjarError('unavailable', sentence, { cause });
    }
    if (ran.code === 0) return;
    // An order that was taken can still end with the program: systemd stops everything.
    if (ran.signal === 'SIGTERM' && !ran.timedOut) return;
    const said = ran.stderr.trim().split('\n').at(-1);
    throw new NightjarError('unavailable', sentence, { cause: new Error(said || 'systemd does not answer') });
  }
  return {
    restart: () => ask('reboot', 'the box cannot be restarted from here; unplug it and plug it in again'),
    powerOff: () => ask('poweroff', 'the box cannot be switched off from here'),
  };
}

const order = (argv: readonly [string, ...string[]]): Promise<Ran> =>
  runChild(argv, { timeoutMs: 20_000, maxBytes: 64 * 1024 });
