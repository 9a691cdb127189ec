// Brings a DuckDNS name to what is wanted of it. An update adds and replaces, it takes nothing away: an address of a kind that is no
// longer wanted is only gone when both are cleared and the other is set again. For that moment the name leads nowhere, so it is done only
// when two attempts in a row have found it, not for an IPv6 address that is a little late after a start.

import type { DuckDns, DuckDnsName } from './duckdns.ts';
import type { UpdateResult } from './result.ts';
import type { WantedAddresses } from './wanted.ts';

export interface DuckDnsRecord {
  /** What the result says of addresses is what the name leads to, wanted or not. Throws as the client does. */
  bring(name: DuckDnsName, wanted: WantedAddresses, signal: AbortSignal): Promise<UpdateResult>;
}

interface Known {
  readonly ipv4?: string;
  readonly ipv6?: string;
}

export function duckDnsRecord(client: DuckDns): DuckDnsRecord {
  let of: string | undefined;
  let known: Known = {};
  let foundBefore = false;
  /** It was cleared and is there again: somebody else sets it. */
  let inVain = false;

  const update = async (name: DuckDnsName, wanted: WantedAddresses, signal: AbortSignal): Promise<UpdateResult> => {
    const result = await client.update({ ...name, ...wanted }, signal);
    if (result.kind !== 'ok') return result;
    const told = wanted.ipv4 === 'detect' ? {} : wanted;
    const { ipv4 = told.ipv4 ?? known.ipv4, ipv6 = wanted.ipv6 ?? known.ipv6 } = result;
    known = { ...(ipv4 ? { ipv4 } : {}), ...(ipv6 ? { ipv6 } : {}) };
    return { ...result, ...known };
  };

  return {
    async bring(name, wanted, signal) {
      if (of !== JSON.stringify(name)) [of, known, foundBefore, inVain] = [JSON.stringify(name), {}, false, false];
      const unwanted = () => (known.ipv4 && !wanted.ipv4) || (known.ipv6 && !wanted.ipv6);
      const result = await update(name, wanted, signal);
      if (result.kind !== 'ok' || !unwanted()) {
        if (result.kind === 'ok') foundBefore = false;
        return result;
      }
      if (!foundBefore || inVain) {
        foundBefore = true;
        return result;
      }
      const cleared = await client.clear(name, signal);
      if (cleared.kind !== 'ok') return cleared;
      known = {};
      const again = await update(name, wanted, signal);
      inVain = Boolean(unwanted());
      foundBefore = inVain;
      return again.kind === 'ok' ? { ...again, changed: true } : again;
    },
  };
}
