// What the box's own screen shows, if one is plugged in: where the page is, and the claim code. Nobody logs in there. The text
// goes to `places.screen`; the system prints it whenever it changes (nightjar-screen.path). What it says is decided by its facts.

import { readFileSync } from 'node:fs';
import { replaceFile } from '../base/durable.ts';

export interface ScreenFacts {
  readonly boxName: string;
  /** The kernel's name, without `.local`. */
  readonly hostName: string;
  /** Without loopback and link-local ones, IPv4 first. */
  readonly addresses: readonly string[];
  /** Needed to make the box yours; undefined once it is somebody's. */
  readonly claimCode?: string | undefined;
  /** A sentence about what is wrong, for example from the rescue page. */
  readonly notice?: string | undefined;
}

/** Six lines or so, at most 78 characters wide: the smallest screen has 80. */
export function screenText({ boxName, hostName, addresses, claimCode, notice }: ScreenFacts): string {
  const lines = ['', `  ${printable(boxName).slice(0, 76)}`, ''];
  if (notice) lines.push(...wrapped(printable(notice)).map((line) => `  ${line}`), '');
  if (addresses.length === 0) {
    lines.push('  The box is in no network yet. Plug in a network cable.');
  } else {
    lines.push('  Open the page on a phone or a computer in the same network:', '');
    lines.push(`    http://${hostName}.local`);
    const [first, ...others] = addresses;
    const shown = [first!, ...others.filter((address) => !address.includes(':')).slice(0, 2)];
    lines.push(...shown.map((address) => `    http://${address.includes(':') ? `[${address}]` : address}`));
  }
  if (claimCode) lines.push('', `  Claim code  ${claimCode}`, '  The page asks for it once, to make this box yours.');
  return `${lines.join('\n')}\n\n`;
}

/** A name from the page must not move the cursor, clear the screen or answer for the box. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Co}]/gu, '').slice(0, 400);

function wrapped(text: string, width = 76): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').flatMap((long) => long.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Writes the text where it is shown, when it is another one than there is. Throws what the system says. Returns whether it wrote. */
export function showOnScreen(path: string, facts: ScreenFacts): boolean {
  const text = screenText(facts);
  if (text === shown(path)) return false;
  // Readable by the box alone: it holds the claim code. (The service's umask; the folder is in memory.)
  replaceFile(path, text);
  return true;
}

function shown(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
