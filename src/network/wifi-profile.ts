// The one Wi-Fi profile that Nightjar keeps in NetworkManager: what it must be, and the nmcli calls that make it so. Pure. The
// password never stands among arguments, where every process could read it: it goes in by the editor's standard input.

import { pbkdf2Sync } from 'node:crypto';

export interface WifiNetwork {
  readonly ssid: string;
  /** Undefined: an open Wi-Fi. */
  readonly password?: string | undefined;
  readonly hidden: boolean;
}

/** What NetworkManager holds now. */
export interface WifiProfile {
  readonly ssid: string;
  readonly hidden: boolean;
  /** '' where it has none. */
  readonly psk: string;
}

export interface NmcliCall {
  readonly argv: readonly ['nmcli', ...string[]];
  readonly stdin?: string;
}

export const profileName = 'nightjar-wifi';

const nmcli = (...args: string[]): NmcliCall => ({ argv: ['nmcli', ...args] });

/** Ends with 10 where there is no such profile (nmcli(1), EXIT STATUS). */
export const askProfile: NmcliCall = nmcli(
  ...['-e', 'no', '-s', '-g', '802-11-wireless.ssid,802-11-wireless.hidden,802-11-wireless-security.psk'],
  ...['connection', 'show', 'id', profileName],
);

/** Undefined for what is no answer to `askProfile`. */
export function readProfile(stdout: string): WifiProfile | undefined {
  const [ssid, hidden, psk = ''] = stdout.split('\n');
  return ssid === undefined || hidden === undefined ? undefined : { ssid, hidden: hidden === 'yes', psk };
}

export const isAsWanted = (profile: WifiProfile | undefined, wanted: WifiNetwork): boolean =>
  profile !== undefined &&
  profile.ssid === wanted.ssid &&
  profile.hidden === wanted.hidden &&
  profile.psk === pskOf(wanted);

/**
 * The calls that make the profile what it must be, in order; none when it is. A stop between two of them leaves a profile that is
 * not as wanted, so that the next time goes on from there.
 */
export function planProfile(profile: WifiProfile | undefined, wanted: WifiNetwork): readonly NmcliCall[] {
  if (isAsWanted(profile, wanted)) return [];
  const psk = pskOf(wanted);
  const shape = [
    ...['802-11-wireless.ssid', wanted.ssid, '802-11-wireless.hidden', wanted.hidden ? 'yes' : 'no'],
    // For ever: after a power cut the router comes back later than the box.
    ...['connection.autoconnect', 'yes', 'connection.autoconnect-retries', '0'],
    ...(psk === '' ? [] : ['802-11-wireless-security.key-mgmt', 'wpa-psk']),
  ];
  const calls = profile
    ? [nmcli('connection', 'modify', 'id', profileName, ...shape)]
    : [nmcli('connection', 'add', 'type', 'wifi', 'ifname', '*', 'con-name', profileName, ...shape)];
  if (psk === '' && profile && profile.psk !== '')
    calls.push(nmcli('connection', 'modify', 'id', profileName, 'remove', '802-11-wireless-security'));
  if (psk !== '') {
    const stdin = `set 802-11-wireless-security.psk ${psk}\nsave persistent\nquit\n`;
    calls.push({ ...nmcli('connection', 'edit', 'id', profileName), stdin });
  }
  return calls;
}

/** Switched on, and the profile taken up at once where a change must not wait for the next start. */
export const takeUp: readonly NmcliCall[] = [
  nmcli('radio', 'wifi', 'on'),
  nmcli('--wait', '0', 'connection', 'up', 'id', profileName),
];

/** The editor drops blanks around what is typed; then the key that the password stands for is given (IEEE 802.11, J.4.1). */
function pskOf({ ssid, password = '' }: WifiNetwork): string {
  return password === password.trim() ? password : pbkdf2Sync(password, ssid, 4096, 32, 'sha1').toString('hex');
}
