// What e2fsck's exit code means for us (its manual, "EXIT CODE"). Replaying the journal after a power cut is an ordinary day and
// ends with 0; 1 means that something really was wrong.

import type { ToolResult } from './tools.ts';

export type CheckVerdict =
  | { readonly kind: 'clean' }
  | { readonly kind: 'mended'; readonly detail: string }
  /** Errors are left, or a person would have to decide: `mend` decides. */
  | { readonly kind: 'damaged'; readonly detail: string }
  /** It could not even begin: no superblock, no device, no program. */
  | { readonly kind: 'no-file-system'; readonly detail: string };

export function judgeCheck({ code, said }: ToolResult): CheckVerdict {
  if (code === 0) return { kind: 'clean' };
  if (code !== null && (code & ~3) === 0) return { kind: 'mended', detail: inShort(said) };
  if (code !== null && (code & 8) !== 0) return { kind: 'no-file-system', detail: inShort(said) };
  return { kind: 'damaged', detail: inShort(said) };
}

/** The last lines that say something: the advice e2fsck gives to people at a console is no use on a page. */
const inShort = (said: string): string =>
  said
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) =>
        line !== '' && !/^(e2fsck \d|Pass \d|If the device|filesystem \(and|is corrupt|or$|e2fsck -b)/.test(line),
    )
    .join('; ')
    .slice(-400);
