// The data partition on the days when something is wrong with it: larger than before, full, damaged, not there.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { eventually, type Owner } from '../support/box.ts';
import type { RtspCamera } from '../support/rtsp.ts';
import { startVm, type Vm } from '../support/vm.ts';
import {
  addYard,
  checkedClean,
  claimedDisk,
  MINUTES,
  recordingsOf,
  recordsAgain,
  signInTo,
  startYard,
  systemOf,
} from '../support/vm-box.ts';

const GiB = 2 ** 30;
let camera: RtspCamera;
let vm: Vm;
let owner: Owner;
beforeAll(async () => {
  camera = await startYard();
  vm = await startVm({ from: await claimedDisk(), bytes: 8 * GiB, lifeMs: 18 * MINUTES });
}, 8 * MINUTES);
afterAll(async () => {
  await vm?.[Symbol.asyncDispose]();
  await camera?.stop();
});

const did = async () => {
  const { boot } = await systemOf(owner);
  return boot?.disk.kind === 'ready' ? boot.disk.did : [boot?.disk];
};

test(
  'moved to a larger card, the data partition grows, and the box is still its owner’s',
  async () => {
    owner = await signInTo(vm);
    expect(await did()).toEqual([{ kind: 'grown', fromBytes: expect.any(Number), toBytes: expect.any(Number) }]);
    const bytes = Number(await vm.run('df -B1 --output=size /data | tail -1'));
    expect(bytes).toBeGreaterThan(5 * GiB);
  },
  6 * MINUTES,
);

test(
  'a data partition that somebody else has filled costs neither the page nor what is kept',
  async () => {
    await addYard(owner, camera);
    await recordsAgain(vm, owner);
    const before = await recordingsOf(owner);
    await vm.run('fallocate -l "$(df -B1 --output=avail /data | tail -1 | tr -d " ")" /data/filled; df /data', 60_000);
    await eventually(
      'the box to have noticed',
      async () => (/full|room|space/i.test(JSON.stringify(await owner.json('/api/v1/status'))) ? true : undefined),
      60_000,
    );
    expect((await owner.fetch('/')).status).toBe(200);
    // The plug is pulled while it is full: it comes back all the same.
    const booted = vm.nextBoot();
    await vm.tryRun('echo 1 > /proc/sys/kernel/sysrq; (sleep 1; echo b > /proc/sysrq-trigger) >/dev/null 2>&1 &');
    await booted;
    owner = await signInTo(vm);
    await vm.run('rm /data/filled');
    await recordsAgain(vm, owner, new Set(before.map((r) => r.id)));
    expect(await checkedClean(vm)).toBe('');
  },
  8 * MINUTES,
);

test(
  'a damaged data partition is mended at the boot, and the recordings are still there',
  async () => {
    const before = (await recordingsOf(owner)).filter((r) => r.endMs !== undefined);
    expect(before.length).toBeGreaterThan(0);
    const booted = vm.nextBoot();
    // The first blocks, where ext4 says what it is; then at once the end, so that nothing in memory writes them again.
    await vm.tryRun(
      'sync; echo 1 > /proc/sys/kernel/sysrq; (sleep 1; dd if=/dev/zero of=/dev/vda3 bs=4096 count=2 oflag=direct; echo b > /proc/sysrq-trigger) >/dev/null 2>&1 &',
    );
    await booted;
    owner = await signInTo(vm);
    expect((await did()).map((deed) => deed?.kind)).toContain('mended');
    const after = new Set((await recordingsOf(owner)).map((r) => r.id));
    expect(before.filter(({ id }) => !after.has(id))).toEqual([]);
    await recordsAgain(vm, owner, after);
  },
  6 * MINUTES,
);

test(
  'a card without room for a data partition gets a page that says so',
  async () => {
    await vm[Symbol.asyncDispose]();
    // Ends where root ends.
    vm = await startVm({ bytes: 2_120 * 2 ** 20, lifeMs: 6 * MINUTES });
    const page = await eventually(
      'the page that says so',
      async () => {
        const answer = await fetch(vm.http, { signal: AbortSignal.timeout(5000) });
        return [await answer.text()].find((text) => text.includes('Nothing is recorded now'));
      },
      4 * MINUTES,
    );
    expect(page).toContain('larger one');
    expect(page).toContain('The box restarts itself in');
  },
  8 * MINUTES,
);
