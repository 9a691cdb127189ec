// Says offline, without the vault's key, whether a file is what the box signed, and whether files are missing, cut, changed
// or doubled in a camera's chain. Whether the pictures open is `open.ts`'s question.

import { hex } from './bytes.ts';
import { SealError } from './fault.ts';
import type { SealedHeader } from './head.ts';
import { keyIdHex } from './key-pair.ts';
import { chainName, type RemovalNote, type SealRecord } from './record.ts';
import { surveySealed } from './survey.ts';
import type { SealedSource } from './walk.ts';

export type FileFinding =
  /** The head cannot be read; see the error. */
  | 'unreadable'
  /** Head, frames, table or signature are not what was signed. */
  | 'changed'
  /** It ends before its end, or has fewer frames than were signed. */
  | 'cut'
  /** Whole, but nobody signed it. */
  | 'unsigned'
  /** Signed by a key that is not this box's. */
  | 'another-box'
  /** The box itself found it torn, after a power cut. Not a fault of the file. */
  | 'recovered';

export interface FileVerdict {
  readonly name: string;
  readonly header?: SealedHeader;
  readonly record?: SealRecord;
  /** Hex. */
  readonly link?: string;
  readonly findings: readonly FileFinding[];
  readonly error?: SealError;
}

/** Errors of `read` pass through. */
export async function verifyFile(
  name: string,
  source: SealedSource,
  devicePublicKey: Uint8Array,
): Promise<FileVerdict> {
  try {
    const { head, frames, holes, hash, last, wholeBytes, record: read } = await surveySealed(source);
    const { header } = head;
    const findings = new Set<FileFinding>();
    if (header.boxId !== keyIdHex(devicePublicKey)) findings.add('another-box');
    if (!read) {
      // a file that was just cut and one that was just interrupted look the same
      findings.add(last && holes.length === 0 ? 'unsigned' : 'cut');
      if (holes.some((hole) => hole.to < source.bytes)) findings.add('changed');
      return { name, header, findings: [...findings] };
    }
    const { record, link } = read;
    if (record.deviceKey !== hex(devicePublicKey)) findings.add('another-box');
    if (frames < record.frames) findings.add('cut');
    const sameFile = (['fileId', 'kind', 'cameraId', 'stream', 'bootId'] as const).every(
      (k) => record[k] === header[k],
    );
    const sameEnd = record.endAt === (last?.at ?? null) && (record.state === 'finished') === (last !== undefined);
    const sameBytes = record.bytes === wholeBytes && wholeBytes === source.bytes - read.bytes.length;
    // holes need no word of their own: what stood there is missing in the hash, unless the power cut had left them before the box signed
    const whole = record.hash === hash && sameFile && sameEnd && sameBytes;
    // the signature last: it takes milliseconds
    if (!whole || !read.isTrue()) findings.add('changed');
    if (record.state === 'recovered') findings.add('recovered');
    return { name, header, record, link, findings: [...findings] };
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return { name, findings: ['unreadable'], error };
  }
}

export type ChainFinding =
  | { readonly kind: 'begins'; readonly sequence: number }
  | {
      readonly kind: 'missing' | 'removed';
      readonly from: number;
      readonly to: number;
      readonly why?: RemovalNote['why'];
    }
  | {
      readonly kind: 'doubled' | 'changed' | 'cut' | 'recovered' | 'restart' | 'gap' | 'unsigned';
      readonly name: string;
    };

export interface ChainVerdict {
  /** `<camera>/<stream>` */
  readonly chain: string;
  readonly files: number;
  /** In order of the chain; files that nobody signed come last. */
  readonly findings: readonly ChainFinding[];
}

/** Joins the verdicts of files into what can be said of each camera. Removal notes are those the box has signed. */
export function verifyChains(
  files: readonly FileVerdict[],
  notes: readonly RemovalNote[] = [],
): readonly ChainVerdict[] {
  const chains = new Map<string, FileVerdict[]>();
  for (const file of files) {
    if (file.header?.kind !== 'segment') continue;
    const name = chainName(file.header);
    chains.set(name, [...(chains.get(name) ?? []), file]);
  }
  return [...chains].map(([chain, members]) => ({
    chain,
    files: members.length,
    findings: findingsOf(
      members,
      notes.filter((note) => chainName(note) === chain),
    ),
  }));
}

function findingsOf(members: readonly FileVerdict[], notes: readonly RemovalNote[]): readonly ChainFinding[] {
  const signed = members.filter((file) => file.record !== undefined);
  signed.sort((a, b) => a.record!.sequence - b.record!.sequence);
  const findings: ChainFinding[] = [];
  let before: FileVerdict | undefined;
  for (const file of signed) {
    const { sequence } = file.record!;
    const expected = before ? before.record!.sequence + 1 : sequence;
    if (!before) findings.push({ kind: 'begins', sequence });
    if (sequence < expected) findings.push({ kind: 'doubled', name: file.name });
    if (sequence > expected) findings.push(...absences(expected, sequence - 1, notes));
    if (before && sequence === expected) findings.push(...joint(before, file));
    for (const kind of ['changed', 'cut', 'recovered'] as const) {
      if (file.findings.includes(kind)) findings.push({ kind, name: file.name });
    }
    before = file;
  }
  for (const { name, record, findings: own } of members) {
    if (record === undefined) findings.push({ kind: own.includes('unsigned') ? 'unsigned' : 'cut', name });
  }
  return findings;
}

/** What two files that stand next to each other in the chain say about each other. */
function joint(before: FileVerdict, file: FileVerdict): readonly ChainFinding[] {
  const findings: ChainFinding[] = [];
  const { follows, bootId } = file.record!;
  if ('gap' in follows) findings.push({ kind: 'gap', name: file.name });
  else if (follows.link !== before.link || follows.fileId !== before.record!.fileId) {
    findings.push({ kind: 'changed', name: before.name });
  }
  if (bootId !== before.record!.bootId) findings.push({ kind: 'restart', name: file.name });
  return findings;
}

/** Splits a run of numbers that are not there into those that a note explains, and those that none does. */
function absences(from: number, to: number, notes: readonly RemovalNote[]): readonly ChainFinding[] {
  const found: ChainFinding[] = [];
  const sorted = notes.filter((note) => note.to >= from && note.from <= to).sort((a, b) => a.from - b.from);
  let at = from;
  for (const note of sorted) {
    if (note.to < at) continue;
    if (note.from > at) found.push({ kind: 'missing', from: at, to: note.from - 1 });
    const upTo = Math.min(note.to, to);
    found.push({ kind: 'removed', from: Math.max(at, note.from), to: upTo, why: note.why });
    at = upTo + 1;
  }
  if (at <= to) found.push({ kind: 'missing', from: at, to });
  return found;
}
