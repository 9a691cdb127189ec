// Proves the invariants of what is kept, and restores them: every row's file exists with that size; every file has a row or
// is in progress; no segment overlaps another of its camera. Runs beside a recording box: folder by folder, files read
// before rows, since a row always comes before its file. Repair never deletes a file it does not understand.

import { describeError } from '../base/errors.ts';
import { isPicturePath, isSegmentPath, readStarPath } from '../store/layout.ts';
import type { FoundPicture, FoundSegment } from '../store/segment-store.ts';
import type { FileFinding } from '../vault/verify.ts';
import { type AdoptingShelf, adoptPicture, adoptSegment, isInPlace } from './adopt.ts';
import type { Shelf } from './shelf.ts';
import { adoptStars, checkStars } from './stars.ts';

export type ProblemKind =
  | 'missing-file' // a row whose file is gone
  | 'wrong-size' // a row whose file is longer or shorter
  | 'changed' // a file of the right size that is not what the box signed; found by looking through it
  | 'no-row' // a whole recording that the catalog does not know
  | 'unreadable' // a file that is not a recording
  | 'unfinished' // left open by a crash; the next start finishes it
  | 'half-removed' // left by a crash while removing; the next start finishes it
  | 'overlap'; // two segments of one camera at the same time

export interface Problem {
  readonly kind: ProblemKind;
  readonly path: string;
  /** For the owner. */
  readonly message: string;
  readonly repaired: boolean;
}

export interface CheckReport {
  readonly segments: number;
  readonly bytes: number;
  readonly problems: readonly Problem[];
}

export interface CheckOptions {
  readonly repair?: boolean;
  /** Compare names only: a hundred times faster, sees no wrong sizes. */
  readonly namesOnly?: boolean;
  /** Look through every file and hold it against what the box signed: reads all that is kept. */
  readonly deep?: boolean;
  /** A Nightjar is recording into this folder: rows that are open or garbage are its work under way, no leftovers. */
  readonly isRunning?: boolean;
  readonly signal?: AbortSignal;
}

/** Neighbouring segments share a frame's length, and start times are read from a clock of 10 ms. */
const OVERLAP_TOLERANCE_MS = 500;

type CheckShelf = AdoptingShelf & Pick<Shelf, 'catalog' | 'store' | 'log'>;
type FileRow = ReturnType<CheckShelf['catalog']['read']['filesIn']>[0];

export async function checkShelf(shelf: CheckShelf, options: CheckOptions = {}): Promise<CheckReport> {
  const { catalog, store } = shelf;
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for await (const { folder, paths } of store.scan()) {
    if (options.signal?.aborted) break;
    seen.add(folder);
    problems.push(...(await checkFolder(shelf, folder, paths, options)));
  }
  if (!options.signal?.aborted) {
    for (const folder of catalog.read.folders()) {
      if (!seen.has(folder)) problems.push(...(await checkFolder(shelf, folder, [], options)));
    }
    problems.push(...checkOverlaps(shelf, options), ...(await checkStars(shelf, options.repair ?? false)));
  }
  const { segments, bytes } = catalog.read.totals();
  return { segments, bytes, problems };
}

async function checkFolder(
  shelf: CheckShelf,
  folder: string,
  paths: readonly string[],
  options: CheckOptions,
): Promise<readonly Problem[]> {
  const { catalog, store } = shelf;
  const rows = catalog.read.filesIn(folder);
  const rowAt = new Map(rows.map((row) => [row.path, row]));
  const there = new Set(paths);
  const problems: Problem[] = [];
  const loose = await readLoose(
    shelf,
    paths.filter((path) => !rowAt.has(path) && readStarPath(path) === undefined),
  );
  problems.push(...(await adoptLoose(shelf, loose, options)));
  const stars = paths.filter((path) => readStarPath(path) !== undefined);
  problems.push(...(await adoptStars(shelf, stars, options.repair ?? false)));
  if (!options.isRunning) problems.push(...rows.filter((row) => row.state !== 'kept').map(unsettled));
  const toLookAt = rows.filter((row) => row.state === 'kept' && !(options.namesOnly && there.has(row.path)));
  const sizes = await sizesOf(store, toLookAt);
  for (const row of toLookAt) {
    const bytes = sizes.get(row.path);
    if (bytes === row.bytes && !options.deep) continue;
    // it may have been removed, or changed, since its row was read
    const now = catalog.read.fileAt(row.path);
    if (now?.state !== 'kept') continue;
    try {
      if (bytes !== now.bytes) problems.push(await checkRow(shelf, { ...row, ...now }, bytes, options));
      else if (options.deep) problems.push(...(await checkContents(shelf, row)));
    } catch (error) {
      // one bad place on the disk must not end the check of all the others
      const message = `cannot be read: ${describeError(error)}`;
      problems.push({ kind: 'unreadable', path: row.path, message, repaired: false });
    }
  }
  return problems;
}

/** Of each file, its size; undefined where it is missing. */
async function sizesOf(store: CheckShelf['store'], rows: readonly FileRow[]) {
  const sizes = new Map<string, number | undefined>();
  await aFewAtATime(rows, async ({ path }) => void sizes.set(path, await store.bytes(path)));
  return sizes;
}

/** Enough to keep a card busy, few enough to leave it to who records. */
async function aFewAtATime<T>(all: readonly T[], step: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < all.length) await step(all[next++]!);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

const unsettled = (row: FileRow): Problem => ({
  kind: row.state === 'open' ? 'unfinished' : 'half-removed',
  path: row.path,
  message:
    row.state === 'open'
      ? 'was being recorded when Nightjar stopped; the next start finishes it'
      : 'was being removed when Nightjar stopped; the next start finishes that',
  repaired: false,
});

async function checkRow(
  shelf: CheckShelf,
  row: FileRow,
  bytes: number | undefined,
  { repair = false }: CheckOptions,
): Promise<Problem> {
  const { catalog, store } = shelf;
  const { path } = row;
  const problem = (kind: ProblemKind, message: string, repaired: boolean): Problem => ({
    kind,
    path,
    message,
    repaired,
  });
  const drop = async () => {
    if (row.kind === 'still') return catalog.dropStills([path]);
    const segment = catalog.read.segmentAt(path);
    if (!segment) return;
    const stills = catalog.read.stillsOf(segment.recordingId).map((still) => still.path);
    catalog.change('drop row without file', () => {
      catalog.dropSegments([segment.id]);
      catalog.sumRecording(segment.recordingId);
      if (catalog.read.recording(segment.recordingId)?.endMs === null) return;
      if (catalog.read.segmentsOf(segment.recordingId).length > 0) return;
      catalog.dropStills(stills);
      catalog.dropRecording(segment.recordingId);
    });
    // pictures of a recording of which nothing is left would be found as rubbish by the next check
    if (catalog.read.recording(segment.recordingId)) return;
    for (const still of stills) if ((await store.bytes(still)) !== undefined) await store.setAside(still);
  };
  if (bytes === undefined) {
    if (repair) await drop();
    return problem('missing-file', 'is in the catalog, but its file is gone', repair);
  }
  if (await isAnother(store, row)) return problem('changed', ANOTHER, false);
  const message = `should be ${row.bytes} bytes, but is ${bytes}`;
  if (!repair) return problem('wrong-size', message, false);
  const found = row.kind === 'segment' ? await store.inspect(path) : undefined;
  const whole = found && needsFinish(found) ? await store.recover(path) : found;
  const segment = catalog.read.segmentAt(path);
  if (whole && segment) {
    catalog.change('correct segment', () => {
      catalog.keepSegment(segment.id, whole);
      catalog.sumRecording(segment.recordingId);
    });
    return problem('wrong-size', `${message}; what is whole of it is kept`, true);
  }
  await store.setAside(path);
  await drop();
  return problem('wrong-size', `${message}, and nothing of it can be played; set aside`, true);
}

/** Cut by a crash or a power cut, or never signed for lack of room. */
const needsFinish = (found: FoundSegment): boolean => !found.isSigned;

/** What the owner may want to know of a file that is not as it was signed. Nothing mends it; what opens of it still plays. */
const faults: readonly (readonly [FileFinding, string])[] = [
  ['unreadable', 'is damaged at its beginning, so that it cannot be opened'],
  ['another-box', 'was recorded by another box'],
  ['changed', 'is not what this box recorded: it was changed, or the disk has damaged it'],
  ['cut', 'is shorter than what this box recorded'],
];

/** Moving it would hide it from `nightjar export`, which goes by what files say about themselves; so it stays where it is. */
const ANOTHER = 'holds another recording than its name says; `nightjar export` still opens it';

/** Whole, and not what belongs here: somebody has swapped or copied files. */
async function isAnother(store: CheckShelf['store'], { kind, path }: FileRow): Promise<boolean> {
  if (kind === 'still') {
    const picture = await store.inspectPicture(path);
    return picture !== undefined && !isInPlace(picture);
  }
  const found = await store.inspect(path);
  return found !== undefined && store.pathOf(found.header) !== path;
}

async function checkContents({ catalog, store }: CheckShelf, row: FileRow): Promise<readonly Problem[]> {
  const { path } = row;
  if (await isAnother(store, row)) return [{ kind: 'changed', path, message: ANOTHER, repaired: false }];
  // one that the disk had no room to sign has no end yet, and says no more than that
  const isUnsigned = row.kind === 'segment' && catalog.read.segmentAt(path)?.sequence === 0;
  const findings = (await store.verify(path)).filter((finding) => finding !== 'cut' || !isUnsigned);
  const message = faults.find(([finding]) => findings.includes(finding))?.[1];
  return message === undefined ? [] : [{ kind: 'changed', path, message, repaired: false }];
}

interface Loose {
  readonly path: string;
  readonly found?: FoundSegment;
  readonly picture?: FoundPicture;
  readonly error?: string;
}

/** Reads files that have no row, a few at a time. */
async function readLoose({ store }: CheckShelf, paths: readonly string[]): Promise<readonly Loose[]> {
  const loose: Loose[] = [];
  await aFewAtATime(paths, async (path) => {
    try {
      if ((await store.bytes(path)) === undefined) return; // removed since it was listed
      const found = isSegmentPath(path) ? await store.inspect(path) : undefined;
      const picture = isPicturePath(path) ? await store.inspectPicture(path) : undefined;
      loose.push({
        path,
        ...(found && store.pathOf(found.header) === path ? { found } : {}),
        ...(picture && isInPlace(picture) ? { picture } : {}),
      });
    } catch (error) {
      loose.push({ path, error: describeError(error) });
    }
  });
  return loose.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function adoptLoose(
  shelf: CheckShelf,
  loose: readonly Loose[],
  { repair = false }: CheckOptions,
): Promise<readonly Problem[]> {
  if (loose.length === 0) return [];
  const { catalog, store } = shelf;
  const problems: Problem[] = [];
  const whole: FoundSegment[] = [];
  for (const { path, found, error } of loose.filter((file) => file.found ?? file.error)) {
    if (error !== undefined) {
      problems.push({ kind: 'unreadable', path, message: `cannot be read: ${error}`, repaired: false });
      continue;
    }
    const finished = repair && needsFinish(found!) ? await store.recover(path) : found;
    if (finished) whole.push(finished);
    problems.push({ kind: 'no-row', path, message: 'is a recording that the catalog did not know', repaired: repair });
  }
  // one transaction for the folder: a rebuilt catalog of 100,000 files must not take 100,000 fsyncs
  if (repair && whole.length > 0) {
    catalog.change('adopt files', () => {
      for (const found of whole) adoptSegment(shelf, found);
    });
  }
  for (const { path, picture } of loose.filter((file) => !file.found && !file.error)) {
    const adopted = repair && picture !== undefined && adoptPicture(shelf, picture);
    if (repair && !adopted) await store.setAside(path);
    const message = adopted ? 'is a picture that the catalog did not know' : 'is not a recording';
    problems.push({
      kind: adopted ? 'no-row' : 'unreadable',
      path,
      message: repair && !adopted ? `${message}; set aside` : message,
      repaired: repair,
    });
  }
  return problems;
}

/** Repair shortens the earlier one's row: no file is touched, both still play whole. */
function checkOverlaps({ catalog }: CheckShelf, { repair = false }: CheckOptions): readonly Problem[] {
  return catalog.read.overlaps(OVERLAP_TOLERANCE_MS).map(({ otherId, byMs }) => {
    const earlier = catalog.read.segment(otherId)!;
    if (repair) {
      catalog.change('shorten overlapping segment', () => {
        catalog.keepSegment(earlier.id, { bytes: earlier.bytes, durationMs: Math.max(0, earlier.durationMs - byMs) });
        catalog.sumRecording(earlier.recordingId);
      });
    }
    const message = `runs ${Math.round(byMs)} ms into the next recording of the same camera`;
    return { kind: 'overlap', path: earlier.path, message, repaired: repair };
  });
}
