import { afterEach, expect, test } from 'bun:test';
import { type Authority, makeAuthority } from '../../../tests/support/certificates.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { type AccountKey, orderCertificate, type TxtRecord } from './order.ts';

const DAY_MS = 86_400_000;
const wanted = { domain: 'my-house', token: 'x', email: 'ada@example.org', hostName: 'my-house.duckdns.org' };
const never = new AbortController().signal;
let server: Bun.Server<undefined> | undefined;
let trusted: Authority | undefined;

afterEach(async () => {
  await server?.stop(true);
});

type Answers = Readonly<Record<string, (request: Request) => Response | Promise<Response>>>;

/** An authority that knows what to say to some paths. */
async function directory(answers: Answers, life = { fromMs: Date.now() - DAY_MS, untilMs: Date.now() + DAY_MS }) {
  trusted ??= await makeAuthority(Date.now());
  const { key, cert } = await trusted.issue({ names: ['localhost'], ...life });
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    tls: { key, cert: cert + trusted.intermediate },
    fetch(request) {
      const path = new URL(request.url).pathname.slice(1);
      const at = (name: string) => `https://localhost:${server!.port}/${name}`;
      if (answers[path]) return answers[path](request);
      if (path === 'nonce') return new Response(null, { headers: { 'replay-nonce': 'abc' } });
      return Response.json({ newNonce: at('nonce'), newAccount: at('account'), newOrder: at('order') });
    },
  });
  return `https://localhost:${server.port}/dir`;
}

const problem = (status: number, type: string, headers: Record<string, string> = {}) =>
  Response.json({ type: `urn:ietf:params:acme:error:${type}`, detail: 'Because.' }, { status, headers });
const noTxt: TxtRecord = {
  setTxt: async () => {
    throw new Error('nobody may ask');
  },
  clearTxt: async () => {},
};
const memory = (): AccountKey & { key?: string } => {
  const account: AccountKey & { key?: string } = {
    read: () => account.key,
    keep(key) {
      account.key = key;
    },
    forget() {
      delete account.key;
    },
  };
  return account;
};

async function failure(directoryUrl: string, options: { readonly clock?: Clock; readonly account?: AccountKey } = {}) {
  const ordered = await orderCertificate(
    {
      clock: systemClock,
      log: silentLog,
      txt: noTxt,
      txtVisible: async () => false,
      account: memory(),
      directoryUrl,
      trustedCa: trusted!.root,
      ...options,
    },
    wanted,
    () => {},
    never,
  );
  if (ordered.ok) throw new Error('there is no certificate to be had');
  return ordered.failure;
}

test('a rate limit comes with the authority’s own time, and is not waited for here', async () => {
  const url = await directory({ account: () => problem(429, 'rateLimited', { 'retry-after': '7200' }) });
  const before = Date.now();
  const limited = await failure(url);
  expect(limited).toMatchObject({ kind: 'limited', message: expect.stringContaining('It says: “Because”.') });
  expect(limited.notBeforeMs).toBeWithin(before + 7_200_000, Date.now() + 7_200_001);
});

test('an account that was closed is given up, so that the next order makes another', async () => {
  const url = await directory({ account: () => problem(403, 'unauthorized') });
  const account = memory();
  expect(await failure(url, { account })).toMatchObject({ kind: 'account' });
  expect(account.key).toBeUndefined();
});

test.each([
  ['has run out', { fromMs: Date.now() - 9 * DAY_MS, untilMs: Date.now() - DAY_MS }],
  ['begins only later', { fromMs: Date.now() + DAY_MS, untilMs: Date.now() + 9 * DAY_MS }],
])('when the authority’s own certificate %s, the clock of the box is suspected', async (_, life) => {
  expect(await failure(await directory({}, life))).toMatchObject({ kind: 'clock' });
});

test('what is not the authority gets no further than its first answer', async () => {
  const page = '<!doctype html><title>Sign in</title>';
  const cases = [
    [() => Response.redirect('https://localhost:1/sign-in'), 'Something else answered'],
    [() => new Response(page), 'is not understood'],
    [() => new Response(page, { status: 503 }), 'a fault of its own'],
    [() => new Response(new Uint8Array(3_000_000)), 'Something else answered'],
  ] as const;
  for (const [dir, words] of cases) {
    const url = await directory({ dir });
    expect((await failure(url)).message).toContain(words);
    await server?.stop(true);
  }
  trusted = await makeAuthority(Date.now(), 'Somebody Else');
  const url = await directory({});
  trusted = await makeAuthority(Date.now());
  expect((await failure(url)).message).toContain('could not prove');
});

test('an authority that takes the question and says nothing is left after a while', async () => {
  const waits: number[] = [];
  // half a minute passes in no time, a quarter of an hour does not
  const hurried: Clock = {
    ...systemClock,
    after(delayMs, callback) {
      waits.push(delayMs);
      return systemClock.after(delayMs === 30_000 ? 50 : delayMs, callback);
    },
  };
  const url = await directory({ nonce: () => new Promise<Response>(() => {}) });
  expect((await failure(url, { clock: hurried })).message).toBe('The certificate authority took too long.');
  expect(waits).toContain(30_000);
});
