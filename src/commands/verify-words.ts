// What `nightjar verify` says: the vault's verdicts of files and chains, with times, as values for programs and as words for people. Pure.

import type { RemovalNote } from '../vault/record.ts';
import { type ChainFinding, type FileVerdict, verifyChains } from '../vault/verify.ts';
import { removedWords, whenWords } from './clip-words.ts';
import { showMoment, showSpan } from './moment.ts';

export interface VerifiedFile {
  readonly verdict: FileVerdict;
  /** When it begins, as far as is known by now; absent when its head cannot be read. */
  readonly startMs?: number;
  /** The disk did not give some of it. */
  readonly unreadable: boolean;
  readonly changedMs: number;
}

export interface FolderFacts {
  readonly files: readonly VerifiedFile[];
  readonly notes: readonly RemovalNote[];
  readonly damagedNotes: readonly string[];
  readonly unreadableFolders: readonly string[];
  /** False for a single file, which says nothing about others. */
  readonly isWhole: boolean;
  readonly box: { readonly id: string; readonly deviceKey: string };
  readonly nowMs: number;
}

export type LineKind =
  | 'missing'
  | 'changed'
  | 'cut'
  | 'unsigned'
  | 'another-box'
  | 'doubled'
  | 'unreadable'
  | 'removed'
  | 'recovered'
  | 'restart'
  | 'gap'
  | 'open';

export interface VerdictLine {
  readonly kind: LineKind;
  /** Not as the box left it. */
  readonly isFault: boolean;
  readonly words: string;
  readonly name?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly count?: number;
}

export interface CameraVerdict {
  /** `<camera>/<stream>`; pictures stand under their camera's. */
  readonly chain: string;
  readonly files: number;
  readonly whole: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  /** The newest signed file. What was taken away behind it shows only to somebody who knew a later one. */
  readonly newest?: { readonly sequence: number; readonly link: string };
  readonly lines: readonly VerdictLine[];
}

export interface FolderVerdict {
  readonly isTrue: boolean;
  readonly box: FolderFacts['box'];
  readonly cameras: readonly CameraVerdict[];
  /** Of no camera that can be told. */
  readonly others: readonly VerdictLine[];
}

/** A file without an end that changed since then is taken as still being written. */
const WRITING_MS = 120_000;

export function folderVerdict(facts: FolderFacts): FolderVerdict {
  const byChain = new Map<string, VerifiedFile[]>();
  const others: VerdictLine[] = [];
  for (const file of facts.files) {
    const { header, name, error } = file.verdict;
    if (!header) {
      others.push(fault('unreadable', `${name}: ${error?.message ?? 'It cannot be read from the disk.'}`, { name }));
      continue;
    }
    const chain = `${header.cameraId}/${header.stream}`;
    byChain.set(chain, [...(byChain.get(chain) ?? []), file]);
  }
  for (const name of facts.damagedNotes) {
    others.push(
      fault('changed', `${name}: some notes about what was removed are damaged, or not signed by this box`, { name }),
    );
  }
  for (const name of facts.unreadableFolders) {
    others.push(fault('unreadable', `${name}: this folder cannot be read`, { name }));
  }
  const cameras = [...byChain]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([chain, files]) => cameraOf(chain, files, facts));
  const isTrue = [...others, ...cameras.flatMap(({ lines }) => lines)].every((line) => !line.isFault);
  return { isTrue, box: facts.box, cameras, others };
}

const fault = (kind: LineKind, words: string, more: Partial<VerdictLine> = {}): VerdictLine => {
  return { kind, isFault: true, words, ...more };
};
const note = (kind: LineKind, words: string, more: Partial<VerdictLine> = {}): VerdictLine => {
  return { kind, isFault: false, words, ...more };
};

function cameraOf(chain: string, files: readonly VerifiedFile[], facts: FolderFacts): CameraVerdict {
  const order = [...files].sort((a, b) => startOf(a) - startOf(b));
  const segments = order.filter(({ verdict }) => verdict.header?.kind === 'segment');
  const signed = segments
    .filter(({ verdict }) => verdict.record)
    .sort((a, b) => a.verdict.record!.sequence - b.verdict.record!.sequence);
  const newest = signed.at(-1)?.verdict;
  const isOpen = (file: VerifiedFile) =>
    file === segments.at(-1) &&
    !file.verdict.record &&
    !file.verdict.findings.includes('changed') &&
    facts.nowMs - file.changedMs < WRITING_MS;

  const lines: VerdictLine[] = [];
  for (const file of order) lines.push(...(isOpen(file) ? [openLine(file)] : fileLines(file)));
  if (facts.isWhole) {
    const verdicts = segments.map(({ verdict }) => verdict);
    const notes = facts.notes.filter((one) => `${one.cameraId}/${one.stream}` === chain);
    for (const finding of verifyChains(verdicts, notes).flatMap((one) => one.findings)) {
      lines.push(...chainLines(finding, signed, notes));
    }
  }
  lines.sort((a, b) => (a.fromMs ?? a.toMs ?? 0) - (b.fromMs ?? b.toMs ?? 0));
  const spoilt = new Set(lines.flatMap((line) => (line.isFault || line.kind === 'open' ? (line.name ?? []) : [])));
  return {
    ...{ chain, files: files.length, whole: order.filter(({ verdict }) => !spoilt.has(verdict.name)).length },
    ...(order[0] ? { fromMs: startOf(order[0]) } : {}),
    ...(order.length > 0 ? { toMs: Math.max(...order.slice(-50).map(endOf)) } : {}),
    ...(newest?.record && newest.link ? { newest: { sequence: newest.record.sequence, link: newest.link } } : {}),
    lines,
  };
}

const startOf = ({ verdict, startMs }: VerifiedFile): number => startMs ?? verdict.header?.startMs ?? 0;
const endOf = (file: VerifiedFile): number => startOf(file) + (file.verdict.record?.durationMs ?? 0);

const openLine = (file: VerifiedFile): VerdictLine => {
  const { name } = file.verdict;
  return note('open', `${name} has no end yet: it is still being written, or was copied while it was`, {
    name,
    fromMs: startOf(file),
  });
};

const fileWords = {
  changed: 'is not as the box signed it: some of it was changed, cut out, or damaged',
  cut: 'ends too early: it was cut, or the power failed and the box has not looked at it since',
  unsigned: 'is whole, but nobody has signed it',
  'another-box': 'was signed by another box',
} as const;

function fileLines(file: VerifiedFile): readonly VerdictLine[] {
  const { name, findings } = file.verdict;
  const { unreadable } = file;
  const fromMs = startOf(file);
  const at = { name, fromMs };
  const lines: VerdictLine[] = [];
  if (unreadable) lines.push(fault('unreadable', `${when(fromMs)}${name}: the disk could not read all of it`, at));
  for (const kind of ['another-box', 'changed', 'cut', 'unsigned'] as const) {
    // where the record is there, what is missing is missing in the middle; and what the disk keeps to itself is said
    const isSaid = (kind === 'cut' && file.verdict.record) || (kind === 'changed' && unreadable);
    if (findings.includes(kind) && !isSaid) lines.push(fault(kind, `${when(fromMs)}${name} ${fileWords[kind]}`, at));
  }
  if (findings.includes('recovered')) {
    lines.push(
      note('recovered', `${when(fromMs)}${name} was ended by a power cut; the box has signed what was left`, at),
    );
  }
  return lines;
}

const when = (ms: number): string => `${showMoment(ms)}: `;

/** What only the row of files shows; what a file shows by itself was said. */
function chainLines(
  finding: ChainFinding,
  signed: readonly VerifiedFile[],
  notes: readonly RemovalNote[],
): readonly VerdictLine[] {
  const fileOf = (name: string) => signed.find(({ verdict }) => verdict.name === name);
  switch (finding.kind) {
    case 'begins':
      return finding.sequence > 1 ? earlierLines(finding.sequence, signed, notes) : [];
    case 'missing':
    case 'removed':
      return [absentLine(finding.from, finding.to, finding.why, signed)];
    case 'doubled': {
      const fromMs = startOf(fileOf(finding.name)!);
      return [
        fault('doubled', `${when(fromMs)}${finding.name} stands at a place that another file has, too`, {
          name: finding.name,
          fromMs,
        }),
      ];
    }
    case 'changed': {
      const file = fileOf(finding.name)!;
      if (file.verdict.findings.some((own) => own === 'changed' || own === 'cut')) return [];
      const fromMs = startOf(file);
      const words = `${when(fromMs)}${finding.name} is not the file that the one after it names`;
      return [fault('changed', words, { name: finding.name, fromMs })];
    }
    case 'restart': {
      const fromMs = startOf(fileOf(finding.name)!);
      return [note('restart', `${when(fromMs)}the box had been restarted before this`, { fromMs })];
    }
    case 'gap': {
      const fromMs = startOf(fileOf(finding.name)!);
      const words = `${when(fromMs)}the box had lost its place, so nobody can say whether something is missing before this`;
      return [note('gap', words, { fromMs })];
    }
    default:
      return [];
  }
}

/** Files count from 1: those before the first that is here were there once. */
function earlierLines(
  first: number,
  signed: readonly VerifiedFile[],
  notes: readonly RemovalNote[],
): readonly VerdictLine[] {
  const lines: VerdictLine[] = [];
  let at = 1;
  for (const { from, to, why } of [...notes].sort((a, b) => a.from - b.from)) {
    if (to < at || from >= first) continue;
    if (from > at) lines.push(absentLine(at, from - 1, undefined, signed));
    lines.push(absentLine(Math.max(at, from), Math.min(to, first - 1), why, signed));
    at = to + 1;
  }
  if (at < first) lines.push(absentLine(at, first - 1, undefined, signed));
  return lines;
}

function absentLine(
  from: number,
  to: number,
  why: RemovalNote['why'] | undefined,
  signed: readonly VerifiedFile[],
): VerdictLine {
  const before = signed.findLast(({ verdict }) => verdict.record!.sequence < from);
  const after = signed.find(({ verdict }) => verdict.record!.sequence > to);
  const [fromMs, toMs] = [
    before ? endOf(before) : Number.NEGATIVE_INFINITY,
    after ? startOf(after) : Number.POSITIVE_INFINITY,
  ];
  const count = to - from + 1;
  const span = { ...(before ? { fromMs } : {}), ...(after ? { toMs } : {}), count };
  const files = count === 1 ? '1 file' : `${count} files`;
  const time = whenWords({ fromMs, toMs });
  return why
    ? note('removed', `${time}: ${files} removed on purpose, ${removedWords[why]}`, span)
    : fault(
        'missing',
        `${time}: ${files} ${count === 1 ? 'is' : 'are'} not here, and no note of the box says why`,
        span,
      );
}

const MAX_LINES = 200;

export function folderWords({ isTrue, box, cameras, others }: FolderVerdict, { isGiven = false } = {}): string {
  const lines: string[] = [];
  for (const { chain, files, whole, fromMs, toMs, newest, lines: said } of cameras) {
    const [camera, stream] = [chain.slice(0, chain.lastIndexOf('/')), chain.slice(chain.lastIndexOf('/') + 1)];
    const span = fromMs === undefined || toMs === undefined ? '' : `, ${showSpan(fromMs, toMs)}`;
    lines.push(
      `${camera}${stream === 'main' ? '' : ` (${stream})`}: ${files} ${files === 1 ? 'file' : 'files'}${span}, ${whole} whole`,
    );
    const ordered = joined(said);
    lines.push(...ordered.slice(0, MAX_LINES).map(({ isFault, words }) => `  ${isFault ? '!' : ' '} ${words}`));
    if (ordered.length > MAX_LINES) lines.push(`    … and ${ordered.length - MAX_LINES} more; --json has all of them`);
    if (newest) lines.push(`    newest: number ${newest.sequence}, link ${newest.link.slice(0, 16)}`);
  }
  lines.push(...others.map(({ words }) => `! ${words}`), '');
  lines.push(
    isTrue
      ? 'Nothing is missing, cut or changed, from the first file to the newest. What came after that does not show here.'
      : 'Not all is as the box left it: see the lines that begin with “!”.',
  );
  lines.push(
    `Compared with the key of box ${box.id}${isGiven ? '' : ', as the keyring here names it; compare that with what you know of your box'}.`,
  );
  return lines.join('\n');
}

const REMOVED = /: \d+ files? removed /;

/** Retention writes a note a day, and what is deleted one by one has a note each: neighbours of one kind are one line. */
function joined(lines: readonly VerdictLine[]): readonly VerdictLine[] {
  const found: VerdictLine[] = [];
  for (const line of lines) {
    const before = found.at(-1);
    const bare = ({ words }: VerdictLine) => words.replace(REMOVED, ': ');
    if (before?.kind !== 'removed' || line.kind !== 'removed' || bare(before) !== bare(line)) {
      found.push(line);
      continue;
    }
    const count = (before.count ?? 1) + (line.count ?? 1);
    found[found.length - 1] = { ...before, count, words: before.words.replace(REMOVED, `: ${count} files removed `) };
  }
  return found;
}
