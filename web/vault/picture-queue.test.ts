import { expect, test } from 'bun:test';
import { PictureQueue } from './picture-queue.ts';

function box() {
  const begun: string[] = [];
  const answers = new Map<string, PromiseWithResolvers<string>>();
  const queue = new PictureQueue((path) => {
    begun.push(path);
    const answer = Promise.withResolvers<string>();
    answers.set(path, answer);
    return answer.promise;
  }, 2);
  return { begun, answers, queue };
}

test('only a few are opened at once, in order, and one that fails makes room as well', async () => {
  const { begun, answers, queue } = box();
  const { signal } = new AbortController();
  const all = ['a', 'b', 'c', 'd'].map((path) => queue.open(path, 'image/jpeg', signal));
  expect(begun).toEqual(['a', 'b']);
  answers.get('b')!.resolve('blob:b');
  expect(await all[1]).toBe('blob:b');
  await Bun.sleep(0);
  expect(begun).toEqual(['a', 'b', 'c']);
  answers.get('a')!.reject(new Error('damaged'));
  expect(await all[0]!.catch((error: Error) => error.message)).toBe('damaged');
  await Bun.sleep(0);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

test('what was scrolled past is not opened', async () => {
  const { begun, answers, queue } = box();
  const { signal } = new AbortController();
  const past = new AbortController();
  void queue.open('a', 'image/jpeg', signal);
  void queue.open('b', 'image/jpeg', signal);
  const scrolled = queue.open('c', 'image/jpeg', past.signal).catch((error: unknown) => error);
  void queue.open('d', 'image/jpeg', signal);
  past.abort();
  answers.get('a')!.resolve('blob:a');
  expect(await scrolled).toBe(past.signal.reason);
  expect(begun).toEqual(['a', 'b', 'd']);
});
