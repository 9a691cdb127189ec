import { describe, expect, test } from 'bun:test';
import type { Alert } from './alert.ts';
import { type MessageContext, spell, when, writeMessage } from './message.ts';

const motion: Alert = {
  kind: 'motion',
  cameraId: 'door',
  cameraName: 'Front door',
  atMs: Date.UTC(2026, 10, 21, 1, 14, 7),
  level: 37.4,
  recordingId: 'r1',
};
const context: MessageContext = {
  boxName: 'Home',
  timeZone: 'Europe/Berlin',
  link: 'https://box.example/recordings/r1',
  hasPicture: true,
};

describe('a motion mail', () => {
  test('says what, where, when in the owner’s zone, how strong, and leads to the recording', () => {
    const { subject, text } = writeMessage(motion, context);
    expect(subject).toBe('Home: Motion at Front door');
    expect(text).toContain('Camera: Front door\n');
    expect(text).toContain('When: Saturday 21 November 2026, 02:14:07 (Europe/Berlin)\n');
    expect(text).toContain('Motion level: 37 of 100\n');
    expect(text).toContain('Recording: was running\n');
    expect(text).toContain('Watch the recording: https://box.example/recordings/r1\n');
  });

  test('says that something was recorded only when it was', () => {
    const { recordingId: _, ...unrecorded } = motion;
    const { text, html } = writeMessage(unrecorded, context);
    expect(text).toContain('Recording: none was running');
    expect(text + html).not.toContain('Watch the recording');
  });

  test('shows the attached picture, and none when there is none', () => {
    expect(writeMessage(motion, context).html).toContain('src="cid:picture@nightjar"');
    const without = writeMessage(motion, { ...context, hasPicture: false });
    expect(without.html).not.toContain('<img');
    expect(without.text).toContain('There is no picture with this mail.');
  });

  test('loads nothing from anywhere', () => {
    const { html } = writeMessage(motion, context);
    const addresses = [...html.matchAll(/(?:src|href|url\()[="']*([^"')]+)/g)].map((m) => m[1]);
    expect(addresses.toSorted()).toEqual(['cid:picture@nightjar', 'https://box.example/recordings/r1']);
  });

  test('that waited for the mail server says so', () => {
    expect(writeMessage(motion, { ...context, waitedMs: 65 * 60_000 }).text).toContain('1 hour 5 minutes late');
    expect(writeMessage(motion, { ...context, waitedMs: 30_000 }).text).not.toContain('late');
  });
});

test('no name can add a header, a line or markup', () => {
  const evil = 'Door\r\nBcc: eve@example.com\r\n\r\n<script>alert("1")</script>';
  const { subject, text, html } = writeMessage({ ...motion, cameraName: evil }, { ...context, boxName: evil });
  expect(subject).not.toMatch(/[\r\n]/);
  expect(text).not.toMatch(/^Bcc:/m);
  expect(html).not.toContain('<script');
  expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)');
});

test.each(['javascript:alert(1)', 'data:text/html,x', 'not a link', ''])('a link such as %p is left out', (link) => {
  const { html, text } = writeMessage(motion, { ...context, link });
  expect(html).not.toContain('<a ');
  expect(text).not.toContain('Watch the recording');
});

test('a quote in a link cannot leave its attribute', () => {
  const { html } = writeMessage(motion, { ...context, link: `https://box.example/?a="onclick='x'` });
  expect(html).not.toContain(`"onclick`);
  expect(html).not.toContain(`'x'`);
});

test('a lost camera is named with its fault and what to do', () => {
  const lost: Alert = {
    kind: 'camera-lost',
    cameraId: 'yard',
    cameraName: 'Yard',
    sinceMs: motion.atMs,
    message: 'The camera refuses the password.',
    advice: 'Type it in again under Settings.',
    outages: 3,
  };
  const { subject, text } = writeMessage(lost, context);
  expect(subject).toBe('Home: Yard is lost');
  for (const words of ['refuses the password.', 'Type it in again', 'lost 3 times', 'Lost since: Saturday']) {
    expect(text).toContain(words);
  }
});

test('a camera that is back says how long it was away', () => {
  const back: Alert = {
    kind: 'camera-back',
    cameraId: 'yard',
    cameraName: 'Yard',
    sinceMs: motion.atMs,
    awayMs: 3_900_000,
    outages: 0,
  };
  expect(writeMessage(back, context).text).toContain('Was away for: 1 hour 5 minutes');
});

test('times follow daylight saving', () => {
  expect(when(Date.UTC(2026, 6, 1, 22, 30), 'Europe/Berlin')).toBe('Thursday 2 July 2026, 00:30:00 (Europe/Berlin)');
});

test.each([
  [400, '1 second'],
  [40_000, '40 seconds'],
  [120_000, '2 minutes'],
  [3_600_000, '1 hour'],
  [3_660_000, '1 hour 1 minute'],
  [72 * 3_600_000, '3 days'],
])('%p ms are spelt %p', (ms, words) => {
  expect(spell(ms)).toBe(words);
});
