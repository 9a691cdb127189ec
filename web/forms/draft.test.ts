import { expect, test } from 'bun:test';
import { issueFor, numberFrom, sameDraft, valueAt, withValue } from './draft.ts';

test('changing a value leaves what came from the box as it was', () => {
  const before = { a: { b: 1, c: 2 }, d: 3 };
  const after = withValue(before, 'a.b', 9);
  expect(after).toEqual({ a: { b: 9, c: 2 }, d: 3 });
  expect(before.a.b).toBe(1);
  expect(valueAt(after, 'a.b')).toBe(9);
  expect(valueAt(after, 'x.y')).toBeUndefined();
  expect(sameDraft(before, withValue(after, 'a.b', 1))).toBe(true);
});

test('a message finds its field, with or without the section in front, and inside lists', () => {
  const issues = [
    { path: 'mail.host', message: 'unknown' },
    { path: 'to.1', message: 'must be a mail address' },
  ];
  expect(issueFor(issues, 'host', 'mail')).toBe('unknown');
  expect(issueFor(issues, 'to', 'mail')).toBe('must be a mail address');
  expect(issueFor(issues, 'port', 'mail')).toBeUndefined();
});

test('numbers are read as people type them', () => {
  expect(['5', ' 0,5 ', '.5', '-3', '', '1e9', 'abc', '1.2.3'].map(numberFrom)).toEqual([
    5,
    0.5,
    0.5,
    -3,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
