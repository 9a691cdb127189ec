// Every address of the box, asked in ways nobody should, by strangers and by its owner: each answer is JSON that says what is
// wrong, with the headers that every answer carries, and the box goes on.

import { expect, test } from 'bun:test';
import { startBox } from './support/box.ts';

const paths = [
  ...[
    'session',
    'claim',
    'login',
    'login/parameters',
    'recover',
    'recover/answer',
    'vault',
    'vault/me',
    'people',
    'people/nobody',
    'people/%00/reset',
    'second-factor',
    'second-factor/confirm',
    'cameras',
    'cameras/test',
    'cameras/nobody',
    'cameras/nobody/recording',
  ],
  ...[
    'devices',
    'recordings',
    'recordings/days',
    'recordings/delete',
    'recordings/%00',
    'recordings/..%2f..%2fsettings.json',
  ],
  ...[`recordings/${'a'.repeat(5000)}`, 'recordings/x/still', 'segments/x/index', 'segments/%2e%2e/sealed'],
  ...[
    'events?from=NaN',
    'events?from=1&from=2',
    'events?limit=1e999',
    'recordings?camera=__proto__',
    'recordings?before=%27%20or%201',
  ],
  ...[
    'settings',
    'settings/box',
    'settings/__proto__',
    'mail/test',
    'logs?lines=-1',
    'stream-tokens',
    'stream-tokens/%ff',
    'live',
  ],
].map((path) => `/api/v1/${path}`);
const others = ['/snapshot.jpg?camera=../x', '/stream.mjpg?token=x', '/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd', '/%'];

const bodies: Record<string, string> = {
  nothing: '',
  'no JSON': '{"a',
  'a number': '1e999',
  'a zero byte': '\0',
  'a prototype': '{"__proto__":{"x":1},"constructor":{"prototype":1}}',
  'the wrong types':
    '{"name":1,"code":{},"ids":["../x"],"source":{"kind":"rtsp","url":1},"limitS":"x","to":{},"next":null}',
  'half a character': '{"name":"\\ud800","passphrase":"\\ud800","source":{"kind":"rtsp","url":"rtsp://\\ud800/"}}',
  'fifty thousand levels': '[{"a":'.repeat(50_000),
  'more than a megabyte': `"${'x'.repeat(1_100_000)}"`,
};

test('whatever is asked, the answer is JSON that says what is wrong, and the box goes on', async () => {
  await using box = await startBox();
  const owner = await box.claim();
  const wrong: string[] = [];
  const ask = async (who: string, method: string, path: string, name?: string) => {
    const answer = await fetch(box.http + path, {
      method,
      signal: AbortSignal.timeout(5000),
      // a connection that was given up because of a body nobody wanted is not used again
      keepalive: false,
      headers: {
        origin: box.http,
        connection: 'close',
        ...(who === 'owner' ? { cookie: owner.cookie } : {}),
        ...(name === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(name === undefined ? {} : { body: bodies[name] ?? '' }),
    });
    const text = await answer.text();
    const asked = `${who} ${method} ${path.slice(0, 60)} with ${name}: ${answer.status} ${text.slice(0, 80)}`;
    if (answer.status >= 500) wrong.push(asked);
    if (answer.status >= 400 && typeof JSON.parse(text).error?.message !== 'string') wrong.push(asked);
    if (answer.ok && who === 'stranger' && !path.endsWith('/session')) wrong.push(asked);
    if (answer.ok && name !== undefined) wrong.push(asked);
    if (/\.ts:\d|node_modules|bunfs/.test(text)) wrong.push(asked);
    for (const header of ['content-security-policy', 'x-content-type-options', 'x-frame-options', 'cache-control']) {
      if (!answer.headers.has(header)) wrong.push(`${asked}: no ${header}`);
    }
  };
  for (const who of ['stranger', 'owner']) {
    for (const path of [...paths, ...others]) {
      const reading = ['GET', 'PROPFIND'].map((method) => ask(who, method, path));
      const changing = ['POST', 'PUT', 'PATCH'].flatMap((method) =>
        Object.keys(bodies).map((name) => ask(who, method, path, name)),
      );
      await Promise.all([...reading, ...changing]);
    }
  }
  expect(wrong).toEqual([]);
  expect((await owner.fetch('/api/v1/cameras')).status).toBe(200);
  expect(box.log()).not.toContain('ERROR');
}, 90_000);
