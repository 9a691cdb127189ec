// `nightjar open`: one sealed file, opened with the recovery key: a segment as MP4, a picture as it was taken. The file itself is only read.

import { basename, dirname } from 'node:path';
import { NightjarError } from '../base/errors.ts';
import { SealError } from '../vault/fault.ts';
import { openSealed } from '../vault/open.ts';
import { lengthWords, lossWords, sizeWords } from './clip-words.ts';
import { type Command, readOptions, type Terminal } from './command.ts';
import { type KeysAtHand, keyringFrom, keyringsNear, unlockWith } from './keys-at-hand.ts';
import { makeClip } from './make-clip.ts';
import { showMoment } from './moment.ts';
import { recoveryKeyFrom } from './recovery-key-file.ts';
import { type DiskSource, diskSource } from './sealed-folder.ts';
import { mayWrite, writeWhole } from './whole-file.ts';

const usage = `usage: nightjar open FILE.nj --recovery-key-file FILE [-o OUT] [options]

Opens one sealed file: film becomes an MP4, a picture a JPEG or PNG. What is damaged is said; what follows it still opens.
  --recovery-key-file FILE  file with the fifteen words, or the text of the code; - reads what is typed
  -o, --out OUT             what to write (default: the same name, in the current folder)
  --keyring FILE            the keyring, when it does not lie beside or above the file
  --force                   replace OUT
Exit code: 0 all of it is there; 3 it is written, and something is missing, as is said; 1 nothing is written; 2 wrong use.`;

export const open: Command = async (argv, io) => {
  const { values, positionals } = readOptions(argv, {
    'recovery-key-file': { type: 'string' },
    out: { type: 'string', short: 'o' },
    keyring: { type: 'string' },
    force: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    io.out(usage);
    return 0;
  }
  const [path, ...more] = positionals;
  const { 'recovery-key-file': keyFile, keyring, out } = values;
  if (!path || more.length > 0) throw new NightjarError('invalid', 'name one sealed file (see nightjar open --help)');
  if (typeof keyFile !== 'string') throw new NightjarError('invalid', '--recovery-key-file is missing');
  const source = diskSource(path);
  try {
    const found =
      typeof keyring === 'string' ? [{ path: keyring, keyring: keyringFrom(keyring) }] : keyringsNear(dirname(path));
    const recoveryKey = await recoveryKeyFrom(keyFile, io.err);
    const atHand = unlockWith(found, recoveryKey);
    recoveryKey.fill(0);
    return await openFile(path, source, atHand, { out, mayReplace: values.force === true }, io);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    io.err(`nightjar open: ${error.message}`);
    return 1;
  }
};

interface Target {
  readonly out: string | boolean | undefined;
  readonly mayReplace: boolean;
}

const extensions: Readonly<Record<string, string>> = { 'image/jpeg': '.jpg', 'image/png': '.png', 'video/mp4': '.mp4' };

async function openFile(
  path: string,
  source: DiskSource,
  { keys }: KeysAtHand,
  target: Target,
  io: Terminal,
): Promise<number> {
  const reader = await openSealed(source, keys);
  try {
    const { header } = reader;
    const type = header.mimeType.split(';')[0]!.trim();
    const name = basename(path).replace(/(\.(still|diff))?\.nj$/i, '');
    const out = typeof target.out === 'string' ? target.out : `${name}${extensions[type] ?? '.bin'}`;
    mayWrite(out, target.mayReplace);
    if (header.kind === 'segment')
      return await openSegment(path, source, { keys, out, startMs: header.startMs }, target, io);
    const picture = reader.entries.length > 0 ? await reader.chunk(0) : undefined;
    if (!picture) {
      io.err(
        `nightjar open: The picture in this file is ${reader.entries.length > 0 ? 'damaged' : 'not there'}, so nothing is written.`,
      );
      return 1;
    }
    await writeWhole(out, once(picture), target);
    io.out(`${out}: ${header.cameraId}, ${showMoment(header.startMs)}, ${header.width} × ${header.height}`);
    return 0;
  } finally {
    reader.forget();
  }
}

async function openSegment(
  path: string,
  source: DiskSource,
  { keys, out, startMs }: { readonly keys: KeysAtHand['keys']; readonly out: string; readonly startMs: number },
  { mayReplace }: Target,
  io: Terminal,
): Promise<number> {
  const name = basename(path);
  const everything = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  const clip = await makeClip([{ name, startMs, source, keys }], everything);
  try {
    const lost = lossWords(clip.losses).map(({ words }) => `  ${words}`);
    const [part] = clip.parts;
    if (!part) {
      io.err(['nightjar open: There is no picture in this file that can be shown.', ...lost].join('\n'));
      return 1;
    }
    await writeWhole(out, part.read(), { mayReplace });
    io.out(`${out}: begins ${showMoment(part.startMs)}, ${lengthWords(part.durationMs)}, ${sizeWords(part.bytes)}`);
    if (lost.length > 0) io.out(['Something is not in it:', ...lost].join('\n'));
    return lost.length > 0 ? 3 : 0;
  } finally {
    clip.forget();
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
