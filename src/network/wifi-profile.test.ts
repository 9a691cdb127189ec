import { describe, expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { keepWifi, type WifiOptions } from './wifi.ts';
import { isAsWanted, type NmcliCall, planProfile, readProfile, type WifiProfile } from './wifi-profile.ts';

const home = { ssid: 'Home', password: 'correct horse', hidden: false };
const asHome: WifiProfile = { ssid: 'Home', psk: 'correct horse', hidden: false };
const words = (calls: readonly NmcliCall[]) => calls.map(({ argv }) => argv.slice(1, 3).join(' '));

describe('the Wi-Fi profile', () => {
  test('is left alone when it is as it should be', () => {
    expect(planProfile(asHome, home)).toEqual([]);
  });

  test('is added, or changed where it differs, and the password is never an argument', () => {
    const tables: readonly (readonly [WifiProfile | undefined, string[]])[] = [
      [undefined, ['connection add', 'connection edit']],
      [{ ...asHome, ssid: 'Old' }, ['connection modify', 'connection edit']],
      [{ ...asHome, psk: '' }, ['connection modify', 'connection edit']],
    ];
    for (const [found, calls] of tables) {
      const plan = planProfile(found, home);
      expect(words(plan)).toEqual(calls);
      expect(plan.flatMap(({ argv }) => argv).join(' ')).not.toContain('correct horse');
      expect(plan.at(-1)!.stdin).toBe('set 802-11-wireless-security.psk correct horse\nsave persistent\nquit\n');
    }
  });

  test('of an open Wi-Fi has no security left from before', () => {
    const open = { ssid: 'Guests', hidden: true };
    expect(words(planProfile(undefined, open))).toEqual(['connection add']);
    const plan = planProfile(asHome, open);
    expect(words(plan)).toEqual(['connection modify', 'connection modify']);
    expect(plan[1]!.argv).toContain('remove');
    expect(isAsWanted({ ssid: 'Guests', hidden: true, psk: '' }, open)).toBe(true);
  });

  test('takes a password with blanks around it as the key it stands for', () => {
    const plan = planProfile(undefined, { ssid: 'IEEE', password: ' password', hidden: false });
    expect(plan.at(-1)!.stdin).toMatch(/^set 802-11-wireless-security\.psk [0-9a-f]{64}\n/);
  });

  test('is read as nmcli prints it', () => {
    expect(readProfile('Ho"me: ü\nno\npa ss"w\\ord$1\n')).toEqual({
      ssid: 'Ho"me: ü',
      hidden: false,
      psk: 'pa ss"w\\ord$1',
    });
    expect(readProfile('Guests\nyes\n')).toEqual({ ssid: 'Guests', hidden: true, psk: '' });
    expect(readProfile('')).toBeUndefined();
  });
});

/** A NetworkManager that holds one profile. `lateBy`: so many questions go unanswered while it starts. */
function networkManager(lateBy = 0) {
  let profile: WifiProfile | undefined;
  let late = lateBy;
  const asked: string[] = [];
  const after = (argv: readonly string[], name: string) => argv[argv.indexOf(name) + 1] ?? '';
  const run: WifiOptions['run'] = async ({ argv, stdin }) => {
    const answer = (code: number, text = '') => ({ code, stdout: new TextEncoder().encode(text) });
    if (late-- > 0) return answer(8);
    const what = argv.includes('show') ? 'show' : argv.slice(1, 3).join(' ');
    asked.push(what);
    if (what === 'show') {
      return profile ? answer(0, `${profile.ssid}\n${profile.hidden ? 'yes' : 'no'}\n${profile.psk}\n`) : answer(10);
    }
    if (/add|modify/.test(what)) {
      const hidden = after(argv, '802-11-wireless.hidden') === 'yes';
      profile = { ssid: after(argv, '802-11-wireless.ssid'), hidden, psk: profile?.psk ?? '' };
    }
    if (what === 'connection edit') profile = { ...profile!, psk: /psk (.*)/.exec(stdin ?? '')![1]! };
    return answer(what.startsWith('--wait') ? 4 : 0);
  };
  return { run, asked };
}

describe('keeping the Wi-Fi', () => {
  const options = (run: WifiOptions['run'], clock = new ManualClock()) =>
    ({ clock, log: silentLog, signal: new AbortController().signal, run }) as WifiOptions;

  test('makes the profile once, and works without a radio', async () => {
    const { run, asked } = networkManager();
    expect(await keepWifi(home, options(run))).toBe(true);
    expect(asked).toEqual(['show', 'connection add', 'connection edit', 'show', 'radio wifi', '--wait 0']);
    asked.length = 0;
    expect(await keepWifi(home, options(run))).toBe(true);
    expect(asked).toEqual(['show']);
  });

  test('waits for a NetworkManager that starts late', async () => {
    const { run } = networkManager(2);
    const clock = new ManualClock();
    const kept = keepWifi(home, options(run, clock));
    for (let i = 0; i < 4; i++) await clock.advance(5000);
    expect(await kept).toBe(true);
  });

  test('gives up when what it made does not stand, and stops when it is told to', async () => {
    const deaf: WifiOptions['run'] = async ({ argv }) => ({
      code: argv.includes('show') ? 10 : 0,
      stdout: new Uint8Array(),
    });
    const clock = new ManualClock();
    const kept = keepWifi(home, options(deaf, clock));
    for (let i = 0; i < 12; i++) await clock.advance(30_000);
    expect(await kept).toBe(false);
    const stop = new AbortController();
    const stopped = keepWifi(home, { ...options(deaf), signal: stop.signal });
    stop.abort();
    expect(await stopped).toBe(false);
  });
});
