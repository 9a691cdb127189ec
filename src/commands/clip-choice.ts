// Which of a folder's files belong to a clip: those of a camera in a time, in order, each once. Pure.
//
// A box without a clock battery may begin with a wrong date. Its files then say so, and how long it had been running; where another file of
// the same run has the right date, theirs follows from it.

import type { SealedHeader } from '../vault/head.ts';

export interface Listed {
  readonly name: string;
  readonly header: SealedHeader;
  readonly durationMs: number;
  /** Undefined without a record. */
  readonly sequence?: number;
}

export interface Dated<T extends Listed> {
  readonly file: T;
  /** Wall time of the first picture, UTC ms. */
  readonly startMs: number;
  /** The box did not know the time: worked out afterwards, or only its guess. */
  readonly dating: 'known' | 'afterwards' | 'guess';
}

export interface Wanted {
  readonly cameraId: string;
  readonly stream: SealedHeader['stream'];
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Choice<T extends Listed> {
  readonly chosen: readonly Dated<T>[];
  /** The files next to them in the camera's chain: what they say shows whether one between is missing. */
  readonly before?: Dated<T>;
  readonly after?: Dated<T>;
}

export function camerasOf(files: readonly { readonly header: SealedHeader }[]): readonly string[] {
  return [...new Set(files.map(({ header }) => header.cameraId))].sort();
}

/** What the box has noted of its boots (`boots.json` beside the recordings); nothing where that was not copied. */
export type NotedDate = (header: SealedHeader) => Pick<SealedHeader, 'startMs' | 'wallSynchronised'>;

/** Clocks that are synchronised are still moved by as much. */
const SAME_MS = 2000;

/** As the box has noted it; else by a file of the same boot that had the time: all of one boot share one difference between the two clocks. */
export function dated<T extends Listed>(
  files: readonly T[],
  noted: NotedDate = (header) => header,
  clocks: readonly { readonly header: SealedHeader }[] = files,
): readonly Dated<T>[] {
  const known = new Map<string, SealedHeader[]>();
  for (const { header } of clocks) {
    if (header.wallSynchronised !== true) continue;
    known.set(header.bootId, [...(known.get(header.bootId) ?? []), header]);
  }
  return files.map((file) => {
    const { header } = file;
    const { startMs, wallSynchronised } = noted(header);
    const isMoved = Math.abs(startMs - header.startMs) >= SAME_MS || wallSynchronised !== header.wallSynchronised;
    if (isMoved)
      return { file, startMs, dating: wallSynchronised === false ? ('guess' as const) : ('afterwards' as const) };
    if (wallSynchronised !== false) return { file, startMs, dating: 'known' as const };
    const sameBoot = known.get(header.bootId) ?? [];
    const nearest = sameBoot.reduce<SealedHeader | undefined>(
      (best, one) => (best && apart(best, header) <= apart(one, header) ? best : one),
      undefined,
    );
    if (!nearest) return { file, startMs, dating: 'guess' as const };
    const fromBoot = nearest.startMs - nearest.startSinceBootMs + header.startSinceBootMs;
    return { file, startMs: Math.round(fromBoot), dating: 'afterwards' as const };
  });
}

const apart = (a: SealedHeader, b: SealedHeader): number => Math.abs(a.startSinceBootMs - b.startSinceBootMs);

export function chooseFiles<T extends Listed>(files: readonly Dated<T>[], wanted: Wanted): Choice<T> {
  const chain = eachOnce(files.filter(({ file }) => isOf(file.header, wanted)));
  const overlaps = ({ file, startMs }: Dated<T>) =>
    startMs < wanted.toMs && startMs + Math.max(file.durationMs, 1) > wanted.fromMs;
  const chosen = inOrder(chain.filter(overlaps));
  const numbers = chosen.flatMap(({ file }) => file.sequence ?? []);
  if (numbers.length === 0) return { chosen };
  const signed = chain.filter(({ file }) => file.sequence !== undefined && !chosen.some((one) => one.file === file));
  const sequenceOf = ({ file }: Dated<T>) => file.sequence!;
  const [lowest, highest] = [Math.min(...numbers), Math.max(...numbers)];
  const before = most(
    signed.filter((one) => sequenceOf(one) < lowest),
    sequenceOf,
  );
  const after = most(
    signed.filter((one) => sequenceOf(one) > highest),
    (one) => -sequenceOf(one),
  );
  return { chosen, ...(before ? { before } : {}), ...(after ? { after } : {}) };
}

/** By time; but where a clock stepped back, as the box has counted them. */
function inOrder<T extends Listed>(files: readonly Dated<T>[]): readonly Dated<T>[] {
  const byTime = [...files].sort((a, b) => a.startMs - b.startMs);
  const counted = byTime
    .filter(({ file }) => file.sequence !== undefined)
    .sort((a, b) => a.file.sequence! - b.file.sequence!);
  return byTime.map((one) => (one.file.sequence === undefined ? one : counted.shift()!));
}

const isOf = (header: SealedHeader, { cameraId, stream }: Wanted): boolean =>
  header.kind === 'segment' && header.cameraId === cameraId && header.stream === stream;

function most<T>(values: readonly T[], of: (value: T) => number): T | undefined {
  return values.reduce<T | undefined>(
    (best, one) => (best !== undefined && of(best) >= of(one) ? best : one),
    undefined,
  );
}

/** Of copies of one file the signed one, and the longer of those. */
function eachOnce<T extends Listed>(files: readonly Dated<T>[]): readonly Dated<T>[] {
  const best = new Map<string, Dated<T>>();
  for (const one of files) {
    const { fileId, boxId } = one.file.header;
    const key = `${boxId} ${fileId}`;
    const before = best.get(key);
    if (!before || worth(one.file) > worth(before.file)) best.set(key, one);
  }
  return [...best.values()];
}

const worth = (file: Listed): number => file.durationMs + (file.sequence === undefined ? 0 : 1e12);
