import { describe, expect, test } from 'bun:test';
import { describeMailError } from './mail-errors.ts';
import { mailPresets } from './presets.ts';

const error = (message: string, more: object = {}) => Object.assign(new Error(message), more);
const server = (host: string, security: 'tls' | 'starttls' = 'tls') => ({ host, port: 465, security });
const refusedLogin = error('Invalid login: 535 5.7.8 Username and Password not accepted', {
  code: 'EAUTH',
  command: 'AUTH PLAIN',
  responseCode: 535,
  response: '535 5.7.8 Username and Password not accepted\r\n535 more',
});

describe('a refused password', () => {
  test.each([
    [mailPresets.gmail.host, 'app password'],
    [mailPresets.icloud.host, 'app-specific password'],
    [mailPresets.outlook.host, 'Microsoft has ended'],
    [mailPresets.fastmail.host, 'app password'],
    [mailPresets.resend.host, 're_'],
    ['mail.example.org', 'Check user name and password'],
  ])('at %p: the first line of what the server said, and what to do there', (host, advice) => {
    const fault = describeMailError(refusedLogin, server(host));
    expect(fault).toMatchObject({ message: '535 5.7.8 Username and Password not accepted', ownersFault: true });
    expect(fault.advice).toContain(advice);
  });
});

test.each([
  ['certificate has expired', false, 'has expired, or the clock'],
  ['certificate is not yet valid', false, 'is not valid yet, or the clock'],
  ['self-signed certificate', true, 'is not trusted'],
  ['unable to verify the first certificate', true, 'is not trusted'],
  ["Hostname/IP does not match certificate's altnames", true, 'is not for mail.example.org'],
])('%p is the owner’s to mend: %p', (message, ownersFault, words) => {
  const fault = describeMailError(error(message, { code: 'ESOCKET', command: 'CONN' }), server('mail.example.org'));
  expect(fault.ownersFault).toBe(ownersFault);
  expect(fault.message).toContain(words);
});

test.each([
  ['connect EHOSTUNREACH 10.0.0.1:465', { code: 'ESOCKET' }, 'There is no way from here'],
  ['Connection timeout', { code: 'ETIMEDOUT' }, 'did not answer in time'],
  ['Timeout', { code: 'ETIMEDOUT' }, 'fell silent'],
  ['read ECONNRESET', { code: 'ESOCKET' }, 'closed the connection'],
  ['Message sending aborted', { code: 'EABORT' }, 'took too long'],
  ['something\r\nnew', {}, 'something new'],
])('%p is told in plain words', (message, more, words) => {
  expect(describeMailError(error(message, more), server('mail.example.org')).message).toContain(words);
});

test('every preset is encrypted, and its port fits', () => {
  for (const { port, security } of Object.values(mailPresets)) {
    expect(security).toBe(port === 465 ? 'tls' : 'starttls');
  }
});
