import { expect, test } from 'bun:test';
import { runChild, spawnChild } from './child.ts';

test('a program that is not there is named', () => {
  expect(() => spawnChild(['nightjar-no-such-program'])).toThrow('cannot start nightjar-no-such-program');
});

test('arguments reach the program as they are; no shell reads them', async () => {
  const { stdout } = await runChild(['printf', '%s', '$(id); `id` > /tmp/x']);
  expect(new TextDecoder().decode(stdout)).toBe('$(id); `id` > /tmp/x');
});

test('a failing exit code is a value, with what the program said', async () => {
  const { code, stderr } = await runChild(['ls', '/no/such/folder']);
  expect(code).not.toBe(0);
  expect(stderr).toContain('/no/such/folder');
});

test('a child that ignores TERM is killed, and that is told by how it really ended', async () => {
  const child = spawnChild(
    ['python3', '-c', 'import signal,time\nsignal.signal(15,signal.SIG_IGN)\nprint("up",flush=True)\ntime.sleep(60)'],
    {
      killAfterMs: 100,
    },
  );
  await child.stdout.getReader().read();
  expect(await child.stop()).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a child ends with its scope and with its signal', async () => {
  let exited: Promise<unknown>;
  {
    await using child = spawnChild(['sleep', '60']);
    exited = child.exited;
  }
  expect(await exited).toEqual({ code: null, signal: 'SIGTERM' });
  const abort = new AbortController();
  const other = spawnChild(['sleep', '60'], { signal: abort.signal });
  abort.abort();
  expect(await other.exited).toEqual({ code: null, signal: 'SIGTERM' });
});

test('output without end is cut at its limit, and the program ended', async () => {
  const ran = await runChild(['cat', '/dev/zero'], { maxBytes: 100_000 });
  expect(ran.stdout.length).toBeLessThanOrEqual(100_000);
  expect(ran.signal).toBe('SIGTERM');
});

test('a program that takes too long is ended, and that is said', async () => {
  const ran = await runChild(['sleep', '60'], { timeoutMs: 50 });
  expect(ran.timedOut).toBe(true);
});
