// What stands still is started again: the service by systemd, the machine by its hardware watchdog; and what cannot be started
// says so on a page, and waits longer each time.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { eventually, type Owner } from '../support/box.ts';
import type { RtspCamera } from '../support/rtsp.ts';
import { startVm, type Vm } from '../support/vm.ts';
import {
  addYard,
  claimedDisk,
  MINUTES,
  pageOf,
  recordingsOf,
  recordsAgain,
  signInTo,
  startYard,
  systemOf,
} from '../support/vm-box.ts';

let camera: RtspCamera;
let vm: Vm;
let owner: Owner;
beforeAll(async () => {
  camera = await startYard();
  vm = await startVm({ from: await claimedDisk(), lifeMs: 20 * MINUTES });
  owner = await signInTo(vm);
  await addYard(owner, camera);
  await recordsAgain(vm, owner);
}, 12 * MINUTES);
afterAll(async () => {
  await vm?.[Symbol.asyncDispose]();
  await camera?.stop();
});

const known = async () => new Set((await recordingsOf(owner)).map((r) => r.id));
const mainPid = async () => Number(await vm.run('systemctl show -p MainPID --value nightjar.service'));

test(
  'a box that hangs is ended by the service watchdog, and records again',
  async () => {
    const before = await known();
    const pid = await mainPid();
    await vm.run(`kill -STOP ${pid}`);
    const next = await eventually(
      'another process',
      async () => [await mainPid()].find((other) => other > 0 && other !== pid),
      2 * MINUTES,
    );
    expect(next).not.toBe(pid);
    owner = await signInTo(vm);
    await recordsAgain(vm, owner, before);
    expect((await systemOf(owner)).restarts.at(-1)?.kind).toBe('watchdog');
  },
  6 * MINUTES,
);

test(
  'a kernel that crashed is reset by the hardware watchdog, and the box records again',
  async () => {
    expect(await vm.run('systemctl show -p RuntimeWatchdogUSec --value')).toMatch(/^(\d|1[0-5])s\n$/);
    const before = await known();
    const booted = vm.nextBoot(6 * MINUTES);
    // Without the kernel's own restart after a panic: what is left is the watchdog.
    await vm.run(
      'echo 1 > /proc/sys/kernel/sysrq; echo 0 > /proc/sys/kernel/panic; (sleep 1; echo c > /proc/sysrq-trigger) >/dev/null 2>&1 &',
    );
    const crashed = await eventually(
      'the crash',
      () => (/Kernel panic - not syncing: sysrq/.test(vm.serial()) ? performance.now() : undefined),
      MINUTES,
    );
    await eventually('the watchdog', () => vm.events.includes('WATCHDOG') || undefined, 2 * MINUTES);
    console.log(`reset ${((performance.now() - crashed) / 1000).toFixed(1)} s after the crash`);
    await booted;
    owner = await signInTo(vm);
    await recordsAgain(vm, owner, before);
    expect(['kernel', 'power']).toContain((await systemOf(owner)).restarts.at(-1)?.kind ?? '');
  },
  8 * MINUTES,
);

test(
  'a box that crashes again and again says so on a page, restarts the machine, and waits longer the next time',
  async () => {
    const rescue = async () => {
      // Each start gets as far as systemd knows its process. Only the main one: what notes the end is of the same unit.
      const killing = await vm.run(
        `for n in $(seq 60); do
         systemctl is-active -q nightjar-rescue.service && break
         systemctl kill --kill-whom=main -s KILL nightjar.service 2>/dev/null
         sleep 2
       done; systemctl is-active nightjar-rescue.service`,
        4 * MINUTES,
      );
      expect(killing).toBe('active\n');
      return eventually(
        'the page that says so',
        async () => {
          const answer = await fetch(vm.http, { signal: AbortSignal.timeout(5000) });
          const text = await answer.text();
          return /does not keep running/.test(text) ? text : undefined;
        },
        60_000,
      );
    };
    const first = vm.nextBoot(6 * MINUTES);
    expect(await rescue()).toContain('The box restarts itself');
    const fromMs = performance.now();
    await first;
    const firstWaitMs = performance.now() - fromMs;
    const second = vm.nextBoot(6 * MINUTES);
    await pageOf(vm);
    expect(await rescue()).toContain('restarted itself once');
    const againMs = performance.now();
    await second;
    console.log(
      `waited ${(firstWaitMs / 1000).toFixed(0)} s, then ${((performance.now() - againMs) / 1000).toFixed(0)} s`,
    );
    owner = await signInTo(vm);
    await recordsAgain(vm, owner);
    const kinds = (await systemOf(owner)).restarts.map((r) => r.kind);
    expect(kinds.filter((kind) => kind === 'crash').length).toBeGreaterThanOrEqual(2);
    expect(kinds).toContain('reboot');
  },
  14 * MINUTES,
);
