// The rescue page itself: one file without script, pictures or fonts, so that nothing else has to work. It loads itself anew
// while the box waits, and once more when the box should be back.

import { createHash } from 'node:crypto';
import { type Situation, waitInWords } from './rescue.ts';

export interface RescueView {
  readonly situation: Situation;
  readonly boxName: string;
  readonly version: string;
  /** Until the box restarts itself; 0: it does so now. */
  readonly leftMs: number;
  /** Why the box cannot restart itself, as a sentence. */
  readonly problem?: string;
}

/** Not so often that it disturbs who reads. */
const LOOK_AGAIN_S = 60;
/** A Pi is back in about half a minute; an old card takes longer. */
const BACK_AFTER_S = 75;

/** When the browser asks again. Not while the box is away: a browser's own error page never asks again. */
export function lookAgainS(leftMs: number): number {
  const leftS = Math.ceil(leftMs / 1000);
  return leftS > 2 * LOOK_AGAIN_S ? LOOK_AGAIN_S : leftS + BACK_AFTER_S;
}

export function rescuePage({ situation, boxName, version, leftMs, problem }: RescueView): string {
  const next = problem
    ? `The box cannot restart itself: ${problem} Unplug it, wait ten seconds and plug it in again.`
    : leftMs > 0
      ? `The box restarts itself in ${waitInWords(leftMs)}.`
      : 'The box restarts itself now.';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${problem ? LOOK_AGAIN_S : lookAgainS(leftMs)}">
<title>${html(situation.title)}: ${html(boxName)}</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="name">${html(boxName)}</p>
<h1>${html(situation.title)}</h1>
<p>${html(situation.message)}</p>
<h2>What happens next</h2>
<p role="status">${html(next)}</p>
<p class="soft">This page looks again by itself. If it stops, load it again two minutes later.</p>
<h2>What you can do</h2>
<p>${html(situation.advice)}</p>
${situation.detail ? `<details><summary>What the box found</summary><pre>${html(situation.detail)}</pre></details>` : ''}
<footer>Nightjar ${html(version)}</footer>
</main>
</body>
</html>
`;
}

/** The colours of the page itself: web/styles/tokens.css. */
const style = `
:root{color-scheme:light dark;--ground:#f5f3ee;--surface:#fff;--sunken:#ebe8e0;--line:#d9d4c8;--ink:#1c2329;--soft:#535a5f;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ground:#0e1317;--surface:#171e24;--sunken:#0a0e11;--line:#2b363f;--ink:#e9e6df;--soft:#a7b0b6;--bad:#ff8a7e}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;overflow-wrap:break-word}
main{max-width:34rem;margin:0 auto;padding:clamp(24px,8vh,96px) 20px 40px}
p,h1,h2{margin:0}
.name{color:var(--soft);margin-bottom:8px}
h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;padding-left:14px;border-left:4px solid var(--bad);margin-bottom:14px}
h2{font-size:1.0625rem;line-height:1.35;margin:28px 0 6px}
.soft,footer{color:var(--soft);font-size:.875rem}
.soft{margin-top:4px}
details{margin-top:24px}
summary{cursor:pointer;padding:8px 0}
pre{margin:4px 0 0;padding:12px;background:var(--sunken);border:1px solid var(--line);border-radius:8px;font:.8125rem/1.45 ui-monospace,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
footer{margin-top:40px;padding-top:12px;border-top:1px solid var(--line)}
`;

export const rescueHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What came from tools and files is text, whatever is in it; characters that a terminal obeys are dropped. */
const html = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '').replace(/[&<>"']/g, (char) => entities[char]!);
