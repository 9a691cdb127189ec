// Holds a data folder to every promise about what is kept, for tests: asks SQLite, the files and the vault themselves, and nothing of
// the library that made them. To be used while no library has the folder open.

import { Database } from 'bun:sqlite';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isBeside, isPicturePath, isSegmentPath, readStarPath } from '../store/layout.ts';
import { wholeNotes } from '../store/removal-notes.ts';
import { type Keys, openSealed } from '../vault/open.ts';
import { type RemovalNote, readRemovalNote } from '../vault/record.ts';
import { type ChainFinding, type FileVerdict, verifyChains, verifyFile } from '../vault/verify.ts';
import { sourceOf } from '../vault/walk.ts';

export interface ProofKeys {
  readonly vault: Keys;
  readonly devicePublicKey: Uint8Array;
}

export interface Proof {
  /** What is not as promised; empty when all is. */
  readonly faults: readonly string[];
  /** Of each kept segment, oldest first by camera and chain. */
  readonly segments: readonly SegmentFacts[];
  readonly pictures: number;
  /** Fragments that were refused by the disk: their place in a file is shown as a gap. A stop or a power cut leaves none. */
  readonly refused: number;
  /** What the chains say, in words that count: restart, recovered, removed … */
  readonly chain: Readonly<Record<string, number>>;
}

interface SegmentFacts {
  readonly id: string;
  readonly recordingId: string;
  readonly cameraId: string;
  readonly path: string;
  readonly startMs: number;
  readonly startSinceBootMs: number;
  readonly bootId: string;
  readonly durationMs: number;
  readonly bytes: number;
  readonly sequence: number;
}

/** What one file turned out to be; the same bytes are looked at once. */
interface Looked {
  readonly verdict: FileVerdict;
  readonly how: string;
  readonly gaps: number;
  /** Sealed pieces, init segment first. */
  readonly pieces: readonly Uint8Array[];
}
export type LookedAt = Map<string, Looked>;

/** What a power cut, a kill or retention may leave in a chain. `gap`, `missing`, `changed`, `cut`, `doubled`, `unsigned` may not be. */
const expectedOfChains: readonly ChainFinding['kind'][] = ['begins', 'restart', 'recovered', 'removed'];
/** Neighbouring segments share a frame's length. */
const OVERLAP_TOLERANCE_MS = 500;

/** `isFootage` says whether the pieces of a segment are what was handed over, in order, from the first on. */
export async function proveFolder(
  dataFolder: string,
  keys: ProofKeys,
  isFootage: (pieces: readonly Uint8Array[], segment: SegmentFacts) => boolean,
  looked: LookedAt = new Map(),
): Promise<Proof> {
  const faults: string[] = [];
  const recordings = `${dataFolder}/recordings`;
  const db = new Database(`${dataFolder}/catalog.db`, { readonly: true });
  const all = <T>(sql: string) => db.query<T, []>(sql).all();
  const segments = all<SegmentFacts & { readonly state: string }>('SELECT * FROM segments ORDER BY cameraId, sequence');
  const stills = all<{ path: string; bytes: number; state: string; recordingId: string }>('SELECT * FROM stills');
  const files = new Map(
    (existsSync(recordings) ? readdirSync(recordings, { recursive: true }) : [])
      .map(String)
      .filter((path) => statSync(join(recordings, path)).isFile())
      .map((path) => [path, statSync(join(recordings, path)).size] as const),
  );
  const rows = [...segments, ...stills];

  // every row's file exists with that size
  for (const { path, bytes, state } of rows) {
    if (state !== 'kept') faults.push(`${path}: its row is ${state}`);
    if (files.get(path) !== bytes)
      faults.push(`${path}: ${bytes} bytes in the catalog, ${files.get(path)} on the disk`);
  }
  // every file has a row
  const known = new Set(rows.map((row) => row.path));
  const starred = new Set(all<{ id: string }>('SELECT id FROM recordings WHERE starred = 1').map((row) => row.id));
  for (const path of files.keys()) {
    const star = readStarPath(path);
    const isKnown = known.has(path) || isBeside(path) || (star !== undefined && starred.delete(star));
    if (!isKnown) faults.push(`${path}: has no row`);
  }
  for (const id of starred) faults.push(`recording ${id}: its star is in the catalog only`);

  // no overlap
  const byTime = [...segments].sort((a, b) => a.startSinceBootMs - b.startSinceBootMs);
  const before = new Map<string, SegmentFacts>();
  for (const segment of byTime) {
    const lane = `${segment.cameraId} ${segment.bootId}`;
    const last = before.get(lane);
    const byMs = last ? last.startSinceBootMs + last.durationMs - segment.startSinceBootMs : 0;
    if (byMs > OVERLAP_TOLERANCE_MS) faults.push(`${segment.path}: overlaps ${last!.path} by ${byMs} ms`);
    before.set(lane, segment);
  }

  // recordings are sums of their segments, and none is left running or empty
  type Sums = {
    id: string;
    endMs: number | null;
    bytes: number;
    durationMs: number;
    b: number | null;
    d: number | null;
  };
  for (const { id, endMs, bytes, durationMs, b, d } of all<Sums>(
    `SELECT id, endMs, bytes, durationMs, (SELECT sum(bytes) FROM segments WHERE recordingId = r.id) b,
       (SELECT sum(durationMs) FROM segments WHERE recordingId = r.id) d FROM recordings r`,
  )) {
    if (endMs === null) faults.push(`recording ${id} still runs`);
    if (bytes !== b || durationMs !== d)
      faults.push(`recording ${id}: ${bytes} bytes, ${durationMs} ms; its segments ${b}, ${d}`);
  }
  const recordingIds = new Set(all<{ id: string }>('SELECT id FROM recordings').map((row) => row.id));
  for (const { path, recordingId } of rows)
    if (!recordingIds.has(recordingId)) faults.push(`${path}: its recording is gone`);
  db.close();

  // every file opens with the key, is what was handed over, and is what the box signed
  const verdicts: FileVerdict[] = [];
  let refused = 0;
  for (const path of files.keys()) {
    if (!isSegmentPath(path) && !isPicturePath(path)) continue;
    const bytes = new Uint8Array(readFileSync(join(recordings, path)));
    const name = `${bytes.length} ${Bun.hash(bytes)} ${path}`;
    const found = looked.get(name) ?? (await look(path, bytes, keys));
    looked.set(name, found);
    if (typeof found.verdict.error === 'object') {
      faults.push(`${path}: ${found.verdict.error.fault}`);
      continue;
    }
    const { verdict, how, gaps, pieces } = found;
    verdicts.push(verdict);
    const wrong = verdict.findings.filter((finding) => finding !== 'recovered');
    if (wrong.length > 0) faults.push(`${path}: verify says ${wrong}`);
    if (how !== 'finished' && how !== 'recovered') faults.push(`${path}: opens as ${how}`);
    refused += gaps;
    const segment = segments.find((row) => row.path === path);
    if (!segment) continue;
    const { record, header } = verdict;
    if (record && record.sequence !== segment.sequence)
      faults.push(`${path}: ${record.sequence}. in the chain, row says ${segment.sequence}`);
    if (record && Math.round(record.durationMs) !== segment.durationMs)
      faults.push(`${path}: ${record.durationMs} ms signed, row says ${segment.durationMs}`);
    const same =
      header?.fileId === segment.id && header.cameraId === segment.cameraId && header.bootId === segment.bootId;
    if (!same) faults.push(`${path}: head and row are of different segments`);
    if (!isFootage(pieces, segment)) faults.push(`${path}: is not the footage that was handed over`);
  }

  // the chains are whole, but for what retention has noted
  const chain: Record<string, number> = {};
  for (const { chain: name, findings } of verifyChains(verdicts, notesIn(recordings, files.keys(), keys, faults))) {
    for (const finding of findings) {
      chain[finding.kind] = (chain[finding.kind] ?? 0) + 1;
      if (!expectedOfChains.includes(finding.kind)) faults.push(`${name}: ${JSON.stringify(finding)}`);
    }
  }
  return { faults, segments, pictures: stills.length, refused, chain };
}

async function look(path: string, bytes: Uint8Array, { vault, devicePublicKey }: ProofKeys): Promise<Looked> {
  const verdict = await verifyFile(path, sourceOf(bytes), devicePublicKey);
  if (verdict.error) return { verdict, how: '', gaps: 0, pieces: [] };
  const reader = await openSealed(sourceOf(bytes), vault);
  const pieces: Uint8Array[] = [];
  let gaps = 0;
  for await (const piece of reader.pieces()) {
    if (piece.kind === 'chunk') pieces.push(piece.bytes);
    else gaps += piece.chunks;
  }
  reader.forget();
  return { verdict, how: reader.ending.how, gaps, pieces };
}

function notesIn(
  recordings: string,
  paths: Iterable<string>,
  { devicePublicKey }: ProofKeys,
  faults: string[],
): readonly RemovalNote[] {
  const cameras = new Set([...paths].flatMap((path) => (path.includes('/') ? [path.split('/')[0]!] : [])));
  return [...cameras].flatMap((camera) => {
    const path = join(recordings, camera, 'removed.njn');
    if (!statSync(path, { throwIfNoEntry: false })) return [];
    return wholeNotes(new Uint8Array(readFileSync(path))).flatMap((bytes) => {
      try {
        return [readRemovalNote(bytes, devicePublicKey)];
      } catch {
        faults.push(`${path}: a note that the box did not sign`);
        return [];
      }
    });
  });
}
