// Keeps the box's name leading to the box: decides when the provider is told, how long to wait after a failure, and when the owner must
// hear of it. One attempt at a time. How a provider is told is in `duckdns.ts` and `update-url.ts`, what in `wanted.ts`.

import { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { describeError, NightjarError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { NameView, Outcome } from '../view.ts';
import { type OwnAddresses, readOwnAddresses } from './addresses.ts';
import type { AskOptions } from './ask.ts';
import { type DuckDns, duckDns } from './duckdns.ts';
import { duckDnsRecord } from './duckdns-record.ts';
import type { NameSet, UpdateResult } from './result.ts';
import { callUpdateUrl, type UpdateCall } from './update-url.ts';
import { hostNameOf, missingOf, type NameSettings, type WantedAddresses, wantedAddresses } from './wanted.ts';

export type { NameSettings } from './wanted.ts';

export interface NameKeeperOptions {
  /** As they are now; after a change `apply` is called. */
  readonly settings: () => NameSettings;
  readonly clock: Clock;
  readonly log: Log;
  /** For a mail to the owner: once when it has gone wrong for a day, or at once when only the owner can help; again after it was well. */
  readonly onTrouble: (message: string) => void;
  readonly addresses?: () => OwnAddresses;
  readonly duckDns?: DuckDns;
  readonly callUpdateUrl?: (call: UpdateCall, options: AskOptions, signal: AbortSignal) => Promise<UpdateResult>;
  /** 0 to 1, for the pauses after failures. */
  readonly random?: () => number;
}

export interface NameKeeper {
  view(): NameView;
  /** The settings have changed: what is on its way is given up, and an attempt begins, whatever was refused before. */
  apply(): void;
  /**
   * Resolves when an attempt has ended, however it did; one that is on its way counts. Also when the signal aborts: the attempt goes on.
   * Throws `conflict` when no provider is set, or something is missing.
   */
  updateNow(signal: AbortSignal): Promise<NameView>;
  /** `my-house.duckdns.org`. Undefined while there is none. */
  hostName(): string | undefined;
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
export const LOOK_EVERY_MS = 30_000;
/** DuckDNS is made for it, and sees an address of the connection that nobody else does. */
const DUCKDNS_EVERY_MS = 5 * MINUTE_MS;
/** Others call updates that change nothing abuse, and block names for it. Only they see where the call comes from: asked rarely. */
const DETECTED_EVERY_MS = 10 * MINUTE_MS;
/** What the box knows itself is told when it changes; otherwise only so that the name is not forgotten. */
const KNOWN_EVERY_MS = 24 * 60 * MINUTE_MS;
const LONGEST_PAUSE_MS = 30 * MINUTE_MS;
const TOO_LONG_MS = 24 * 60 * MINUTE_MS;

export function openNameKeeper(options: NameKeeperOptions): NameKeeper {
  const { clock, log } = options;
  const settings = options.settings;
  const own = options.addresses ?? readOwnAddresses;
  const record = duckDnsRecord(options.duckDns ?? duckDns({ clock }));
  const callUrl = options.callUpdateUrl ?? callUpdateUrl;
  const backoff = new Backoff({
    firstMs: MINUTE_MS,
    maxMs: LONGEST_PAUSE_MS,
    ...(options.random ? { random: options.random } : {}),
  });

  let last: Outcome | undefined;
  let leadsTo: readonly string[] = [];
  let attempt: { readonly giveUp: AbortController; readonly ended: Promise<void> } | undefined;
  let next: { readonly atMs: number; readonly cancel: () => void } | undefined;
  /** What the addresses were at the last attempt. */
  let seen = '';
  let applied = identity(settings());
  let refusals = 0;
  let acceptedOnce = false;
  let failingSinceMs: number | undefined;
  let told = false;
  let closed = false;
  let stopLooking = () => {};

  const ready = () => !closed && settings().provider !== 'none' && missingOf(settings()) === undefined;
  const refused = () => refusals > 0 && !acceptedOnce;
  const fingerprint = (at: OwnAddresses) => JSON.stringify([wantedAddresses(settings(), at), at.ipv4]);

  const schedule = (inMs: number) => {
    next?.cancel();
    next = { atMs: clock.monotonicMs() + inMs, cancel: clock.after(inMs, begin) };
  };

  function begin(): void {
    next?.cancel();
    next = undefined;
    if (!ready() || (attempt && !attempt.giveUp.signal.aborted)) return;
    const before = attempt?.ended;
    const giveUp = new AbortController();
    const run = async () => {
      try {
        await before;
        if (!giveUp.signal.aborted) await tryOnce(giveUp.signal);
      } finally {
        if (attempt === mine) attempt = undefined;
      }
    };
    // Known before it runs: it may end at once.
    const ended = Promise.resolve()
      .then(run)
      .catch((error) => log.error('the name cannot be looked after', { reason: describeError(error) }));
    const mine = { giveUp, ended };
    attempt = mine;
  }

  async function tryOnce(signal: AbortSignal): Promise<void> {
    const at = own();
    const wanted = wantedAddresses(settings(), at);
    seen = fingerprint(at);
    let result: UpdateResult;
    try {
      result = await tell(settings(), wanted, signal);
    } catch (error) {
      if (signal.aborted) return;
      // A fault of ours. Its words may quote what was asked.
      log.error('the name could not be updated', { reason: error instanceof Error ? error.name : 'unknown' });
      result = { kind: 'unreachable', message: 'The name could not be updated.', advice: 'Nightjar tries again.' };
    }
    if (!signal.aborted) settle(result, wanted);
  }

  const tell = async (now: NameSettings, wanted: WantedAddresses, signal: AbortSignal): Promise<UpdateResult> => {
    if (wanted.ipv4 === undefined && wanted.ipv6 === undefined) {
      return {
        kind: 'unreachable',
        message: 'The box has no address in your network.',
        advice: 'Check its network cable or its Wi-Fi. Nightjar tries again by itself.',
      };
    }
    if (now.provider === 'duckdns') return record.bring({ domain: now.domain, token: now.token }, wanted, signal);
    const result = await callUrl({ url: now.updateUrl, ...wanted }, { clock }, signal);
    return result.kind === 'ok' ? { ...known(wanted), ...result } : result;
  };

  function settle(result: UpdateResult, wanted: WantedAddresses): void {
    const name = hostNameOf(settings()) ?? 'The name';
    const before = last;
    if (result.kind === 'ok') {
      last = { kind: 'ok', atMs: clock.wallMs(), message: inWords(name, result) };
      leadsTo = addressesOf(result);
      if (before?.message !== last.message) log.info(last.message);
      [refusals, acceptedOnce, failingSinceMs, told] = [0, true, undefined, false];
      backoff.reset();
      schedule(
        settings().provider === 'duckdns'
          ? DUCKDNS_EVERY_MS
          : wanted.ipv4 === 'detect'
            ? DETECTED_EVERY_MS
            : KNOWN_EVERY_MS,
      );
      return;
    }
    const { message, advice } = result;
    last = { kind: 'failed', atMs: clock.wallMs(), message, advice };
    if (before?.message !== message) log.warn(`${name} was not updated: ${message}`);
    if (result.kind === 'refused') {
      refusals++;
      // What was accepted before is asked again: providers err, too, and perhaps nobody is at home to say so.
      if (acceptedOnce) schedule(LONGEST_PAUSE_MS);
      if (!acceptedOnce || refusals > 1) trouble(`${name} is not kept up to date. ${message} ${advice}`);
    } else {
      failingSinceMs ??= clock.monotonicMs();
      schedule(backoff.nextMs());
      if (clock.monotonicMs() - failingSinceMs < TOO_LONG_MS) return;
      trouble(`${name} has not been kept up to date for a day. ${message} ${advice}`);
    }
  }

  const trouble = (message: string) => {
    if (told) return;
    told = true;
    options.onTrouble(message);
  };

  const look = () => {
    stopLooking = clock.after(LOOK_EVERY_MS, () => {
      if (ready() && !attempt && !refused() && fingerprint(own()) !== seen) {
        backoff.reset();
        begin();
      }
      look();
    });
  };

  const start = () => {
    const missing = settings().provider === 'none' ? undefined : missingOf(settings());
    if (missing === undefined) return begin();
    last = {
      kind: 'failed',
      atMs: clock.wallMs(),
      message: `${missing.charAt(0).toUpperCase()}${missing.slice(1)} is missing.`,
      advice: 'Add it in the settings.',
    };
  };

  const view = (): NameView => {
    const now = settings();
    if (now.provider === 'none') return { addresses: [], busy: false };
    const hostName = hostNameOf(now);
    return {
      ...(hostName === undefined ? {} : { hostName }),
      addresses: leadsTo.length > 0 ? leadsTo : addressesOf(known(wantedAddresses(now, own()))),
      ...(last ? { last } : {}),
      ...(next ? { nextMs: clock.wallMs() + next.atMs - clock.monotonicMs() } : {}),
      busy: attempt !== undefined,
    };
  };

  start();
  look();

  return {
    view,
    apply() {
      if (closed) return;
      attempt?.giveUp.abort();
      next?.cancel();
      next = undefined;
      // Other settings were saved: no reason to write to the owner of the same trouble again.
      if (applied !== identity(settings())) {
        [last, leadsTo, acceptedOnce, failingSinceMs, told] = [undefined, [], false, undefined, false];
        applied = identity(settings());
      }
      refusals = 0;
      backoff.reset();
      start();
    },
    async updateNow(signal) {
      if (settings().provider === 'none') {
        throw new NightjarError(
          'conflict',
          'the box has no name on the internet: choose who gives it one in the settings',
        );
      }
      const missing = missingOf(settings());
      if (missing !== undefined) throw new NightjarError('conflict', `${missing} is missing: add it in the settings`);
      begin();
      const gone = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      while (attempt && !signal.aborted) await Promise.race([attempt.ended, gone]);
      return view();
    },
    hostName: () => hostNameOf(settings()),
    async close() {
      closed = true;
      stopLooking();
      next?.cancel();
      next = undefined;
      attempt?.giveUp.abort();
      await attempt?.ended;
    },
  };
}

const identity = (of: NameSettings): string =>
  JSON.stringify([of.provider, of.domain, of.token, of.hostName, of.updateUrl, of.points, of.chosenAddress, of.ipv6]);

/** Without what only the provider knows. */
const known = ({ ipv4, ipv6 }: WantedAddresses): WantedAddresses => ({
  ...(ipv4 && ipv4 !== 'detect' ? { ipv4 } : {}),
  ...(ipv6 ? { ipv6 } : {}),
});
const addressesOf = ({ ipv4, ipv6 }: Pick<NameSet, 'ipv4' | 'ipv6'>): readonly string[] =>
  [ipv4, ipv6].filter((address) => address !== undefined);

function inWords(name: string, result: NameSet): string {
  const addresses = addressesOf(result);
  return addresses.length === 0
    ? 'Your provider has taken the update.'
    : `${name} leads to ${addresses.join(' and ')}.`;
}
