import { expect, test } from 'bun:test';
import { nobody, systemNotifier } from './notifier.ts';

const env = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '45000000' };

function told(more: Record<string, string | undefined> = {}) {
  const lines: string[] = [];
  const notifier = systemNotifier(
    { ...env, ...more },
    { pid: 7, send: (socket, text) => lines.push(`${socket} ${text}`) },
  );
  return { notifier, lines };
}

test('systemd is told in its own words', () => {
  const { notifier, lines } = told();
  notifier.moreTime(60_000);
  notifier.ready();
  notifier.alive();
  notifier.status('not well:\nthe disk does not answer');
  notifier.stopping();
  expect(lines).toEqual([
    '/run/systemd/notify EXTEND_TIMEOUT_USEC=60000000',
    '/run/systemd/notify READY=1',
    '/run/systemd/notify WATCHDOG=1',
    '/run/systemd/notify STATUS=not well: the disk does not answer',
    '/run/systemd/notify STOPPING=1',
  ]);
});

test('the watchdog is ours only when it is meant for this process', () => {
  expect(told().notifier.watchdogMs).toBe(45_000);
  expect(told({ WATCHDOG_PID: '7' }).notifier.watchdogMs).toBe(45_000);
  expect(told({ WATCHDOG_PID: '8' }).notifier.watchdogMs).toBeUndefined();
  expect(told({ WATCHDOG_USEC: undefined }).notifier.watchdogMs).toBeUndefined();
});

test('where nobody listens, nothing is sent and nothing is loaded', () => {
  expect(systemNotifier({})).toBe(nobody);
  expect(systemNotifier({ NOTIFY_SOCKET: 'relative' })).toBe(nobody);
});
