// Looks whether a TXT record can be seen, where the certificate authority will look: at the name servers that are responsible for the
// name, by UDP, and not at a resolver that remembers how it was before. Where none of them answers, the system's resolver has to do.

import { Resolver } from 'node:dns/promises';
import { type Clock, sleep } from '../../base/clock.ts';

/**
 * Resolves with false when it was not seen in time, or the signal aborted. Never throws.
 * @param value up to 255 characters: Bun hands out each text of a longer record as a record of its own.
 */
export type TxtVisible = (name: string, value: string, signal: AbortSignal) => Promise<boolean>;

export interface LookupOptions {
  readonly clock: Clock;
  readonly everyMs?: number;
  readonly atMostMs?: number;
  /** `address` or `address:port`: asked instead of the system's resolvers. For tests. */
  readonly resolvers?: readonly string[];
  /** Of the responsible name servers. For tests. */
  readonly port?: number;
}

type Answer = 'there' | 'not-there' | 'none';

const ANSWER_MS = 2000;
const MOST_SERVERS = 24;

export function txtLookup(options: LookupOptions): TxtVisible {
  const { clock, everyMs = 3000, atMostMs = 5 * 60_000, resolvers, port = 53 } = options;
  return async (name, value, signal) => {
    const endMs = clock.monotonicMs() + atMostMs;
    let servers: readonly string[] = [];
    const isVisible = async () => {
      if (servers.length === 0) servers = await responsibleServers(name, port, resolvers, signal);
      const answers = await Promise.all(servers.map((server) => ask([server], name, value, signal)));
      const given = answers.filter((answer) => answer !== 'none');
      // The authority asks any of them, from several places: one that lags behind is enough to be refused.
      if (given.length > 0) return given.every((answer) => answer === 'there');
      return (await ask(resolvers, name, value, signal)) === 'there';
    };
    while (!signal.aborted) {
      if (await isVisible()) return true;
      if (clock.monotonicMs() + everyMs > endMs) return false;
      await sleep(clock, everyMs, signal);
    }
    return false;
  };
}

async function ask(
  servers: readonly string[] | undefined,
  name: string,
  value: string,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const records = await asking(servers, signal, (resolver) => resolver.resolveTxt(name));
    return records.flat().includes(value) ? 'there' : 'not-there';
  } catch (error) {
    // NXDOMAIN and an empty answer are answers. Node and Bun call both of them by either name.
    const { code } = error as { readonly code?: unknown };
    return code === 'ENOTFOUND' || code === 'ENODATA' ? 'not-there' : 'none';
  }
}

/** Addresses with port, of the closest zone that has name servers. None when that cannot be found out. */
async function responsibleServers(
  name: string,
  port: number,
  resolvers: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found = <T>(question: (resolver: Resolver) => Promise<readonly T[]>) =>
    asking(resolvers, signal, question).catch((): readonly T[] => []);
  const labels = name.split('.');
  for (let from = 0; from <= labels.length - 2 && !signal.aborted; from++) {
    const zone = labels.slice(from).join('.');
    const hosts = await found((resolver) => resolver.resolveNs(zone));
    if (hosts.length === 0) continue;
    const addresses = await Promise.all(
      hosts.flatMap((host) => [
        found((resolver) => resolver.resolve4(host)),
        found(async (resolver) => (await resolver.resolve6(host)).map((address) => `[${address}]`)),
      ]),
    );
    return [...new Set(addresses.flat())].slice(0, MOST_SERVERS).map((address) => `${address}:${port}`);
  }
  return [];
}

async function asking<T>(
  servers: readonly string[] | undefined,
  signal: AbortSignal,
  question: (resolver: Resolver) => Promise<T>,
): Promise<T> {
  const resolver = new Resolver({ timeout: ANSWER_MS, tries: 1 });
  if (servers) resolver.setServers(servers);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    signal.throwIfAborted();
    return await question(resolver);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
