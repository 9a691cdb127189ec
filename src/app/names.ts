// The addresses this box goes by: what the page may be reached as, and what links in mails begin with.

import { hostname } from 'node:os';
import type { BoxSettings } from '../config/settings.ts';
import type { SettingsStore } from '../config/store.ts';
import type { OurNames } from '../http/guard.ts';
import { lanAddresses } from '../system/machine.ts';

/** Names beside plain addresses and home names: the one the owner typed in. */
export function ourNames(store: SettingsStore): OurNames {
  const typed = () => (store.current.box.publicUrl === '' ? [] : [new URL(store.current.box.publicUrl)]);
  return {
    hosts: () => [hostname().toLowerCase(), ...typed().map((url) => url.host)],
    origins: () => typed().map((url) => url.origin),
  };
}

/** Where a link in a mail leads: the owner's own address, else the encrypted one in this network, else this machine. */
export function publicAddress(
  box: BoxSettings,
  addresses: {
    readonly http?: { readonly port: number };
    readonly https?: { readonly host: string; readonly port: number };
  },
): string {
  if (box.publicUrl !== '') return box.publicUrl.replace(/\/+$/, '');
  const { http, https } = addresses;
  if (https) {
    const open = https.host === '0.0.0.0' || https.host === '::';
    const host = open ? (lanAddresses()[0] ?? 'localhost') : https.host;
    return `https://${host.includes(':') ? `[${host}]` : host}:${https.port}`;
  }
  return http ? `http://localhost:${http.port}` : '';
}
