// What counts as a country, a Wi-Fi password and an SSH public key. Pure.

let regions: Intl.DisplayNames | undefined;

/** Two capital letters that name a country (ISO 3166-1). */
export function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code) || code === 'ZZ' || code === 'EU' || code === 'UN') return false;
  regions ??= new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  return regions.of(code) !== undefined;
}

/** As WPA2 and WPA3 take it: 8 to 63 printable ASCII characters, or a key of 64 hexadecimal digits (IEEE 802.11, J.4). */
export const isWifiPassword = (text: string): boolean => /^(?:[\x20-\x7e]{8,63}|[0-9a-fA-F]{64})$/.test(text);

const sshKinds = [
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

/** One line of an authorized_keys file without options: kind, key in base64 that begins with its kind, comment. */
export function isSshPublicKey(line: string): boolean {
  const found = /^([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?: [\x20-\x7e]*)?$/.exec(line);
  const [, kind = '', base64 = ''] = found ?? [];
  if (!sshKinds.includes(kind)) return false;
  const bytes = Buffer.from(base64, 'base64');
  return (
    bytes.length >= 4 + kind.length + 32 &&
    bytes.readUInt32BE(0) === kind.length &&
    bytes.toString('latin1', 4, 4 + kind.length) === kind
  );
}
