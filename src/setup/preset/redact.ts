// nightjar.toml without its secrets, as long as before byte for byte: stars stand where the secrets stood. So it is overwritten in
// place, and half written it still reads as TOML. Kept is what is known to be no secret; a mistyped name may hold a password.

import { isPublic, isPublicName } from './schema.ts';
import { type TomlEntry, tomlEntries } from './toml-entries.ts';

/** Stands for a secret that was taken out before: three stars anywhere in the text, or nothing but stars. */
export const wasTakenOut = (text: string): boolean => /\*{3}|^\*+$/.test(text);

/** `text` has one character for each unit that must stay as long: bytes as Latin-1, or UTF-16. `isToml`: the reader accepts it. */
export function withoutSecrets(text: string, isToml: boolean): string {
  const signs = [...Array(text.length).keys()].map((i) => text[i]!);
  const star = (from: number, to: number) => {
    // Without the mark in front, UTF-16 would be taken for something else, and the file for one that was never read.
    for (let i = from; i < to; i++)
      if (!/[\r\n]/.test(signs[i]!) && !(i === 0 && signs[0] === '\ufeff')) signs[i] = '*';
  };
  let entries: readonly TomlEntry[] | undefined;
  try {
    entries = isToml ? tomlEntries(text) : undefined;
  } catch {
    // Judged line by line instead.
  }
  if (entries) {
    for (const entry of entries) if (entry.isLeaf && entry.value) starValue(text, signs, entry, star);
    starComments(text, star);
  } else starLines(text, star);
  return signs.join('');
}

type Star = (from: number, to: number) => void;

function starValue(text: string, signs: string[], { path, value }: TomlEntry, star: Star): void {
  const { from, to } = value!;
  const written = text.slice(from, to);
  const quotes = /^("""|'''|"|')/.exec(written)?.[0].length ?? 0;
  if (isPublic(path)) starSignIn(text, from, to, star);
  else if (quotes > 0) star(from + quotes, to - quotes);
  else if (!/^(true|false|.)$/.test(written)) {
    // A password without quotation marks, all digits: a text of stars is as long and still TOML.
    star(from, to);
    signs[from] = '"';
    signs[to - 1] = '"';
  }
}

/** What opens a camera in its address: rtsp://you:secret@…, …?user=you&pwd=secret */
function starSignIn(text: string, from: number, to: number, star: Star): void {
  const written = text.slice(from, to);
  for (const found of written.matchAll(/\/\/([^/\s"']+)@/g)) {
    const at = from + found.index + 2;
    star(at, at + found[1]!.length);
  }
  for (const found of written.matchAll(/[?&]([^=&?\s"']{1,60})=([^&\s"']+)/g)) {
    if (!/pass|pwd|token|key|auth/i.test(found[1]!)) continue;
    const end = from + found.index + found[0].length;
    star(end - found[2]!.length, end);
  }
}

const secretName = /pass|psk|token|secret|key|code|pin/i;

/** A line that was switched off with # may hold a password all the same. */
function starComments(text: string, star: Star): void {
  for (const found of text.matchAll(/^[ \t]*#[ \t#]*([\w."'-]+)[ \t]*=[ \t]*(?=\S)([^\r\n]*)/gm)) {
    const to = found.index + found[0].length;
    if (secretName.test(found[1]!) && found[1] !== 'keys') star(to - found[2]!.length, to);
    else starSignIn(text, to - found[2]!.length, to, star);
  }
}

/** Not TOML: only headers, comments, and lines that set something well known stay. */
function starLines(text: string, star: Star): void {
  for (const found of text.matchAll(/[^\r\n]+/g)) {
    const [line] = found;
    const [from, to] = [found.index, found.index + line.length];
    // No line of ours is so long, and the patterns below are made for short ones.
    if (line.length > 1000) {
      star(from, to);
      continue;
    }
    const isHeader = /^(?:\uFEFF|\u00ef\u00bb\u00bf)?\s*\[{0,2}[\w. -]*\]{1,2}\s*$|^\s*\[{1,2}[\w. -]*$/.test(line);
    if (isHeader || /^(?:\uFEFF|\u00ef\u00bb\u00bf)?\s*(?:#|$)/.test(line)) continue;
    const [sets = '', name = ''] = /^\s*([\w-]+)\s*=\s*(?=[^={]*$)/.exec(line) ?? [];
    if (isPublicName(name)) starSignIn(text, from, to, star);
    else star(from + (sets.length || (/^\s*[\w."'-]+\s*=\s*/.exec(line)?.[0].length ?? 0)), to);
  }
  starComments(text, star);
}
