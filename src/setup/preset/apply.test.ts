import { afterEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../base/log.ts';
import { placesUnder } from '../../base/places.ts';
import { SettingsStore } from '../../config/store.ts';
import { applyPreset } from './apply.ts';
import { readNetworkFile } from './network-file.ts';
import { readOutcome } from './outcome.ts';
import { takePreset } from './take.ts';

const folders: string[] = [];
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

/** A box whose card holds this file. */
function box(text: string, { isOwned = false } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'nightjar-preset-'));
  folders.push(root);
  const places = placesUnder(root);
  for (const path of [places.bootfs, places.preset, places.system, places.box]) mkdirSync(path, { recursive: true });
  const onCard = join(places.bootfs, 'nightjar.toml');
  writeFileSync(onCard, text);
  const store = new SettingsStore({ dataDir: places.box, env: {}, log: silentLog });
  const folder = places.preset;
  return {
    folder,
    onCard,
    store,
    async start(owned = isOwned) {
      await takePreset({ places, whileWritable: (write) => write() });
      return applyPreset({ folder, store, isOwned: owned, log: silentLog });
    },
  };
}

const whole = `
[box]
name = "Shed"
timeZone = "Europe/Berlin"
country = "DE"
[wifi]
ssid = "Home"
password = "correct horse"
[hotspot]
password = "set me up"
[ssh]
keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3Eu3Xv0yVb0V8lD0pKq1wq1r9mN2l8XyJ3zq5sT6uV ada@home"]
[remote]
domain = "my-house.duckdns.org"
token = "0b1f8c1e-1111-2222-3333-444455556666"
[mail]
host = "smtp.example.org"
password = "mail-secret"
to = ["ada@example.org"]
[storage]
maxAgeDays = 30
[updates]
check = false
[record]
mode = "both"
[[cameras]]
name = "Front door"
source = { kind = "rtsp", url = "rtsp://192.168.1.20/s1", username = "ada", password = "geheim" }
[[cameras]]
name = "Front door"
record = { preRollS = 10 }
[cameras.source]
kind = "usb"
device = "/dev/video0"
`;

describe('what nightjar.toml says', () => {
  test('becomes settings, cameras and what the network takes up, once', async () => {
    const { folder, store, start } = box(whole);
    const taken = ['box', 'wifi', 'hotspot', 'ssh', 'remote', 'mail', 'storage', 'updates', 'cameras'];
    expect(await start()).toEqual({ taken: expect.arrayContaining(taken), problems: [] });
    const { box: about, mail, storage, updates, cameras } = store.current;
    expect([about.name, about.timeZone, storage.maxAgeDays, updates.check]).toEqual([
      'Shed',
      'Europe/Berlin',
      30,
      false,
    ]);
    expect(mail).toMatchObject({ enabled: true, host: 'smtp.example.org', port: 587, password: 'mail-secret' });
    expect(cameras.map(({ id, record }) => [id, record.mode, record.preRollS])).toEqual([
      ['front-door', 'both', 5],
      ['front-door-2', 'both', 10],
    ]);
    expect(cameras[0]!.source).toMatchObject({ username: 'ada', password: 'geheim' });
    expect(readNetworkFile(folder)).toEqual({
      country: 'DE',
      wifi: { ssid: 'Home', password: 'correct horse', hidden: false },
      hotspot: { password: 'set me up' },
      waiting: ['wifi', 'hotspot'],
    });
    const token = '0b1f8c1e-1111-2222-3333-444455556666';
    expect(store.current.remote).toMatchObject({ provider: 'duckdns', domain: 'my-house', token });
    expect(statSync(join(folder, 'network.json')).mode & 0o777).toBe(0o600);
    // Who signs in as root is nothing that the service could write.
    expect(readFileSync(join(folder, 'network.json'), 'utf8')).not.toContain('ssh');
    expect(existsSync(join(folder, 'nightjar.toml'))).toBe(false);

    store.replaceSection('box', { ...about, name: 'Changed on the page' });
    expect(await start()).toEqual(readOutcome(folder)!);
    expect(store.current.box.name).toBe('Changed on the page');
  });

  test('a name is wanted at the provider it is written down for, and by nobody who only writes of the certificate', async () => {
    const texts = ['domain = "my-house"', 'updateUrl = "https://dns.example.org/?ip={ip}"', 'certificate = false'];
    const providers = texts.map(async (text) => {
      const { store, start } = box(`[remote]\n${text}\n`);
      await start();
      return store.current.remote.provider;
    });
    expect(await Promise.all(providers)).toEqual(['duckdns', 'url', 'none']);
  });

  test('is taken where it is right, and shown with line and column where it is not', async () => {
    const text = '[box]\nname = "Shed"\n[mail]\nport = 99999\nhost = "x"\n[wifi]\nssid = "Home"\npassword = "short"\n';
    const { folder, store, start } = box(`${text}[[cameras]]\nname = "Yard"\nsource = { kind = "rtps" }\n`);
    expect(await start()).toEqual({
      taken: ['box'],
      problems: [
        { line: 4, column: 8, path: 'mail.port', message: 'Must be at most 65535.' },
        {
          line: 8,
          column: 12,
          path: 'wifi.password',
          message: 'Must be 8 to 63 letters, digits and signs, or 64 hexadecimal digits.',
        },
        {
          line: 11,
          column: 19,
          path: 'cameras.1.source.kind',
          message: 'Must be one of rtsp, mjpeg, usb, picamera, file and demo.',
        },
      ],
    });
    expect([store.current.mail.host, store.current.cameras, readNetworkFile(folder).wifi]).toEqual(['', [], undefined]);
  });

  test('changed again, keeps the secrets that were taken out of it', async () => {
    const { folder, store, onCard, start } = box(whole);
    await start();
    writeFileSync(onCard, readFileSync(onCard, 'utf8').replace('"Shed"', '"Barn"'));
    expect((await start())?.problems).toEqual([]);
    expect([store.current.box.name, store.current.mail.password]).toEqual(['Barn', 'mail-secret']);
    expect(store.current.cameras[0]!.source).toMatchObject({ password: 'geheim' });
    expect(readNetworkFile(folder).wifi?.password).toBe('correct horse');

    writeFileSync(onCard, readFileSync(onCard, 'utf8').replace('"Home"', '"Other"'));
    expect((await start())?.problems).toMatchObject([{ line: 8, column: 12, path: 'wifi.password' }]);
    expect(readNetworkFile(folder).wifi?.ssid).toBe('Home');
  });

  test('on a box that has an owner counts for Wi-Fi and SSH keys alone, and says that keys were taken', async () => {
    const { folder, store, start } = box(whole, { isOwned: true });
    const outcome = await start();
    expect(outcome).toMatchObject({ problems: [{ path: '', line: 1 }] });
    expect(outcome?.taken.toSorted()).toEqual(['box', 'ssh', 'wifi']);
    const { mail, cameras, remote } = store.current;
    expect([mail.host, cameras, remote.domain, readNetworkFile(folder).hotspot]).toEqual(['', [], '', undefined]);
    expect(readNetworkFile(folder).wifi?.ssid).toBe('Home');
  });

  test('never appears in what is said about it', async () => {
    const secrets = ['hunter2-hunter2', 'sekrit'];
    const wrong = [
      `[mail]\npassword = ["${secrets[0]}"]\nport = "${secrets[1]}"`,
      `[wifi]\nssid = "a"\npassword = "${secrets[0]}\n`,
      `[remote]\ndomain = "${secrets[1]} x"\ntoken = "${secrets[0]}"`,
      `[ssh]\nkeys = ["${secrets[0]}"]`,
      `[[cameras]]\nname = "a"\nsource = { kind = "${secrets[0]}", url = "rtsp://a:${secrets[1]}@b c" }`,
      `[box]\ntimeZone = "${secrets[0]}"\ncountry = "${secrets[1]}"\npublicUrl = "${secrets[0]}"`,
    ];
    for (const text of wrong) {
      const outcome = await box(text).start();
      expect(outcome!.problems.length).toBeGreaterThan(0);
      for (const secret of secrets) expect(JSON.stringify(outcome)).not.toContain(secret);
    }
  });

  test('waits for the next start when the disk is full', async () => {
    const { folder, store } = box('');
    writeFileSync(join(folder, 'nightjar.toml'), '[box]\nname = "Shed"\n');
    const full = {
      current: store.current,
      replaceSection() {
        throw new Error('the disk is full');
      },
      addCamera: store.addCamera,
      changeCamera: store.changeCamera,
    };
    expect(applyPreset({ folder, store: full, isOwned: false, log: silentLog })).toBeUndefined();
    expect(applyPreset({ folder, store, isOwned: false, log: silentLog })?.taken).toEqual(['box']);
  });
});
