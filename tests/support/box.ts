// A real box for tests and measurements: the compiled executable in a process of its own, on ports the system chose.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Keyring, LoginParameters, SessionView, VaultView } from '../../src/http/api.ts';
import { hex, unhex } from '../../src/vault/bytes.ts';
import { openSealed, type SealReader } from '../../src/vault/open.ts';
import { passphraseSecrets } from '../../src/vault/passphrase.ts';
import { claimVault, pairsOf, type Unlocked, unlock } from '../../src/vault/people.ts';
import { sourceOf } from '../../src/vault/walk.ts';

export const executable = process.env.NIGHTJAR_EXECUTABLE ?? resolve(import.meta.dir, '../../dist/nightjar');

export interface TestBox extends AsyncDisposable {
  readonly pid: number;
  readonly dataDir: string;
  readonly http: string;
  readonly https: string;
  /** Present until somebody has claimed the box. */
  readonly claimCode: string | undefined;
  /** Milliseconds from the start of the process to the announced address. */
  readonly startMs: number;
  log(): string;
  /** Makes a vault as the page does, with a cheap passphrase, claims the box with it, and answers its owner. */
  claim(): Promise<Owner>;
  /** Signs in by passphrase and opens the vault. */
  signIn(): Promise<Owner>;
  /** TERM, as systemd does. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** KILL, as a power cut does. */
  kill(): Promise<void>;
}

/** Requests as the page makes them: with the cookie, and an Origin of the box itself. */
export interface Client {
  readonly cookie: string;
  /** What shows that the passphrase was typed; '' for who did not. */
  readonly proof: string;
  fetch(
    path: string,
    init?: { method?: string; json?: unknown; headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Response>;
  /** The answer's JSON; throws with the body when the status is not 2xx. */
  json<T = unknown>(path: string, init?: { method?: string; json?: unknown }): Promise<T>;
}

/** A client that holds what opens recordings, as a page does after signing in. */
export interface Owner extends Client {
  readonly keyring: Keyring;
  readonly unlocked: Unlocked;
  /** Present after `claim`. */
  readonly recoveryKey: Uint8Array | undefined;
  /** A reader of sealed bytes; give it what a route answered or what lies in the recordings folder. */
  open(sealed: Uint8Array): Promise<SealReader>;
}

/** The least that a vault accepts: tests sign in often. */
export const cheapCost = { n: 16_384, r: 8, p: 1 };

export const owner = { name: 'Robin', passphrase: 'a quiet night in the yard' };

export async function startBox(
  options: { readonly dataDir?: string; readonly args?: readonly string[]; readonly env?: Record<string, string> } = {},
): Promise<TestBox> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'nightjar-box-'));
  const started = performance.now();
  const child = Bun.spawn(
    [executable, 'run', '--data', dataDir, '--http', '127.0.0.1:0', '--https', '127.0.0.1:0', ...(options.args ?? [])],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '', HOME: dataDir, ...options.env } },
  );
  let log = '';
  void (async () => {
    for await (const chunk of child.stderr) log = (log + Buffer.from(chunk).toString()).slice(-200_000);
  })();
  let out = '';
  const reader = child.stdout.getReader();
  const deadline = Date.now() + 30_000;
  while (!/https:\/\/\S+/.test(out) || !out.endsWith('\n\n')) {
    const { value, done } = await reader.read();
    if (done || Date.now() > deadline) throw new Error(`the box did not start:\n${out}${log}`);
    out += Buffer.from(value).toString();
  }
  const startMs = performance.now() - started;
  void (async () => {
    while (!(await reader.read()).done);
  })();
  const http = /http:\/\/\S+/.exec(out)?.[0] ?? '';
  const claimCode = /Claim code\s+(\S+)/.exec(out)?.[1];
  const visitor = visitorOf(http);
  const stop = async () => {
    child.kill('SIGTERM');
    await child.exited;
    return child.exitCode;
  };
  return {
    pid: child.pid,
    dataDir,
    http,
    https: /https:\/\/\S+/.exec(out)?.[0] ?? '',
    claimCode,
    startMs,
    log: () => log,
    claim: () => visitor.claim(claimCode),
    signIn: visitor.signIn,
    stop,
    async kill() {
      child.kill('SIGKILL');
      await child.exited;
    },
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

/** Somebody who opens the page of a box, wherever it runs. */
export interface Visitor extends Client {
  claim(code: string | undefined): Promise<Owner>;
  signIn(): Promise<Owner>;
}

export function visitorOf(http: string): Visitor {
  const stranger = client(http, '', '');
  const sign = async (path: string, json: unknown): Promise<Client> => {
    const answer = await stranger.fetch(path, { method: 'POST', json });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const proof = (json as { readonly signIn?: string }).signIn ?? '';
    return client(http, answer.headers.get('set-cookie')?.split(';')[0] ?? '', proof);
  };
  return {
    ...stranger,
    async claim(code) {
      const { deviceKey } = await stranger.json<SessionView>('/api/v1/session');
      const newOwner = { id: crypto.randomUUID(), passphrase: owner.passphrase };
      const made = await claimVault(newOwner, unhex(deviceKey, 32)!, Date.now(), undefined, cheapCost);
      const { keyring } = made;
      const signIn = hex(made.owner.signIn);
      const signedIn = await sign('/api/v1/claim', { ...(code ? { code } : {}), name: owner.name, keyring, signIn });
      const unlocked = await unlock(keyring, newOwner.id, owner.passphrase);
      return ownerOf(signedIn, keyring, unlocked, made.recoveryKey);
    },
    async signIn() {
      const { name, passphrase } = owner;
      const json = { name };
      const asked = await stranger.json<LoginParameters>('/api/v1/login/parameters', { method: 'POST', json });
      const secrets = await passphraseSecrets(passphrase, asked, asked.personId);
      const signedIn = await sign('/api/v1/login', { name, signIn: hex(secrets.signIn) });
      const { keyring } = await signedIn.json<VaultView>('/api/v1/vault');
      return ownerOf(signedIn, keyring, await unlock(keyring, asked.personId, passphrase), undefined);
    },
  };
}

function client(base: string, cookie: string, proof: string): Client {
  const request: Client['fetch'] = (path, { method = 'GET', json, headers = {}, signal } = {}) =>
    fetch(`${base}${path}`, {
      method,
      headers: {
        cookie,
        origin: base,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(signal ? { signal } : {}),
    });
  return {
    cookie,
    proof,
    fetch: request,
    async json<T>(path: string, init?: { method?: string; json?: unknown }) {
      const answer = await request(path, init);
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${init?.method ?? 'GET'} ${path}: ${answer.status} ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
  };
}

const ownerOf = (
  signedIn: Client,
  keyring: Keyring,
  unlocked: Unlocked,
  recoveryKey: Uint8Array | undefined,
): Owner => ({
  ...signedIn,
  keyring,
  unlocked,
  recoveryKey,
  open: (sealed) => openSealed(sourceOf(sealed), { kind: 'vault', pair: pairsOf(unlocked) }),
});

/** Asks until the answer is not undefined. Throws what was waited for when it takes too long. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  withinMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    await Bun.sleep(100);
  }
  throw new Error(`waited ${withinMs / 1000} s in vain for ${what}`, { cause: last });
}
