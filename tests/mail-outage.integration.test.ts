// The mail server is away while things happen and the box is killed; then both come back: every alert arrives, once, with
// its picture, which a kill does not cost (power would: `src/alerts/outbox.test.ts`). And what a server that encrypts says to a test mail reaches the owner in the server's own words.

import { expect, test } from 'bun:test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates, readMail, reply, startServer } from '../src/alerts/fixture-server.ts';
import type { EventView, MailTestReport, RecordingPage, StatusView } from '../src/http/api.ts';
import { type Client, eventually, startBox } from './support/box.ts';
import { lastingPort } from './support/port.ts';
import { startRtsp } from './support/rtsp.ts';

async function setMail(client: Client, more: object): Promise<void> {
  const { mail } = await client.json<{ mail: object }>('/api/v1/settings');
  const here = { enabled: true, host: '127.0.0.1', from: 'box@example.org', to: ['me@example.org'] };
  await client.json('/api/v1/settings/mail', {
    method: 'PUT',
    json: { ...mail, ...here, ...more, proof: client.proof },
  });
}

test('three visits while the mail server is away and the box is killed: three mails, each once and with its picture', async () => {
  await using camera = await startRtsp('--visitor', '6', '--noise');
  const port = lastingPort();
  await using before = await startBox();
  const client = await before.claim();
  await setMail(client, { port, security: 'none' });
  await client.json('/api/v1/cameras', {
    method: 'POST',
    json: {
      name: 'Yard',
      source: { kind: 'rtsp', url: camera.url },
      motion: { mergeGapS: 1 },
      alerts: { coolDownS: 0, mailOnLost: false },
    },
  });
  const events = (from: Client) => from.json<EventView[]>('/api/v1/events');
  await eventually('three visits', async () =>
    (await events(client)).filter((e) => e.endMs !== undefined).length >= 3 ? true : undefined,
  );
  const { outbox } = await client.json<StatusView>('/api/v1/status');
  expect(outbox.waiting).toBeGreaterThanOrEqual(3);
  expect(outbox.lastError).toBeTruthy();
  await before.kill();
  await camera.stop();

  await using server = await startServer({ port });
  await using box = await startBox({ dataDir: before.dataDir });
  const again = await box.signIn();
  const seen = await events(again);
  await eventually('every mail', () => (server.received.length >= seen.length ? true : undefined));
  await eventually('an empty outbox', async () =>
    (await again.json<StatusView>('/api/v1/status')).outbox.waiting === 0 ? true : undefined,
  );
  expect((await events(again)).map((e) => e.mail)).toEqual(seen.map(() => 'sent'));
  const mails = await Promise.all(server.received.map((m) => readMail(m.raw)));
  expect(new Set(mails.map((m) => m.headers['message-id']?.[0])).size).toBe(seen.length);
  expect(mails).toHaveLength(seen.length);
  for (const { parts } of mails) {
    const picture = parts.find((p) => p.type === 'image/jpeg');
    expect(
      Buffer.from(picture?.base64 ?? '', 'base64')
        .subarray(0, 3)
        .toString('hex'),
    ).toBe('ffd8ff');
  }
}, 90_000);

test('a kill just as something moves: the mail comes after the restart, once, with its picture or where it is', async () => {
  await using camera = await startRtsp('--visitor', '6', '--noise');
  await using server = await startServer();
  const dataDir = mkdtempSync(join(tmpdir(), 'nightjar-cut-'));
  const events = (from: Client) => from.json<EventView[]>('/api/v1/events');
  // Each time a little later: before the mail is on the disk, before its picture is, before the server has it, after.
  for (const afterMs of [0, 30, 300, 900]) {
    const box = await startBox({ dataDir });
    const isNew = box.claimCode !== undefined;
    const client = isNew ? await box.claim() : await box.signIn();
    if (isNew) {
      await setMail(client, { port: server.port, security: 'none' });
      await client.json('/api/v1/cameras', {
        method: 'POST',
        json: {
          name: 'Yard',
          source: { kind: 'rtsp', url: camera.url },
          alerts: { coolDownS: 0, mailOnLost: false },
        },
      });
    }
    const known = (await events(client)).length;
    await eventually('a visit that is being recorded', async () => {
      if ((await events(client)).length <= known) return undefined;
      const { recordings } = await client.json<RecordingPage>('/api/v1/recordings?limit=1');
      return recordings[0]?.endMs === undefined && (recordings[0]?.durationMs ?? 0) > 0 ? true : undefined;
    });
    await Bun.sleep(afterMs);
    await box.kill();
  }
  await using box = await startBox({ dataDir });
  const client = await box.signIn();
  // Nothing more to see: what is counted is what was there.
  await client.json('/api/v1/cameras/yard', { method: 'DELETE' });
  const seen = await eventually('no mail to be waiting', async () => {
    const all = await events(client);
    return all.every((e) => e.mail === 'sent') ? all : undefined;
  });
  expect(seen.length).toBeGreaterThanOrEqual(4);
  const mails = await Promise.all(server.received.map((m) => readMail(m.raw)));
  expect(new Set(mails.map((m) => m.headers['message-id']?.[0])).size).toBe(seen.length);
  for (const { parts } of mails) {
    // Killed before the picture was in the outbox: the recording has it, and only its owner can open that.
    const text = Buffer.from(parts.find((p) => p.type === 'text/plain')?.base64 ?? '', 'base64').toString();
    const saysWhere = text.includes('What was seen is in the recording.');
    expect(parts.some((p) => p.type === 'image/jpeg')).toBe(!saysWhere);
  }
}, 120_000);

test('a test mail through STARTTLS and through TLS reports what the server said, or what is wrong with its certificate', async () => {
  const { good } = await makeCertificates();
  const options = { ...good, authOptional: true, disabledCommands: [] as string[], onAuth: undefined as never };
  await using starttls = await startServer({ ...options, secure: false, hideSTARTTLS: false });
  await using tls = await startServer({ ...options, secure: true });
  await using box = await startBox();
  const client = await box.claim();
  const answer = async (more: object) => {
    await setMail(client, more);
    return await client.json<MailTestReport>('/api/v1/mail/test', { method: 'POST', json: {} });
  };
  for (const [security, server] of [
    ['starttls', starttls],
    ['tls', tls],
  ] as const) {
    const here = { port: server.port, security };
    const distrusted = await answer({ ...here, verifyCertificate: true });
    expect(distrusted.ok).toBe(false);
    expect(`${distrusted.message} ${distrusted.advice}`).toMatch(/certificate/i);
    expect(server.received).toHaveLength(0);
    const taken = await answer({ ...here, verifyCertificate: false });
    expect(taken).toMatchObject({ ok: true, message: expect.stringContaining('kept as 4711') });
    expect(server.received[0]?.secure).toBe(true);
    server.answers = { rcpt: () => reply(550, 'no such mailbox in this house') };
    const refused = await answer({ ...here, verifyCertificate: false });
    expect(refused).toMatchObject({ ok: false, message: expect.stringContaining('no such mailbox in this house') });
  }
  // A server that does not encrypt gets no mail where encryption is wanted.
  await using plain = await startServer();
  expect((await answer({ port: plain.port, security: 'starttls' })).ok).toBe(false);
  expect(plain.received).toHaveLength(0);
}, 60_000);
