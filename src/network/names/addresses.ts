// Which of the machine's own addresses a name may lead to: the one in the home network, and the one on the IPv6 internet that stays.
// Decides from what the system lists; reading it is the last function.

import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

export interface InterfaceAddress {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}
/** As `os.networkInterfaces()` lists them. */
export type Interfaces = Readonly<Record<string, readonly InterfaceAddress[] | undefined>>;

export interface OwnAddresses {
  /** In the home network. */
  readonly ipv4?: string;
  /** Global, and not one that changes every day. */
  readonly ipv6?: string;
}

/** Flags of an IPv6 address by interface and address, as `parseIfInet6` keys them. */
export type Ipv6Flags = ReadonlyMap<string, number>;

/** linux/if_addr.h */
const TEMPORARY = 0x01;
const FAILED = 0x08;
const DEPRECATED = 0x20;
const TENTATIVE = 0x40;
const PERMANENT = 0x80;

/** Containers, virtual machines and tunnels: nobody at home reaches the box there. A bridge made on purpose (`br0`) is none of them. */
const notAtHome =
  /^(lo|docker|veth|br-|virbr|vnet|vmnet|wg|tun|tap|ppp|tailscale|zt|podman|cni|flannel|cali|lxc|lxd|dummy)/;

/** Flags undefined: the system does not tell them; then what looks stable is preferred. */
export function ownAddresses(interfaces: Interfaces, flags?: Ipv6Flags): OwnAddresses {
  const all = Object.entries(interfaces)
    .filter(([name]) => !notAtHome.test(name))
    .flatMap(([name, addresses]) => (addresses ?? []).map((address) => ({ ...address, name })))
    .filter(({ internal }) => !internal);
  // Older systems list the family as a number.
  const ipv4s = all.filter(({ family, address }) => /4$/.test(String(family)) && address.includes('.'));
  const ipv4 = ipv4s.find(({ address }) => isPrivate(address)) ?? ipv4s.find(({ address }) => isPublic(address));
  const ipv6 = all
    .flatMap(({ name, address }) => {
      const hex = expandIpv6(address);
      if (!hex || !/^[23]/.test(hex)) return [];
      const rank = flags ? rankByFlags(flags.get(`${name} ${hex}`)) : rankByLooks(hex);
      return rank === undefined ? [] : [{ address, rank }];
    })
    .sort((a, b) => a.rank - b.rank)[0];
  return { ...(ipv4 ? { ipv4: ipv4.address } : {}), ...(ipv6 ? { ipv6: ipv6.address } : {}) };
}

/** Lowest first; undefined: never. One that the flags do not know has just come, or is going. */
function rankByFlags(flags: number | undefined): number | undefined {
  if (flags === undefined || flags & (TEMPORARY | FAILED | DEPRECATED | TENTATIVE)) return undefined;
  return flags & PERMANENT ? 0 : 1;
}

/** Made of the hardware address (RFC 4291, appendix A): it stays. Of others one cannot tell. */
const rankByLooks = (hex: string): number => (hex.slice(22, 26) === 'fffe' ? 0 : 1);

const isPrivate = (ipv4: string): boolean => /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(ipv4);
/** A machine that has no router before it. Not link-local, nor what providers share among their customers (RFC 6598). */
const isPublic = (ipv4: string): boolean =>
  !/^(0\.|127\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(ipv4);

/**
 * /proc/net/if_inet6: address, number, prefix length, scope and flags in hexadecimal, then the name of the interface. Lines that are not
 * like that are left out.
 */
export function parseIfInet6(text: string): Ipv6Flags {
  const flags = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, hex, flag, name] = /^([0-9a-f]{32}) [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) +(\S+)$/.exec(line) ?? [];
    if (hex && flag && name) flags.set(`${name} ${hex}`, Number.parseInt(flag, 16));
  }
  return flags;
}

/** Thirty-two hexadecimal digits. Undefined when it is no IPv6 address. */
export function expandIpv6(address: string): string | undefined {
  const bare = address.split('%')[0]!;
  if (!isIPv6(bare)) return undefined;
  // The short form that URLs have is without an IPv4 address at its end.
  const [before = '', after] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const [head, tail] = [groups(before), groups(after ?? '')];
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join('');
}

/** What this machine has now. Nothing where the system does not say. */
export function readOwnAddresses(): OwnAddresses {
  try {
    return ownAddresses(networkInterfaces(), readFlags());
  } catch {
    return {};
  }
}

function readFlags(): Ipv6Flags | undefined {
  try {
    return parseIfInet6(readFileSync('/proc/net/if_inet6', 'utf8'));
  } catch {
    return undefined;
  }
}
