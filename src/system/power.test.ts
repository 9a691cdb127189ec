import { expect, test } from 'bun:test';
import type { Ran } from '../base/child.ts';
import { systemPower } from './power.ts';

const ran = (more: Partial<Ran> = {}): Ran => ({
  code: 0,
  signal: null,
  stdout: new Uint8Array(),
  stderr: '',
  timedOut: false,
  ...more,
});

test('systemd is asked, without a shell and without a question on a terminal', async () => {
  const asked: string[] = [];
  const power = systemPower(async (argv) => {
    asked.push(argv.join(' '));
    return ran();
  });
  await power.restart();
  await power.powerOff();
  expect(asked).toEqual([
    'systemctl --no-ask-password --no-wall reboot',
    'systemctl --no-ask-password --no-wall poweroff',
  ]);
});

test('a refusal is a sentence for the owner, with what systemd said behind it', async () => {
  const refused = systemPower(async () =>
    ran({ code: 1, stderr: 'Call to Reboot failed:\nAccess denied\n' }),
  ).restart();
  await expect(refused).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'the box cannot be restarted from here; unplug it and plug it in again',
    cause: new Error('Access denied'),
  });
  const silent = systemPower(async () => ran({ code: null, signal: 'SIGTERM', timedOut: true })).powerOff();
  await expect(silent).rejects.toMatchObject({ kind: 'unavailable', cause: new Error('systemd does not answer') });
  const absent = systemPower(() => Promise.reject(new Error('cannot start systemctl'))).restart();
  await expect(absent).rejects.toMatchObject({ kind: 'unavailable' });
});

test('an order that ended with the box itself was taken', async () => {
  await systemPower(async () => ran({ code: null, signal: 'SIGTERM' })).restart();
});
