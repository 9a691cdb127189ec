// The two slots on the data partition: how an executable gets into one, and whether what stands in one may run. A slot is
// `nightjar`, `manifest.json` (the signed bytes) and `signature` (hex). Which slot counts is the record's business.

import { createHash } from 'node:crypto';
import { readSmall, replaceWhole, type UpdateFiles } from './files.ts';
import { judgeManifest, MAX_MANIFEST_BYTES, type Machine, type Manifest, type SignedManifest } from './manifest.ts';
import { type Kept, MAX_RECORD_BYTES, readRecord, type Slot, type UpdateRecord, writeRecord } from './record.ts';

/** An executable is flushed in pieces: one flush of all of it would hold up the recordings' own for seconds on a slow card. */
const FLUSH_EVERY_BYTES = 4 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;

/** Undefined when there is none, `unreadable` when it is no record. */
export async function loadRecord(files: UpdateFiles, folder: string): Promise<UpdateRecord | 'unreadable' | undefined> {
  const bytes = await readSmall(files, `${folder}/state.json`, MAX_RECORD_BYTES);
  return bytes && (readRecord(bytes) ?? 'unreadable');
}

export const saveRecord = (files: UpdateFiles, folder: string, record: UpdateRecord): Promise<void> =>
  replaceWhole(files, folder, 'state.json', writeRecord(record));

export const executableOf = (folder: string, slot: Slot): string => `${folder}/${slot}/nightjar`;

/** Removes what is in a slot; the signature first, so that nothing half removed could ever be taken for whole. */
export async function clearSlot(files: UpdateFiles, folder: string, slot: Slot): Promise<void> {
  const names = await files.list(`${folder}/${slot}`);
  if (names.length === 0) return;
  const first = ['signature', 'manifest.json'];
  for (const name of [...first, ...names.filter((n) => !first.includes(n))]) {
    await files.unlink(`${folder}/${slot}/${name}`);
  }
  await files.syncFolder(`${folder}/${slot}`);
}

/**
 * Writes an executable as it comes into an empty slot, then what was signed. After it resolves all of it is on the disk. The
 * caller has made sure that the pieces are what was signed: they throw before their end when they are not.
 */
export async function fillSlot(
  files: UpdateFiles,
  folder: string,
  slot: Slot,
  signed: SignedManifest,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (await files.makeFolder(`${folder}/${slot}`)) await files.syncFolder(folder);
  const temporary = `${folder}/${slot}/nightjar.new`;
  const file = await files.create(temporary);
  try {
    await files.makeExecutable(temporary);
    let at = 0;
    let flushed = 0;
    for await (const piece of pieces) {
      await file.write(piece, at);
      at += piece.length;
      if (at - flushed < FLUSH_EVERY_BYTES) continue;
      await file.sync();
      flushed = at;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(temporary, executableOf(folder, slot));
  await replaceWhole(files, `${folder}/${slot}`, 'manifest.json', signed.bytes);
  const signature = Buffer.from(signed.signature).toString('hex');
  await replaceWhole(files, `${folder}/${slot}`, 'signature', new TextEncoder().encode(`${signature}\n`));
}

/** Why what stands in a slot must not run, for the log; undefined when it may. Reads all of it: 1-3 s on a Pi. */
export async function faultOfSlot(
  files: UpdateFiles,
  folder: string,
  kept: Kept,
  { keys, machine }: { readonly keys: readonly Uint8Array[]; readonly machine: Machine },
): Promise<string | undefined> {
  try {
    const bytes = await readSmall(files, `${folder}/${kept.slot}/manifest.json`, MAX_MANIFEST_BYTES);
    const words = await readSmall(files, `${folder}/${kept.slot}/signature`, 256);
    if (!bytes || !words) return 'it is not whole';
    const signature = Buffer.from(new TextDecoder().decode(words).trim(), 'hex');
    const judged = judgeManifest(bytes, signature, keys);
    if (!judged.ok) return `its manifest is ${judged.reason}`;
    const { manifest } = judged.signed;
    if (manifest.machine !== machine) return `it is for ${manifest.machine}`;
    if (manifest.version !== kept.version) return `it is version ${manifest.version}, not ${kept.version}`;
    return (await isExecutable(files, executableOf(folder, kept.slot), manifest))
      ? undefined
      : 'its bytes are not the signed ones';
  } catch (error) {
    return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function isExecutable(files: UpdateFiles, path: string, { bytes, sha256 }: Manifest): Promise<boolean> {
  const file = await files.open(path, 'read');
  try {
    if ((await file.bytes()) !== bytes) return false;
    const hash = createHash('sha256');
    const piece = new Uint8Array(READ_BYTES);
    for (let at = 0; at < bytes; ) {
      const read = await file.read(piece, at);
      if (read === 0) return false;
      hash.update(piece.subarray(0, read));
      at += read;
    }
    return hash.digest('hex') === sha256;
  } finally {
    await file.close();
  }
}
