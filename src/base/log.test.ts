import { expect, test } from 'bun:test';
import { ManualClock } from './clock.ts';
import { describeError } from './errors.ts';
import { jsonLine, LogBook, maskSecrets, plainLine } from './log.ts';

const book = (maxLines = 10) => {
  const written: string[] = [];
  const logs = new LogBook({ clock: new ManualClock(), write: (line) => written.push(plainLine(line)), maxLines });
  return { logs, written };
};

test.each([
  ['rtsp://admin:hunter2@192.168.1.20/stream1', 'rtsp://•••@192.168.1.20/stream1'],
  ['cannot open rtsp://admin:p%40ss@cam: refused', 'cannot open rtsp://•••@cam: refused'],
  ['GET /stream.mjpg?camera=yard&token=abc123', 'GET /stream.mjpg?camera=yard&token=•••'],
  ['two http://a:b@c and rtsp://d:e@f', 'two http://•••@c and rtsp://•••@f'],
  ['mail to me@example.org', 'mail to me@example.org'],
])('%s is logged as %s', (text, masked) => {
  expect(maskSecrets(text)).toBe(masked);
});

test('a secret that slips into a message or a field is masked everywhere it goes', () => {
  const { logs, written } = book();
  logs.log('camera').warn('lost rtsp://u:secret@h/s', { url: 'rtsp://u:secret@h/s' });
  expect(JSON.stringify([written, logs.recent(), logs.recent().map(jsonLine)])).not.toContain('secret');
});

test('the log in memory is capped, newest kept', () => {
  const { logs } = book(3);
  for (let n = 0; n < 10; n++) logs.log('x').info(`line ${n}`);
  expect(logs.recent().map((l) => l.message)).toEqual(['line 7', 'line 8', 'line 9']);
});

test('one event is one line, whatever is in it', () => {
  const error = new Error('a\nb', { cause: new Error('c') });
  expect(describeError(error)).toBe('a b: c');
});
