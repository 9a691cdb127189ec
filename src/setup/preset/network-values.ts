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

/** What a key of each kind consists of behind its name (RFC 4253, 5656, 8709; PROTOCOL.u2f): a number of bytes, or a name. */
const sshKinds: Readonly<Record<string, readonly ((field: Buffer) => boolean)[]>> = (() => {
  const bytes = (length: number) => (field: Buffer) => field.length === length;
  const some = (field: Buffer) => field.length > 0;
  const name = (text: string) => (field: Buffer) => field.toString('latin1') === text;
  // Uncompressed, which is the only form in use.
  const point = (length: number) => (field: Buffer) => field.length === 1 + 2 * length && field[0] === 4;
  return {
    'ssh-ed25519': [bytes(32)],
    // 2048 bits and more; a leading zero keeps the number positive.
    'ssh-rsa': [some, (field: Buffer) => field.length >= 257 && field.length <= 2049],
    'ecdsa-sha2-nistp256': [name('nistp256'), point(32)],
    'ecdsa-sha2-nistp384': [name('nistp384'), point(48)],
    'ecdsa-sha2-nistp521': [name('nistp521'), point(66)],
    'sk-ssh-ed25519@openssh.com': [bytes(32), some],
    'sk-ecdsa-sha2-nistp256@openssh.com': [name('nistp256'), point(32), some],
  };
})();

/** One line of an authorized_keys file without options: kind, key in base64 that holds what its kind asks for, comment. */
export function isSshPublicKey(line: string): boolean {
  const found = /^([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?: [\x20-\x7e]*)?$/.exec(line);
  const [, kind = '', base64 = ''] = found ?? [];
  const wanted = Object.hasOwn(sshKinds, kind) ? sshKinds[kind]! : undefined;
  const [first, ...fields] = fieldsOf(Buffer.from(base64, 'base64'));
  return (
    wanted !== undefined &&
    first?.toString('latin1') === kind &&
    fields.length === wanted.length &&
    wanted.every((isRight, i) => isRight(fields[i]!))
  );
}

/** Texts with their lengths before them (RFC 4251, 5); none where it does not come out even. */
function fieldsOf(bytes: Buffer): readonly Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return [];
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length || fields.length === 8) return [];
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
