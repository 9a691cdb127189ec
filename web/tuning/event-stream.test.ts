import { expect, test } from 'bun:test';
import { EventReader } from './event-stream.ts';

test('events come out whole, however the text was cut', () => {
  const text = 'event: opened\ndata: {"viewer":"v"}\n\n: here\n\nevent: frame\ndata: {"level":3}\n\n';
  for (const size of [1, 2, 7, 1000]) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...reader.push(text.slice(at, at + size)));
    expect(events).toEqual([
      { name: 'opened', data: { viewer: 'v' } },
      { name: 'frame', data: { level: 3 } },
    ]);
  }
});

test('what is no event is left out', () => {
  expect(new EventReader().push('event: frame\ndata: {broken\n\ndata: 1\n\nevent: ended\ndata: {}\n\n')).toEqual([
    { name: 'ended', data: {} },
  ]);
});
