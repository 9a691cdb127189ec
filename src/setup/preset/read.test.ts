import { describe, expect, test } from 'bun:test';
import { isCountry, isSshPublicKey, isWifiPassword } from './network-values.ts';
import { decodePreset, readVersion, wasRead } from './preset-file.ts';
import { readPreset } from './read.ts';
import { withoutSecrets } from './redact.ts';
import { tomlEntries } from './toml-entries.ts';

const firstProblem = (text: string) => {
  const { line, column, path, message } = readPreset(text).problems[0]!;
  return `${line}:${column} ${path || '-'} ${message}`;
};

describe('mistakes are shown where they are', () => {
  test.each([
    ['[box]\nname = "x', '2:8 - A text on this line does not end: is a closing quotation mark missing?'],
    ['[box\nname = "x"', /^1:\d+ - This line cannot be read/],
    ['[box]\nname = "a"\nname = "b"', '3:1 - This is written twice. Leave one of them out.'],
    ['[box]\nname = Shed', '2:8 - This line cannot be read. Write: name = "value", with quotation marks around texts.'],
    ['[box]\nname = "a" b', /^2:\d+ - Nothing more may stand on this line/],
    ['[box]\nname = "C:\\q"', /^2:\d+ - A backslash in a text must be written twice\./],
    ['[mail]\nto = ["a@b"', /^2:\d+ - A bracket on this line is not closed\./],
    ['[bux]\nname = "a"', '1:2 bux There is no such section.'],
    ['name = "a"', '1:8 name There is no such setting.'],
    ['[box]\n  naem = "a"', '2:10 box.naem There is no such setting.'],
    ['[box]\nname = 7', '2:8 box.name Must be a text.'],
    ['[box]\nname = 1979-05-27', '2:8 box.name Must be a text.'],
    ['box = "x"', '1:7 box Write this as a section: a line [box], and the settings below it.'],
    ['[[box]]\nname = "x"', '1:3 box Write this as a section: a line [box], and the settings below it.'],
    ['[mail]\nto = ["a@b", "c"]', '2:14 mail.to.2 Must be a mail address.'],
    ['[wifi]\npassword = "12345678"', '1:2 wifi.ssid Is missing.'],
    ['[wifi]\nssid = "a"\npassword = 12345678', '3:12 wifi.password Must be a text.'],
    ['[cameras]\nname = "x"', '1:2 cameras Write each camera as a section of its own: a line [[cameras]].'],
    ['[[cameras]]\nname = "x"\n\n[[cameras]]\nname = "y"', '1:3 cameras.1.source Is missing.'],
    [
      '[box]\n__proto__ = "x"',
      '2:1 - This line cannot be read. Write: name = "value", with quotation marks around texts.',
    ],
  ])('%j', (text, said) => {
    if (typeof said === 'string') expect(firstProblem(text)).toBe(said);
    else expect(firstProblem(text)).toMatch(said);
  });
});

test('a file is as hostile as it likes: it is answered, with few problems, and its secrets go', () => {
  const n = 12_000;
  const hostile = [
    `${'['.repeat(n)}`,
    `x = ${'['.repeat(n)}`,
    `x = ${'{a='.repeat(n)}`,
    `[${'a.'.repeat(n)}a]\npassword = "hunter2"`,
    `${'a.'.repeat(n)}password = "hunter2"`,
    Array.from({ length: 1500 }, (_, i) => `k${i} = "hunter2"`).join('\n'),
    Array.from({ length: 1500 }, () => '[[cameras]]').join('\n'),
    `${'?'.repeat(n)} = "hunter2"`,
    `[box]\nname = "${'?'.repeat(n)}hunter2"\npublicUrl = "http://${'//'.repeat(n)}"`,
    `${' '.repeat(n)}x hunter2`,
    `# ${'# '.repeat(n)}password`,
    `x = """${'\\"'.repeat(n)}`,
    '\0'.repeat(n),
    '\ud800',
    'a'.repeat(70_000),
  ];
  for (const text of hostile) {
    const reading = readPreset(text);
    expect([text.slice(0, 20), reading.problems.length]).toEqual([text.slice(0, 20), expect.any(Number)]);
    expect(reading.problems.length).toBeWithin(text.startsWith('#') ? 0 : 1, 51);
    const shown = JSON.stringify(reading.problems);
    expect(shown.length).toBeLessThan(20_000);
    const kept = new TextDecoder('latin1').decode(readVersion(Buffer.from(text)).bytes);
    if (!text.startsWith('[box]'))
      expect([text.slice(0, 20), kept.includes('hunter2')]).toEqual([text.slice(0, 20), false]);
  }
});

describe('what stays on the card', () => {
  const stays = (text: string) => withoutSecrets(text, readPreset(text).isToml);
  test.each([
    ['[wifi]\nssid = "Home"\npassword = "secret 1"', '[wifi]\nssid = "Home"\npassword = "********"'],
    ["[wifi]\npassword = 'secret'", "[wifi]\npassword = '******'"],
    ['[mail]\npassword = """\nsec\nret"""', '[mail]\npassword = """\n***\n***"""'],
    ['wifi = { ssid = "Home", password = "s" }', 'wifi = { ssid = "Home", password = "*" }'],
    ['[wifi]\npassword = 12345678', '[wifi]\npassword = "******"'],
    ['[wifi]\n"pass\\u0077ord" = "secret"', '[wifi]\n"pass\\u0077ord" = "******"'],
    ['[wifi]\npasword = "secret"', '[wifi]\npasword = "******"'],
    ['[wfi]\nname = "secret"', '[wfi]\nname = "******"'],
    [
      '[[cameras]]\nsource = { url = "rtsp://a:b@c/d?pwd=e&x=1" }',
      '[[cameras]]\nsource = { url = "rtsp://***@c/d?pwd=*&x=1" }',
    ],
    ['[box]\nname = "x" # my token = abc', '[box]\nname = "x" # my token = abc'],
    ['[box]\n# password = "old"', '[box]\n# password = *****'],
    ['[box\nname = "Shed"\npassword = "x y"\npsk: abc', '[box\nname = "Shed"\npassword = *****\n********'],
    ['[wifi]\npassword = "a\nb"', '[wifi]\npassword = **\n**'],
  ])('%j', (text, kept) => {
    expect(stays(text)).toBe(kept);
    expect(stays(text)).toHaveLength(text.length);
    expect(stays(kept)).toBe(kept);
  });
});

test('files as PCs save them are read: with a mark in front, with Windows line ends, in UTF-16, in the old alphabet', () => {
  const text = '[wifi]\r\nssid = "Müller"\r\npassword = "schön geheim"\r\n'.replace('schön', 'schoen');
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`), utf16, Buffer.from(text, 'latin1')]) {
    expect(readPreset(decodePreset(bytes)).network.wifi).toEqual({
      ssid: 'Müller',
      password: 'schoen geheim',
      hidden: false,
    });
    const { bytes: kept } = readVersion(bytes);
    expect(decodePreset(kept)).toContain('ssid = "Müller"\r\npassword = "*************"');
    expect([wasRead(kept), wasRead(bytes)]).toEqual([true, false]);
  }
});

test('every key and value is found where it stands, also after lists of tables', () => {
  const text = '[[a]]\nb = 1\n[a.c]\nd = [ "x", { e = 2 } ] # z\n[[a]]\n[a.c]\n"d" = 3.5\n';
  expect(
    tomlEntries(text).map(({ path, value }) => [path.join('.'), value && text.slice(value.from, value.to)]),
  ).toEqual([
    ['a.0', undefined],
    ['a.0.b', '1'],
    ['a.0.c', undefined],
    ['a.0.c.d.0', '"x"'],
    ['a.0.c.d.1.e', '2'],
    ['a.0.c.d.1', '{ e = 2 }'],
    ['a.0.c.d', '[ "x", { e = 2 } ]'],
    ['a.1', undefined],
    ['a.1.c', undefined],
    ['a.1.c.d', '3.5'],
  ]);
});

test('countries, Wi-Fi passwords and SSH keys are told from what only looks like them', () => {
  expect(['DE', 'US', 'NZ', 'de', 'XX', 'ZZ', 'DEU', ''].map(isCountry)).toEqual([
    true,
    true,
    true,
    ...Array(5).fill(false),
  ]);
  const passwords = ['12345678', 'a'.repeat(63), 'f'.repeat(64), '1234567', 'g'.repeat(64), 'passwört', 'a\nbcdefgh'];
  expect(passwords.map(isWifiPassword)).toEqual([true, true, true, false, false, false, false]);
  const name = (text: string) => [...new TextEncoder().encode(text)];
  /** As a public key is written down: each part with its length before it. */
  const key = (kind: string, ...parts: readonly (readonly number[])[]) => {
    const bytes = [name(kind), ...parts].flatMap((part) => [0, 0, part.length >> 8, part.length & 255, ...part]);
    return `${kind} ${Buffer.from(bytes).toString('base64')}`;
  };
  const of = (length: number): readonly number[] => new Array(length).fill(4);
  const [p256, sk] = [name('nistp256'), 'sk-ssh-ed25519@openssh.com'];
  const keys: readonly (readonly [boolean, string])[] = [
    [true, key('ssh-ed25519', of(32))],
    [true, `${key('ssh-ed25519', of(32))} robin’s laptop`.replace('’', "'")],
    [true, key('ssh-rsa', of(3), of(257))],
    [true, key('ecdsa-sha2-nistp256', p256, of(65))],
    [true, key('ecdsa-sha2-nistp384', name('nistp384'), of(97))],
    [true, key('ecdsa-sha2-nistp521', name('nistp521'), of(133))],
    [true, key(sk, of(32), name('ssh:'))],
    [true, key('sk-ecdsa-sha2-nistp256@openssh.com', p256, of(65), name('ssh:'))],
    [false, `command="rm" ${key('ssh-ed25519', of(32))}`],
    [false, key('ssh-ed25519', of(32)).replace('ssh-ed25519', 'ssh-rsa')],
    [false, `${key('ssh-ed25519', of(32))} two\nlines`],
    [false, `${key('ssh-ed25519', of(32))}\n`],
    [false, key('ssh-ed25519', of(31))],
    [false, key('ssh-ed25519', of(32), of(1))],
    [false, key('ssh-rsa', of(3), of(129))],
    [false, key('ecdsa-sha2-nistp256', name('nistp384'), of(65))],
    [false, key(sk, of(32))],
    [false, key('ssh-dss', of(257), of(21), of(257), of(257))],
    [false, key('constructor')],
    [false, 'ssh-rsa AAAA'],
    [false, 'ssh-ed25519'],
  ];
  expect(keys.filter(([isKey, line]) => isSshPublicKey(line) !== isKey)).toEqual([]);
});
