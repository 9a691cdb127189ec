// The addresses this box goes by: what the page may be reached as, and what links in mails begin with.

import { hostname } from 'node:os';
import type { BoxSettings } from '../config/settings.ts';
import type { SettingsStore } from '../config/store.ts';
import type { OurNames } from '../http/guard.ts';
import { lanAddresses } from '../system/machine.ts';

/** Names beside plain addresses and home names: the one the owner typed in, those that the box has on the internet. */
export function ourNames(store: SettingsStore, onInternet: () => readonly string[]): OurNames {
  const typed = () => (store.current.box.publicUrl === '' ? [] : [new URL(store.current.box.publicUrl)]);
  return {
    hosts: () => [hostname().toLowerCase(), ...typed().map((url) => url.host), ...onInternet()],
    origins: () => typed().map((url) => url.origin),
  };
}

export interface Listening {
  readonly http?: { readonly host: string; readonly port: number };
  readonly https?: { readonly host: string; readonly port: number };
}

/** Where the page can be opened, encrypted and in the network first. */
export function pageAddresses({ http, https }: Listening): readonly string[] {
  const all = ({ host, port }: { host: string; port: number }, scheme: string) =>
    (isEverywhere(host) ? lanAddresses() : [host]).map((h) => `${scheme}://${bracketed(h)}:${port}`);
  return [...(https ? all(https, 'https') : []), ...(http ? all(http, 'http') : [])];
}

/** Where a link in a mail leads: the owner's own address, else the name that browsers trust, else the first address of this box. */
export const publicAddress = (box: BoxSettings, trusted: string | undefined, listening: Listening): string =>
  box.publicUrl !== '' ? box.publicUrl.replace(/\/+$/, '') : (trusted ?? pageAddresses(listening)[0] ?? '');

const isEverywhere = (host: string) => host === '0.0.0.0' || host === '::';
const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host);
