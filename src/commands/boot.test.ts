import { expect, test } from 'bun:test';
import { boot } from './boot.ts';

const terminal = (env: Record<string, string>) => {
  const said: string[] = [];
  return { said, io: { out: (text: string) => void said.push(text), err() {}, env, isTerminal: false } };
};

test('on somebody’s own Linux it refuses, also when a service starts it', async () => {
  await expect(boot([], terminal({}).io)).rejects.toThrow('done by the Nightjar image itself');
  await expect(boot([], terminal({ INVOCATION_ID: '0123' }).io)).rejects.toThrow('done by the Nightjar image itself');
});

test('it says what it is for', async () => {
  const { said, io } = terminal({});
  expect(await boot(['--help'], io)).toBe(0);
  expect(said.join()).toContain('refuses to be started on anything but the image');
});
