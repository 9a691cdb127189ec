import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { situationOf } from './rescue.ts';
import { lookAgainS, rescueHeaders, rescuePage } from './rescue-page.ts';
import { noRestarts } from './restarts.ts';

const situation = situationOf({ boot: undefined, record: noRestarts, isKept: true });
const view = { situation, boxName: 'nightjar-1a2b', version: '0.5.0', leftMs: 40_000 };

test('whatever a tool printed stays text', () => {
  const detail = '<script>alert(1)</script> "x" & \u001b[31mred\u0000';
  const page = rescuePage({ ...view, situation: { ...situation, detail }, boxName: '<b>' });
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &quot;x&quot; &amp; [31mred');
  expect(page).not.toContain('<script');
  expect(page).not.toContain('<b>');
});

test('its style is the only thing that its policy lets in', () => {
  const style = /<style>(.*)<\/style>/s.exec(rescuePage(view))![1]!;
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = rescueHeaders['content-security-policy']!;
  expect(policy).toContain(`style-src 'sha256-${hash}'`);
  expect(policy).toContain("default-src 'none'");
  expect(rescuePage(view)).not.toMatch(/ style=|\bon\w+=|src=|<link/);
});

test('the browser never asks while the box is away, and asks once it should be back', () => {
  expect(lookAgainS(600_000)).toBe(60);
  expect(lookAgainS(121_000)).toBe(60);
  // Asked a minute later it would come just before the restart, and then again into the middle of it.
  expect(lookAgainS(120_000)).toBe(195);
  expect(lookAgainS(0)).toBe(75);
});

test('it says when the box restarts, that it does now, or that it cannot', () => {
  expect(rescuePage(view)).toContain('The box restarts itself in 40 seconds.');
  expect(rescuePage({ ...view, leftMs: 0 })).toContain('The box restarts itself now.');
  const stuck = rescuePage({ ...view, leftMs: 0, problem: 'the system refused it.' });
  expect(stuck).toContain('cannot restart itself: the system refused it. Unplug it');
  expect(stuck).toContain('content="60"');
});
