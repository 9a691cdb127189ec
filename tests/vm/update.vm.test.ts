// Updates of the executable on the real box: not signed, cut short, one that does not run, and a good one.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import nacl from 'tweetnacl';
import type { UpdateView } from '../../src/http/api.ts';
import { packRelease } from '../../src/system/update/pack.ts';
import { hex } from '../../src/vault/bytes.ts';
import { eventually, executable, type Owner } from '../support/box.ts';
import { startVm, type Vm, type VmOptions } from '../support/vm.ts';
import { claimedDisk, MINUTES, pageOf, signInTo, systemOf } from '../support/vm-box.ts';

const keys = nacl.sign.keyPair();
/** The image as shipped knows no key of a test: this one is laid over its file, for the service alone. */
const knowsKey: VmOptions = {
  lifeMs: 20 * MINUTES,
  credentials: {
    'tmpfiles.extra': `d /run/vm 0755 root root -\nf+ /run/vm/release-keys 0644 root root - ${hex(keys.publicKey)}\n`,
    'systemd.unit-dropin.nightjar.service':
      '[Service]\nBindReadOnlyPaths=/run/vm/release-keys:/usr/share/nightjar/release-keys\n',
  },
};
const release = async (bytes: Uint8Array, version: string, secretKey = keys.secretKey) =>
  (
    await packRelease({
      executable: bytes,
      version,
      machine: 'amd64',
      notes: `What is new in ${version}.`,
      releasedAtMs: Date.now(),
      secretKey,
      level: 3,
    })
  ).file;

let vm: Vm;
let owner: Owner;
beforeAll(async () => {
  vm = await startVm({ ...knowsKey, from: await claimedDisk() });
  owner = await signInTo(vm);
}, 10 * MINUTES);
afterAll(() => vm?.[Symbol.asyncDispose]());

const upload = async (file: Uint8Array, allowOlder = false): Promise<Response> => {
  const { ticket } = await owner.json<{ ticket: string }>('/api/v1/system/update/ticket', {
    method: 'POST',
    json: { proof: owner.proof, allowOlder },
  });
  return fetch(`${vm.http}/api/v1/system/update/${ticket}`, {
    method: 'PUT',
    headers: { cookie: owner.cookie, origin: vm.http, 'content-type': 'application/octet-stream' },
    body: file as Uint8Array<ArrayBuffer>,
    signal: AbortSignal.timeout(3 * MINUTES),
  });
};
/** Sends as fast as it is taken, and keeps the connection. What comes back is in `said`. */
async function sendBytes(bytes: Uint8Array, port: number): Promise<{ said: string; end(): void }> {
  const sending = { said: '', end: () => {} };
  let left = bytes;
  const drain = (socket: Bun.Socket) => {
    left = left.subarray(Math.max(0, socket.write(left)));
  };
  const data = (_: Bun.Socket, more: Uint8Array) => {
    sending.said += Buffer.from(more).toString();
  };
  const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { open: drain, drain, data } });
  sending.end = () => socket.end();
  return sending;
}
const settled = (what: string, version: string) =>
  eventually(
    what,
    async () => {
      const { slot, update } = await systemOf(await signInTo(vm));
      return update.last?.version === version && update.state.kind !== 'trial' ? { slot, ...update.last } : undefined;
    },
    4 * MINUTES,
  );

test(
  'an update that nobody known has signed is refused, and nothing of it stays',
  async () => {
    const stranger = nacl.sign.keyPair();
    const answer = await upload(await release(new Uint8Array(5000), '98.0.0', stranger.secretKey));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('not signed');
    const { slot, update } = await systemOf(owner);
    expect({ slot, state: update.state.kind, hasKeys: update.hasKeys }).toEqual({
      slot: 'factory',
      state: 'idle',
      hasKeys: true,
    });
    expect((await vm.run('find /data/update -type f -size +0 -name nightjar')).trim()).toBe('');
  },
  3 * MINUTES,
);

test(
  'an older version is refused without the owner’s word',
  async () => {
    const answer = await upload(await release(new Uint8Array(5000), '0.0.1-before'));
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain('older');
  },
  3 * MINUTES,
);

test(
  'an update that crashes at its start is taken back, and the page says so',
  async () => {
    const broken = await release(new TextEncoder().encode('#!/bin/sh\nexit 3\n'), '98.1.0');
    const answer = await upload(broken);
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as UpdateView).state.kind).toBe('restarting');
    const { slot, outcome, message } = await settled('the old version to be back', '98.1.0');
    expect({ slot, outcome }).toEqual({ slot: 'factory', outcome: 'rolled-back' });
    expect(message).toContain('98.1.0');
  },
  6 * MINUTES,
);

test(
  'the plug is pulled while an update is written: the box comes up as it was, and takes the update the next time',
  async () => {
    owner = await signInTo(vm);
    const good = await release(readFileSync(executable), '99.0.0');
    const disk = vm.disk;
    const { ticket } = await owner.json<{ ticket: string }>('/api/v1/system/update/ticket', {
      method: 'POST',
      json: { proof: owner.proof },
    });
    // Half of it, and then nothing more. By hand: no client sends less than it announced.
    const head = [
      `PUT /api/v1/system/update/${ticket} HTTP/1.1`,
      `host: ${new URL(vm.http).host}`,
      `origin: ${vm.http}`,
      `cookie: ${owner.cookie}`,
      'content-type: application/octet-stream',
      `content-length: ${good.length}`,
      '\r\n',
    ].join('\r\n');
    const half = Buffer.concat([Buffer.from(head), good.subarray(0, good.length / 2)]);
    const sending = await sendBytes(half, Number(new URL(vm.http).port));
    await eventually(
      'half of the update to be on the disk',
      async () => {
        if (sending.said !== '') throw new Error(`the box has answered already: ${sending.said}`);
        return Number(await vm.run('du -sm /data/update | cut -f1')) >= 20 || undefined;
      },
      2 * MINUTES,
    );
    await using first = vm;
    await first.cutPower();
    sending.end();
    vm = await startVm({ ...knowsKey, disk });
    owner = await signInTo(vm);
    const before = await systemOf(owner);
    expect({ slot: before.slot, state: before.update.state.kind }).toEqual({ slot: 'factory', state: 'idle' });

    const answer = await upload(good);
    expect({ status: answer.status, said: answer.ok ? '' : await answer.text() }).toEqual({ status: 200, said: '' });
    const after = await settled('the update to be found healthy', '99.0.0');
    expect(after).toMatchObject({ slot: expect.stringMatching(/^[ab]$/), outcome: 'holds' });
  },
  14 * MINUTES,
);

test(
  'an update that holds is what runs after a reboot',
  async () => {
    const booted = vm.nextBoot();
    await vm.run('systemctl reboot');
    await booted;
    await pageOf(vm);
    expect((await systemOf(await signInTo(vm))).slot).toMatch(/^[ab]$/);
    expect(await vm.run('readlink /proc/$(systemctl show -p MainPID --value nightjar.service)/exe')).toMatch(
      /^\/data\/update\/[ab]\//,
    );
  },
  6 * MINUTES,
);
