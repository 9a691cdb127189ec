import { expect, test } from 'bun:test';
import type { CertificateView, NetworkView } from '../../src/http/api.ts';
import { dateTime, longDate } from '../words.ts';
import {
  agoWords,
  homeAddress,
  isRestless,
  leadsToWords,
  outsideWords,
  soonWords,
  stateWords,
  untilWords,
} from './remote-words.ts';

const now = 1_795_000_000_000;
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const home = 'https://192.168.1.30:8443';
const address = 'https://my-house.duckdns.org';
const hostName = 'my-house.duckdns.org';

const certificate = (over: Partial<CertificateView> = {}): CertificateView => ({
  ...{ kind: 'automatic', names: [hostName], fingerprint: 'AB', fromMs: 0, untilMs: now + day, issuer: 'E7' },
  ...over,
});
const name = (over: Partial<NetworkView['name']> = {}) => ({ hostName, addresses: [], busy: false, ...over });
const failed = { kind: 'failed', atMs: now, message: 'The token is wrong.', advice: 'Copy it again.' } as const;
const ok = { kind: 'ok', atMs: now, message: 'Set.' } as const;
const state = (view: NetworkView) => {
  const { is, before, address: at = '', after } = stateWords(view, home, now);
  return `${is}: ${before}${at}${after}`;
};

test.each([
  [
    'without a name it is said where the box is at home',
    { name: { addresses: [], busy: false }, certificate: certificate({ kind: 'box' }) },
    `nothing: The box has no name on the internet. At home you reach it at ${home}.`,
  ],
  [
    'name and certificate belong together',
    { name: name({ last: ok }), certificate: certificate(), address },
    `ok: Your box is at ${address} · browsers trust it.`,
  ],
  [
    'nobody promises what browsers think of an own certificate',
    { name: name(), certificate: certificate({ kind: 'own' }), address },
    `ok: Your box is at ${address} · with your own certificate.`,
  ],
  [
    'an address whose certificate has run out is no good news',
    { name: name(), certificate: certificate({ untilMs: now }), address },
    `wrong: Your box is at ${address}, but its certificate has run out: browsers warn.`,
  ],
  [
    'a name that was never set leads nowhere',
    { name: name({ last: failed }), certificate: certificate({ kind: 'box' }) },
    `wrong: The name ${hostName} could not be set. What to do is below.`,
  ],
  [
    'one that could not be renewed may still lead here',
    { name: name({ last: failed }), certificate: certificate(), address },
    `wrong: Your box is at ${address}, but the name could not be renewed. What to do is below.`,
  ],
  [
    'a certificate is on its way',
    { name: name({ last: ok }), certificate: certificate({ kind: 'box', doing: 'Asking.', last: failed }) },
    `waiting: The certificate for ${hostName} is on its way.`,
  ],
  [
    'a certificate could not be had',
    { name: name({ last: ok }), certificate: certificate({ kind: 'box', last: failed }) },
    `wrong: There is no certificate for ${hostName} yet. What to do is below.`,
  ],
  [
    'no certificate is wanted',
    { name: name({ last: ok }), certificate: certificate({ kind: 'box' }) },
    `waiting: The box is called ${hostName}, and has no certificate for that name: browsers warn.`,
  ],
  [
    'there is no encrypted port',
    { name: name({ last: ok }) },
    `waiting: The box is called ${hostName}, but answers on no encrypted port.`,
  ],
] as const)('the state in a sentence: %s', (_, view, words) => {
  expect(state(view)).toBe(words);
});

test('the port to forward is the one of the address, or the encrypted one at home until there is an address', () => {
  const words = (view: NetworkView, points = 'outside', addresses = ['http://192.168.1.30:8080', home]) =>
    outsideWords(view, points, addresses);
  expect(words({ name: name(), address })).toContain(' port 443 ');
  expect(words({ name: name(), address: `${address}:8443` })).toContain(' port 8443 ');
  expect(words({ name: name() })).toContain(' port 8443 ');
  expect(words({ name: name() }, 'outside', ['http://192.168.1.30:8080'])).toBeUndefined();
  expect(words({ name: name(), address }, 'home')).toBe(
    'The name leads to the box in your own network: it works at home only.',
  );
  expect(words({ name: name(), address }, 'chosen')).toBeUndefined();
  expect(words({ name: name({ last: failed }), address })).toBeUndefined();
  expect(words({ name: { addresses: [], busy: false } })).toBeUndefined();
});

test('at home the box is where one is now, if that is one of its own addresses', () => {
  const all = ['https://192.168.1.30:443', 'http://192.168.1.30:80'];
  expect(homeAddress(all, 'http://192.168.1.30')).toBe('http://192.168.1.30');
  expect(homeAddress(all, 'https://nightjar.local')).toBe('https://nightjar.local');
  expect(homeAddress(all, 'https://my-house.duckdns.org')).toBe('https://192.168.1.30');
  expect(homeAddress([], 'http://127.0.0.1:8080')).toBe('http://127.0.0.1:8080');
});

test('what the name leads to is not made up', () => {
  expect(leadsToWords(name({ addresses: ['192.168.1.30', '2001:db8::1'] }), 'home')).toBe('192.168.1.30, 2001:db8::1');
  expect(leadsToWords(name(), 'outside')).toBe('The address of your connection');
  expect(leadsToWords(name(), 'home')).toBe('Not known yet');
});

test('what was is said from now back, and as a date after a day', () => {
  const words = [-5000, 0, 30_000, 3 * minute, 2 * hour].map((ago) => agoWords(now - ago, now));
  expect(words).toEqual(['Just now', 'Just now', '30 seconds ago', '3 minutes ago', '2 hours ago']);
  expect(agoWords(now - 2 * day, now)).toBe(dateTime(now - 2 * day));
});

test('what comes is said from now on, and what is due comes any moment', () => {
  const words = [-5000, 5000, 4 * minute, 2 * hour].map((ahead) => soonWords(now + ahead, now));
  expect(words).toEqual(['Any moment', 'Any moment', 'In 4 minutes', 'In 2 hours']);
  expect(soonWords(now + 60 * day, now)).toBe(dateTime(now + 60 * day));
});

test('how long a certificate is good is said in days', () => {
  const words = (atMs: number) =>
    untilWords(atMs, now)
      .replaceAll('\u00a0', ' ')
      .replace(`${longDate(atMs)}, `, '');
  expect([62 * day, 1.5 * day, hour, 0, -hour, -1.5 * day].map((left) => words(now + left))).toEqual([
    ...['in 62 days', 'in 1 day', 'less than a day left'],
    ...['has just run out', 'has just run out', 'ran out 1 day ago'],
  ]);
});

test('the page looks again soon while something goes on, or is due', () => {
  const calm = { name: name({ last: ok, nextMs: now + minute }), certificate: certificate({ nextMs: now + day }) };
  expect(isRestless(calm, now)).toBe(false);
  expect(isRestless({ name: { addresses: [], busy: false } }, now)).toBe(false);
  expect(isRestless({ ...calm, name: name({ last: ok, busy: true }) }, now)).toBe(true);
  expect(isRestless({ ...calm, name: name() }, now)).toBe(true);
  expect(isRestless({ ...calm, name: name({ last: ok, nextMs: now }) }, now)).toBe(true);
  expect(isRestless({ ...calm, certificate: certificate({ doing: 'Waiting.' }) }, now)).toBe(true);
});
