import { expect, test } from 'bun:test';
import { type Clock, systemClock } from '../../base/clock.ts';
import { startNameServer } from './fixture-name-server.ts';
import { txtLookup } from './lookup.ts';

const NAME = '_acme-challenge.my-house.duckdns.example';
const never = new AbortController().signal;

/** Two responsible servers on one port; the first one is also the system's resolver. */
async function zone() {
  const first = await startNameServer();
  const second = await startNameServer({ host: '127.0.0.2', port: first.port });
  for (const server of [first, second]) {
    server.records
      .set('NS duckdns.example', ['ns1.duckdns.example', 'ns2.duckdns.example'])
      .set('A ns1.duckdns.example', ['127.0.0.1'])
      .set('A ns2.duckdns.example', ['127.0.0.2'])
      .set(`TXT ${NAME}`, ['of before']);
  }
  return {
    first,
    second,
    lookup: (atMostMs: number, clock: Clock = systemClock) =>
      txtLookup({ clock, everyMs: 20, atMostMs, resolvers: [`127.0.0.1:${first.port}`], port: first.port }),
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
}
const until = async (claim: () => boolean) => {
  while (!claim()) await Bun.sleep(5);
};
const asked = (questions: readonly string[]) => questions.filter((one) => one === `TXT ${NAME}`).length;

test('a record counts as seen when every responsible name server shows it, and not before', async () => {
  await using dns = await zone();
  let seen: boolean | undefined;
  const looking = dns
    .lookup(20_000)(NAME, 'proof', never)
    .then((is) => {
      seen = is;
    });
  dns.first.records.set(`TXT ${NAME}`, ['of before', 'proof']);
  const before = asked(dns.first.questions);
  await until(() => asked(dns.second.questions) > 2 && asked(dns.first.questions) > before + 2);
  expect(seen).toBeUndefined();
  dns.second.records.set(`TXT ${NAME}`, ['proof']);
  await looking;
  expect(seen).toBe(true);
  // who is responsible is asked once, from the name upwards
  const zones = dns.first.questions.filter((question) => question.startsWith('NS '));
  expect(zones).toEqual([`NS ${NAME}`, 'NS my-house.duckdns.example', 'NS duckdns.example']);
});

test('a name server that does not answer, or is not responsible after all, does not hold it up', async () => {
  await using dns = await zone();
  dns.first.records.set(`TXT ${NAME}`, ['proof']);
  for (const mood of ['refuses', 'mute'] as const) {
    dns.second.mood = mood;
    expect(await dns.lookup(10_000)(NAME, 'proof', never)).toBe(true);
  }
});

test('where no responsible name server can be found or answers, the system’s resolver is believed', async () => {
  await using dns = await zone();
  dns.first.records.delete('NS duckdns.example');
  dns.first.records.set(`TXT ${NAME}`, ['proof']);
  expect(await dns.lookup(0)(NAME, 'proof', never)).toBe(true);
  expect(asked(dns.second.questions)).toBe(0);
  dns.first.records.set('NS duckdns.example', ['ns2.duckdns.example']);
  dns.second.mood = 'refuses';
  expect(await dns.lookup(0)(NAME, 'proof', never)).toBe(true);
  expect(asked(dns.second.questions)).toBe(1);
});

test('a record that never shows is given up after the time that was given', async () => {
  await using dns = await zone();
  let nowMs = 0;
  const hurried: Clock = {
    ...systemClock,
    monotonicMs: () => nowMs,
    after(delayMs, callback) {
      nowMs += delayMs;
      return systemClock.after(0, callback);
    },
  };
  expect(await dns.lookup(100, hurried)(NAME, 'proof', never)).toBe(false);
  // at once, and every 20 ms from then on
  expect([nowMs, asked(dns.second.questions)]).toEqual([100, 6]);
});

test('it is let go at once when nobody waits any more, whether between two questions or in one', async () => {
  await using dns = await zone();
  for (const mood of ['usual', 'mute'] as const) {
    const stop = new AbortController();
    const looking = dns.lookup(60_000)(NAME, 'proof', stop.signal);
    await until(() => asked(dns.first.questions) > 0);
    dns.first.mood = mood;
    dns.second.mood = mood;
    const questions = dns.first.questions.length;
    await until(() => dns.first.questions.length > questions);
    stop.abort();
    expect(await looking).toBe(false);
  }
});
