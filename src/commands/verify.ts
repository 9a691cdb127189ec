// `nightjar verify`: what the box signed against what is there, without any key: per camera what is whole, missing, cut, changed or removed
// on purpose. Given evidence of a clip, it makes the clip again and compares. Reads only; holds one piece of one file at a time.

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { NightjarError } from '../base/errors.ts';
import { hex, unhex } from '../vault/bytes.ts';
import { SealError } from '../vault/fault.ts';
import { keyIdHex } from '../vault/key-pair.ts';
import { verifyFile } from '../vault/verify.ts';
import { type Command, readOptions, type Terminal } from './command.ts';
import { EVIDENCE_FILE } from './evidence.ts';
import { keyringFrom, keyringsNear } from './keys-at-hand.ts';
import { progressOn } from './progress.ts';
import { diskSource, notedDates, pathsIn, removalNotes } from './sealed-folder.ts';
import { verifyEvidence } from './verify-evidence.ts';
import { type FolderVerdict, folderVerdict, folderWords, type VerifiedFile } from './verify-words.ts';

const usage = `usage: nightjar verify [FOLDER] [--camera ID] [--device-key HEX] [--json]

Checks what the box signed against what is there, without any key: which recordings are whole, and whether one is missing, cut
or changed. Works on any machine; nothing is written.
  FOLDER            the recordings folder, a box's data folder, a copy of one, one sealed file, or the evidence of a clip
                    (default: the current folder)
  --camera ID       only this camera
  --device-key HEX  the box's public key (default: the one that the keyring beside the recordings, or the evidence, names)
  --keyring FILE    the keyring, when it does not lie there
  --json            print the report as JSON
Exit code: 0 all is as the box signed it, or removed on purpose; 1 something is missing, cut or changed; 2 wrong use.`;

export const verify: Command = async (argv, io) => {
  const { values, positionals } = readOptions(argv, {
    camera: { type: 'string' },
    'device-key': { type: 'string' },
    keyring: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    io.out(usage);
    return 0;
  }
  const [given = '.', ...more] = positionals;
  if (more.length > 0) throw new NightjarError('invalid', 'name one folder or file (see nightjar verify --help)');
  if (!existsSync(given)) throw new NightjarError('invalid', `there is no folder or file ${given}`);
  const deviceKey = readDeviceKey(values['device-key']);
  const isJson = values.json === true;
  try {
    const evidence = basename(given) === EVIDENCE_FILE ? dirname(given) : given;
    if (existsSync(join(evidence, EVIDENCE_FILE))) return await verifyEvidence(evidence, { deviceKey, isJson }, io);
    const camera = typeof values.camera === 'string' ? values.camera : undefined;
    const keyring = typeof values.keyring === 'string' ? values.keyring : undefined;
    const key = deviceKey ?? namedKey(given, keyring);
    const verdict = await verifyAll(given, camera, key, io);
    io.out(isJson ? JSON.stringify(verdict) : folderWords(verdict, { isGiven: deviceKey !== undefined }));
    return verdict.isTrue ? 0 : 1;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    io.err(`nightjar verify: ${error.message}`);
    return 1;
  }
};

function readDeviceKey(text: string | boolean | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const key = typeof text === 'string' ? unhex(text.toLowerCase().replace(/[\s:-]/g, ''), 32) : undefined;
  if (!key) throw new NightjarError('invalid', '--device-key must be the 64 hex digits of the box’s public key');
  return key;
}

/** Whoever changes recordings may change the keyring beside them, too: the report says where the key is from. */
function namedKey(given: string, keyring: string | undefined): Uint8Array {
  const folder = statSync(given).isDirectory() ? given : dirname(given);
  try {
    const found = keyring === undefined ? keyringsNear(folder)[0]!.keyring : keyringFrom(keyring);
    return unhex(found.deviceKey, 32)!;
  } catch (error) {
    if (error instanceof NightjarError && !(error instanceof SealError) && error.kind === 'missing') {
      throw new NightjarError('invalid', `${error.message}, or name the box’s public key with --device-key`);
    }
    throw error;
  }
}

async function verifyAll(
  given: string,
  camera: string | undefined,
  deviceKey: Uint8Array,
  io: Terminal,
): Promise<FolderVerdict> {
  const isFolder = statSync(given).isDirectory();
  const folder = isFolder ? given : dirname(given);
  const paths = isFolder ? pathsIn(given) : { sealed: [given], notes: [], unreadable: [] };
  const progress = progressOn(io);
  const files: VerifiedFile[] = [];
  const dateOf = notedDates(folder);
  let bytes = 0;
  for (const [i, path] of paths.sealed.entries()) {
    const name = isFolder ? path.slice(folder.length).replace(/^[\\/]+/, '') : basename(path);
    try {
      const source = diskSource(path);
      const verdict = await verifyFile(name, source, deviceKey);
      if (camera !== undefined && verdict.header && verdict.header.cameraId !== camera) continue;
      const startMs = verdict.header && dateOf(verdict.header).startMs;
      files.push({
        ...{ verdict, unreadable: source.unreadable, changedMs: statSync(path).mtimeMs },
        ...(startMs === undefined ? {} : { startMs }),
      });
      bytes += source.bytes;
    } catch (error) {
      if (!(error instanceof NightjarError) || error instanceof SealError) throw error;
      // gone while the box made room, or a folder that may not be entered
      if (existsSync(path)) files.push({ verdict: { name, findings: ['unreadable'] }, unreadable: true, changedMs: 0 });
    }
    progress.show(`checking … ${i + 1} of ${paths.sealed.length} files, ${(bytes / 1e9).toFixed(1)} GB`);
  }
  progress.done();
  if (files.length === 0 || (camera !== undefined && !files.some(({ verdict }) => verdict.header))) {
    const whose = camera === undefined ? '' : `of ${camera} `;
    throw new NightjarError('invalid', `there are no recordings ${whose}in ${given}`);
  }
  const { notes, damaged } = removalNotes(folder, paths.notes, deviceKey);
  return folderVerdict({
    files,
    notes,
    damagedNotes: damaged,
    unreadableFolders: paths.unreadable,
    isWhole: isFolder,
    box: { id: keyIdHex(deviceKey), deviceKey: hex(deviceKey) },
    nowMs: Date.now(),
  });
}
