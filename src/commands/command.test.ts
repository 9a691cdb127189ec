import { expect, test } from 'bun:test';
import { readHostPort, readOptions } from './command.ts';

test.each([
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
  ['[::]:8443', { host: '::', port: 8443 }],
  ['8080', { host: '0.0.0.0', port: 8080 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
])('%s is read as an address', (text, expected) => {
  expect(readHostPort(text, '--http')).toEqual(expected);
});

test.each(['', 'host', 'host:', '1.2.3.4:99999', 'a b:80', 'http://x:80'])('%j is refused with an example', (text) => {
  expect(() => readHostPort(text, '--http')).toThrow('--http must be HOST:PORT, for example');
});

test('an unknown option is named', () => {
  expect(() => readOptions(['--dtaa', 'x'], { data: { type: 'string' } })).toThrow("Unknown option '--dtaa'");
});
