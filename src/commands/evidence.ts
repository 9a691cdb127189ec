// A clip that strangers can check: the sealed files it was made of, as the box signed them, each with the key that opens it and nothing else, and
// what the clip was made of. Whoever has the executable makes the clip again out of them and compares.
//
// The vault's keys are not in it, so nothing else can be opened with it.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NightjarError } from '../base/errors.ts';
import { hex, unhex } from '../vault/bytes.ts';
import { type Keys, openDataKey } from '../vault/open.ts';
import { readRecord } from '../vault/record.ts';
import { readHeadOf } from '../vault/walk.ts';
import { version } from '../version.ts';
import type { Neighbour } from './clip-check.ts';
import { type ClipFile, type MadeClip, makeClip } from './make-clip.ts';
import { diskSource, type SealedFile } from './sealed-folder.ts';
import { syncTree } from './whole-file.ts';

export const EVIDENCE_FILE = 'evidence.json';

/** `evidence.json`. Bytes are hex, times UTC ms. */
export interface Evidence {
  readonly format: 'nightjar evidence';
  readonly version: 1;
  readonly madeBy: string;
  /** The box's Ed25519 public key: compare it with what the box's owner has from elsewhere. */
  readonly deviceKey: string;
  readonly cameraId: string;
  readonly stream: 'main' | 'sub';
  readonly fromMs: number;
  readonly toMs: number;
  readonly files: readonly EvidenceFile[];
  /** Signed records of the files before and after in the camera's chain, so that its ends show, too. */
  readonly neighbours: readonly { readonly name: string; readonly startMs: number; readonly record: string }[];
  readonly clips: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

export interface EvidenceFile {
  readonly file: string;
  /** Opens this file, and no other. Absent where the owner's keys did not open it either. */
  readonly dataKey?: string;
  readonly startMs: number;
  readonly dating: 'known' | 'afterwards' | 'guess';
}

export interface EvidenceParts {
  readonly facts: Pick<Evidence, 'deviceKey' | 'cameraId' | 'stream' | 'fromMs' | 'toMs' | 'clips'>;
  readonly files: readonly (Pick<EvidenceFile, 'startMs' | 'dating'> & { readonly file: SealedFile })[];
  readonly neighbours: readonly Neighbour[];
  /** Paths of removal notes. */
  readonly notes: readonly string[];
  readonly keys: Extract<Keys, { kind: 'vault' }>;
}

/** Throws `conflict` unless there is nothing of this name, or an evidence folder that may be replaced. */
export function mayWriteEvidence(folder: string, mayReplace: boolean): void {
  if (!existsSync(folder)) return;
  if (mayReplace && existsSync(join(folder, EVIDENCE_FILE))) return;
  throw new NightjarError('conflict', `${folder} is there already. Choose another name for the clip, or move it away.`);
}

/** The folder is there whole or not at all. */
export async function writeEvidence(folder: string, parts: EvidenceParts, mayReplace: boolean): Promise<void> {
  mayWriteEvidence(folder, mayReplace);
  const temporary = `${folder}.part`;
  rmSync(temporary, { recursive: true, force: true });
  try {
    mkdirSync(join(temporary, 'files'), { recursive: true });
    const files: EvidenceFile[] = [];
    for (const [i, { file, startMs, dating }] of parts.files.entries()) {
      const name = join('files', `${String(i + 1).padStart(4, '0')}-${basename(file.path)}`);
      copyFileSync(file.path, join(temporary, name));
      const dataKey = await dataKeyOf(file.path, parts.keys);
      files.push({ file: name, ...(dataKey ? { dataKey } : {}), startMs, dating });
    }
    for (const [i, path] of parts.notes.entries()) copyFileSync(path, join(temporary, `removed-${i + 1}.njn`));
    const evidence: Evidence = {
      ...{ format: 'nightjar evidence', version: 1, madeBy: `nightjar ${version}` },
      ...parts.facts,
      files,
      neighbours: parts.neighbours.map(({ name, startMs, record }) => ({ name, startMs, record: hex(record.bytes) })),
    };
    writeFileSync(join(temporary, EVIDENCE_FILE), `${JSON.stringify(evidence, null, 2)}\n`);
    syncTree(temporary);
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
  } catch (cause) {
    rmSync(temporary, { recursive: true, force: true });
    if (cause instanceof NightjarError) throw cause;
    const isFull = (cause as { code?: unknown }).code === 'ENOSPC';
    throw new NightjarError(isFull ? 'no-space' : 'unavailable', `cannot write ${folder}`, { cause });
  }
}

async function dataKeyOf(path: string, keys: EvidenceParts['keys']): Promise<string | undefined> {
  try {
    const dataKey = openDataKey(await readHeadOf(diskSource(path)), keys);
    const text = hex(dataKey);
    dataKey.fill(0);
    return text;
  } catch (error) {
    if (error instanceof NightjarError) return undefined;
    throw error;
  }
}

/** Judges what came from a stranger. Throws `invalid`. */
export function readEvidence(folder: string): Evidence {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(join(folder, EVIDENCE_FILE), 'utf8'));
  } catch (cause) {
    throw new NightjarError('invalid', `${join(folder, EVIDENCE_FILE)} cannot be read`, { cause });
  }
  if (!isEvidence(value))
    throw new NightjarError('invalid', `${join(folder, EVIDENCE_FILE)} is not evidence of Nightjar`);
  if (value.version !== 1) throw new NightjarError('invalid', 'this evidence was made by a newer version of Nightjar');
  return value;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** No path leads out of the folder. */
const isPlain = (value: unknown): boolean => typeof value === 'string' && /^files[\\/][^\\/]+$/.test(value);

function isEvidence(value: unknown): value is Evidence {
  if (!isObject(value) || value.format !== 'nightjar evidence') return false;
  const { files, neighbours, clips } = value;
  return (
    unhex(value.deviceKey, 32) !== undefined &&
    typeof value.cameraId === 'string' &&
    [value.fromMs, value.toMs].every(Number.isFinite) &&
    [files, neighbours, clips].every((list) => Array.isArray(list) && list.every(isObject)) &&
    (files as readonly Record<string, unknown>[]).every(
      ({ file, dataKey, startMs }) =>
        isPlain(file) && (dataKey === undefined || unhex(dataKey, 32)) && Number.isFinite(startMs),
    ) &&
    (neighbours as readonly Record<string, unknown>[]).every(
      ({ name, startMs, record }) => typeof name === 'string' && Number.isFinite(startMs) && unhex(record),
    ) &&
    (clips as readonly Record<string, unknown>[]).every(
      ({ name, sha256 }) => typeof name === 'string' && unhex(sha256, 32),
    )
  );
}

export function neighboursOf(evidence: Evidence): readonly Neighbour[] {
  return evidence.neighbours.flatMap(({ name, startMs, record }) => {
    const read = readRecord(unhex(record)!);
    return read && read.record.deviceKey === evidence.deviceKey ? [{ name, startMs, record: read }] : [];
  });
}

/** The clip once more, out of the files that are in the folder. */
export async function remakeClip(
  folder: string,
  evidence: Evidence,
  onFile: (done: number) => void = () => {},
): Promise<MadeClip> {
  const files: ClipFile[] = evidence.files.flatMap(({ file, startMs, dataKey }) =>
    existsSync(join(folder, file))
      ? {
          ...{ name: file, startMs, source: diskSource(join(folder, file)) },
          // a key of zeros opens nothing: the file is then told as closed
          keys: { kind: 'data-key' as const, dataKey: (dataKey && unhex(dataKey, 32)) || new Uint8Array(32) },
        }
      : [],
  );
  return await makeClip(files, evidence, onFile);
}

export async function sha256Of(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
