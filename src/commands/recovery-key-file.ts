// The recovery key as its owner has it at hand: typed into a file or at the terminal, or copied out of a QR code. It is never an argument, as
// others on a machine see those. What the words mean is the vault's.

import { readFileSync, statSync } from 'node:fs';
import { NightjarError } from '../base/errors.ts';
import { RECOVERY_BYTES, readRecoveryKey } from '../vault/recovery.ts';

const MAX_BYTES = 64 * 1024;

/** `-` reads standard input. Throws `invalid` or the vault's own sentences; none repeats the key. */
export async function recoveryKeyFrom(path: string, say: (text: string) => void): Promise<Uint8Array> {
  return readRecoveryKey(keyIn(textOf(path === '-' ? await typedIn(say) : contentsOf(path))));
}

function contentsOf(path: string): Uint8Array {
  let size: number;
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw new NightjarError('invalid', '--recovery-key-file names a folder, not a file');
    size = found.size;
  } catch (error) {
    if (error instanceof NightjarError) throw error;
    if (looksLikeKey(path)) {
      throw new NightjarError(
        'invalid',
        '--recovery-key-file wants the name of a file with the key in it, not the key: others on this machine can see what is typed here',
      );
    }
    throw new NightjarError('invalid', `there is no file ${path}`);
  }
  if (size > MAX_BYTES) throw new NightjarError('invalid', `${path} is too large to be a recovery key`);
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new NightjarError('invalid', `cannot read ${path}`, { cause });
  }
}

const looksLikeKey = (path: string): boolean => /^\s*nightjar1\s*:/i.test(path) || path.trim().split(/\s+/).length > 4;

/** Up to the end; at a terminal one line is enough. */
async function typedIn(say: (text: string) => void): Promise<Uint8Array> {
  const isTyped = process.stdin.isTTY === true;
  if (isTyped) say('Type the fifteen words of the recovery sheet, or the text of its code, in one line:');
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of Bun.stdin.stream()) {
    parts.push(part);
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new NightjarError('invalid', 'that is too long to be a recovery key');
    if (isTyped && part.includes(0x0a)) break;
  }
  return Buffer.concat(parts);
}

/** Editors on Windows write UTF-16. */
function textOf(bytes: Uint8Array): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(bytes);
}

/** The code, wherever it stands on a sheet that was copied whole, however it is grouped; else the lines that are no remark. */
export function keyIn(text: string): string {
  const digits = (RECOVERY_BYTES + 4) * 2;
  const tight = text.normalize('NFKC').replace(/[\s-]/g, '');
  const code = new RegExp(`nightjar1:[0-9a-f]{${digits}}`, 'i').exec(tight) ?? /nightjar1:\w*/i.exec(tight);
  if (code) return code[0];
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  return lines.join('\n');
}
