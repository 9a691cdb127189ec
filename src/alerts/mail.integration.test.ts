import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Certificates, makeCertificates, readMail, reply, startServer, startSocket } from './fixture-server.ts';
import { type MailSettings, mailTimes, type OutgoingMail, sendMail, testMail } from './mail.ts';

// A machine that is busy with other tests must not fail these.
setDefaultTimeout(20_000);

let certificates: Certificates;
const open: AsyncDisposable[] = [];
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(async () => {
  for (const thing of open) await thing[Symbol.asyncDispose]();
});
const kept = <T extends AsyncDisposable>(thing: T): T => {
  open.push(thing);
  return thing;
};

const password = 'hunter2-secret-word';
const settings = (port: number, more: Partial<MailSettings> = {}): MailSettings => ({
  enabled: true,
  preset: 'own',
  host: 'localhost',
  port,
  security: 'none',
  verifyCertificate: true,
  username: '',
  password: '',
  from: 'box@example.org',
  to: ['ada@example.org'],
  ...more,
});
const mail: OutgoingMail = {
  message: {
    subject: 'Home: Motion at the Küche',
    text: 'Text part',
    html: '<p>HTML <img src="cid:picture@nightjar"></p>',
  },
  messageId: '<nightjar.1@example.org>',
  dateMs: Date.UTC(2026, 10, 21, 1, 14, 7),
  to: ['ada@example.org'],
  senderName: 'Home',
  picture: { name: 'door.jpg', bytes: new Uint8Array(40_000).map((_, i) => i % 251) },
};
const times = { connectMs: 4000, greetingMs: 1500, silenceMs: 2500, tryMs: 6000 };
const options = (of: MailSettings) => ({
  settings: of,
  signal: new AbortController().signal,
  times,
  trustedCa: certificates.ca,
});
const send = (of: MailSettings, what = mail) => sendMail(what, options(of));
const login = { username: 'box@example.org', password };
const auth = {
  disabledCommands: [],
  authOptional: false,
  onAuth: (
    a: { username?: string; password?: string },
    _: unknown,
    done: (e: Error | null, r?: { user: string }) => void,
  ) =>
    a.password === password
      ? done(null, { user: a.username ?? '' })
      : done(reply(535, '5.7.8 Username and Password not accepted.')),
};
/** smtp-server types its handlers more loosely than they are called. */
const secured = (extra: object = {}) => startServer({ ...certificates.good, ...extra } as never);

describe('a mail', () => {
  test('goes out by STARTTLS with login, and reads well in another parser', async () => {
    const server = kept(await secured(auth));
    expect(await send(settings(server.port, { security: 'starttls', ...login }))).toMatchObject({
      kind: 'answered',
      accepted: ['ada@example.org'],
      refused: [],
    });
    const [got] = server.received;
    expect([got!.secure, got!.user, got!.to]).toEqual([true, 'box@example.org', ['ada@example.org']]);
    const { headers, parts } = await readMail(got!.raw);
    expect(headers.subject).toEqual(['Home: Motion at the Küche']);
    expect(headers['message-id']).toEqual(['<nightjar.1@example.org>']);
    expect(headers.from).toEqual(['Home <box@example.org>']);
    expect(new Date(headers.date![0]!).getTime()).toBe(mail.dateMs);
    expect(headers['auto-submitted']).toEqual(['auto-generated']);
    expect(parts.map((p) => p.type)).toEqual([
      'multipart/alternative',
      'text/plain',
      'multipart/related',
      'text/html',
      'image/jpeg',
    ]);
    const picture = parts.at(-1)!;
    expect([picture.cid, picture.disposition, picture.name]).toEqual(['<picture@nightjar>', 'inline', 'door.jpg']);
    expect(Buffer.from(picture.base64, 'base64').equals(mail.picture!.bytes)).toBe(true);
  });

  test('goes out by TLS from the start', async () => {
    const server = kept(await secured({ ...auth, secure: true }));
    expect(await send(settings(server.port, { security: 'tls', ...login }))).toMatchObject({ kind: 'answered' });
    expect(server.received[0]!.secure).toBe(true);
  });

  test('is never sent in the open where STARTTLS is set', async () => {
    const server = kept(await startServer());
    const attempt = await send(settings(server.port, { security: 'starttls', ...login }));
    expect(attempt).toMatchObject({ kind: 'server-failed', ownersFault: true });
    expect(server.received).toEqual([]);
  });

  test('cannot smuggle headers or recipients in through a name', async () => {
    const server = kept(await startServer());
    const evil = 'Home\r\nBcc: eve@example.com\r\nX: ';
    await send(settings(server.port), { ...mail, senderName: evil, message: { ...mail.message, subject: evil } });
    const { headers } = await readMail(server.received[0]!.raw);
    expect(headers.bcc).toBeUndefined();
    expect(headers.x).toBeUndefined();
    expect(server.received[0]!.to).toEqual(['ada@example.org']);
  });
});

describe('certificates', () => {
  test.each(['starttls', 'tls'] as const)(
    'by %s, one for another name or of an unknown maker is refused',
    async (security) => {
      const secure = security === 'tls';
      const wrong = kept(await startServer({ ...certificates.wrongName, secure, disabledCommands: ['AUTH'] }));
      const attempt = await send(settings(wrong.port, { security }));
      expect(attempt).toMatchObject({
        kind: 'server-failed',
        message: 'The certificate of the mail server is not for localhost.',
      });
      const good = kept(await startServer({ ...certificates.good, secure, disabledCommands: ['AUTH'] }));
      const { trustedCa: _, ...untrusting } = options(settings(good.port, { security }));
      expect(await sendMail(mail, untrusting)).toMatchObject({
        message: 'The certificate of localhost is not trusted.',
      });
      expect([...wrong.received, ...good.received]).toEqual([]);
      expect(await send(settings(wrong.port, { security, verifyCertificate: false }))).toMatchObject({
        kind: 'answered',
      });
    },
  );
});

describe('a server that', () => {
  const refuse = (code: number) => (): Error => reply(code, 'because');
  test.each([
    ['refuses the mail for good', 'data', refuse(554), { kind: 'mail-refused', tooLarge: false }],
    ['finds it too large', 'data', refuse(552), { kind: 'mail-refused', tooLarge: true }],
    ['is out of room for now', 'data', refuse(452), { kind: 'mail-failed', answered: true }],
    ['stalls in the middle', 'data', (): 'stall' => 'stall', { kind: 'mail-failed', answered: false }],
    ['hangs up in the middle', 'data', (): 'drop' => 'drop', { kind: 'mail-failed', answered: false }],
    ['refuses the sender', 'sender', refuse(553), { kind: 'server-failed', ownersFault: true }],
    [
      'refuses the recipient for good',
      'rcpt',
      refuse(550),
      { kind: 'answered', refused: [{ address: 'ada@example.org', message: '550 because' }], later: [] },
    ],
    [
      'puts the recipient off',
      'rcpt',
      refuse(450),
      { kind: 'answered', refused: [], later: [{ address: 'ada@example.org', message: '450 because' }] },
    ],
    [
      'will not relay',
      'rcpt',
      (): Error => reply(550, 'Relaying denied'),
      { kind: 'answered', refused: [], later: [{ address: 'ada@example.org' }] },
    ],
  ] as const)('%s', async (_, step, answer, attempt) => {
    await using server = await startServer();
    server.answers = { [step]: answer };
    expect(await send(settings(server.port))).toMatchObject(attempt as never);
  });

  test('refuses one of two recipients still gets the mail for the other', async () => {
    await using server = await startServer();
    server.answers = { rcpt: (address) => (address.startsWith('typo') ? reply(550, 'no such user') : undefined) };
    expect(await send(settings(server.port), { ...mail, to: ['ada@example.org', 'typo@example.org'] })).toEqual({
      kind: 'answered',
      accepted: ['ada@example.org'],
      refused: [{ address: 'typo@example.org', message: '550 no such user' }],
      later: [],
    });
    expect(server.received[0]!.to).toEqual(['ada@example.org']);
  });

  test('limits the size in its greeting is seen as that', async () => {
    await using server = await startServer({ size: 1000 });
    server.answers = { data: () => reply(552, 'Message exceeds fixed maximum size') };
    expect(await send(settings(server.port))).toMatchObject({ kind: 'mail-refused', tooLarge: true });
  });

  test('drips a byte now and then does not hold the outbox for longer than one try may take', async () => {
    await using server = await startSocket((socket) => {
      const drip = setInterval(() => socket.write('220-wait\r\n'), 100);
      socket.on('close', () => clearInterval(drip));
    });
    const started = performance.now();
    const attempt = await send(settings(server.port));
    expect(attempt.kind).not.toBe('answered');
    expect(performance.now() - started).toBeLessThan(times.tryMs + 1000);
  });
});

describe('the test mail reports', () => {
  const report = (of: MailSettings) => testMail(mail, options(of));

  test('the server’s own words when it took it', async () => {
    await using server = await startServer();
    expect(await report(settings(server.port))).toEqual({ ok: true, message: '250 kept as 4711' });
  });

  test('a wrong password with the server’s words and advice, and never the password', async () => {
    const server = kept(await secured(auth));
    const wrong = 'another-secret-word';
    const result = await report(settings(server.port, { security: 'starttls', ...login, password: wrong }));
    expect(result).toMatchObject({ ok: false, message: '535 5.7.8 Username and Password not accepted.' });
    expect(result.advice).toContain('app password');
    const attempt = await send(settings(server.port, { security: 'starttls', ...login, password: wrong }));
    expect(attempt).toMatchObject({ kind: 'server-failed', ownersFault: true });
    const said = JSON.stringify([result, attempt]);
    expect(said).not.toContain(wrong);
    expect(said).not.toContain(Buffer.from(wrong).toString('base64').slice(0, 12));
  });

  test('a port on which nobody listens', async () => {
    const gone = await startServer();
    await gone[Symbol.asyncDispose]();
    expect((await report(settings(gone.port))).message).toBe(`localhost, port ${gone.port} refused the connection.`);
  });

  test('a name that does not exist', async () => {
    expect((await report(settings(587, { host: 'mail.invalid' }))).message).toBe(
      'The name mail.invalid could not be found.',
    );
  });

  test('a server that says nothing, within the time', async () => {
    await using silent = await startSocket(() => {});
    const result = await report(settings(silent.port));
    expect(result.message).toBe(`localhost, port ${silent.port} took the connection and said nothing.`);
  });

  test('something that is no mail server', async () => {
    await using web = await startSocket((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await report(settings(web.port))).message).toBe(`localhost, port ${web.port} is not a mail server.`);
  });

  test('TLS chosen for a port that starts without', async () => {
    await using server = await startServer();
    const result = await report(settings(server.port, { security: 'tls' }));
    expect(result.message).toContain('does not speak TLS from the start');
  });

  test('what is missing in the settings', async () => {
    expect(await report(settings(25, { host: '' }))).toMatchObject({ ok: false, message: 'No mail server is set.' });
    expect(await report(settings(25, { from: '' }))).toMatchObject({ ok: false });
  });
});

test('the times of the product are tighter than a person’s patience', () => {
  expect(mailTimes.connectMs + mailTimes.greetingMs).toBeLessThanOrEqual(20_000);
});
