// Whether the files of a clip are what the box signed, and whether one between them is not there: the vault's verdicts, in the wall time of
// the clip. The files next to it in the chain stand surety for its two ends.

import type { ReadRecord, RemovalNote, SealRecord } from '../vault/record.ts';
import { type FileFinding, type FileVerdict, verifyChains, verifyFile } from '../vault/verify.ts';
import type { SealedSource } from '../vault/walk.ts';

export type CheckedFinding =
  | Extract<FileFinding, 'changed' | 'unsigned' | 'another-box' | 'cut' | 'unreadable'>
  | 'doubled';

export type CheckLoss =
  /** Files that were recorded and are not here; with `why` the box has signed that they were removed. */
  | {
      readonly kind: 'absent';
      readonly count: number;
      readonly fromMs: number;
      readonly toMs: number;
      readonly why?: RemovalNote['why'];
    }
  | { readonly kind: 'untrue'; readonly name: string; readonly finding: CheckedFinding }
  /** The box had lost its place, so that nobody can say whether a file is missing before this one. */
  | { readonly kind: 'unlinked'; readonly name: string };

export interface CheckFile {
  readonly name: string;
  readonly startMs: number;
  readonly source: SealedSource;
}

/** Known by its record alone. */
export interface Neighbour {
  readonly name: string;
  readonly startMs: number;
  readonly record: ReadRecord;
}

export async function checkClip(
  files: readonly CheckFile[],
  neighbours: readonly Neighbour[],
  notes: readonly RemovalNote[],
  devicePublicKey: Uint8Array,
  onFile: (done: number) => void = () => {},
): Promise<readonly CheckLoss[]> {
  const losses: CheckLoss[] = [];
  const verdicts: FileVerdict[] = [];
  const untrue = (name: string, finding: CheckedFinding) => {
    const isSaid = losses.some((loss) => loss.kind === 'untrue' && loss.name === name && loss.finding === finding);
    if (!isSaid) losses.push({ kind: 'untrue', name, finding });
  };
  for (const [i, file] of files.entries()) {
    const verdict = await verifyFile(file.name, file.source, devicePublicKey);
    verdicts.push(verdict);
    for (const finding of verdict.findings) {
      // where the record is there, what is missing is missing in the middle, and makes it another file
      const isSaid = finding === 'recovered' || (finding === 'cut' && verdict.record !== undefined);
      if (!isSaid) untrue(file.name, finding);
    }
    onFile(i + 1);
  }
  const surety = neighbours.filter(({ record }) => record.isTrue()).map(verdictOf);
  const startOf = new Map([...files, ...neighbours].map(({ name, startMs }) => [name, startMs]));
  const signed = [...verdicts, ...surety].filter((one): one is Signed => one.record !== undefined);
  for (const finding of verifyChains([...verdicts, ...surety], notes).flatMap((chain) => chain.findings)) {
    switch (finding.kind) {
      case 'missing':
      case 'removed': {
        const [before, after] = around(signed, finding.from, finding.to);
        losses.push({
          kind: 'absent',
          count: finding.to - finding.from + 1,
          fromMs: before ? startOf.get(before.name)! + before.record.durationMs : Number.NEGATIVE_INFINITY,
          toMs: after ? startOf.get(after.name)! : Number.POSITIVE_INFINITY,
          ...(finding.why ? { why: finding.why } : {}),
        });
        break;
      }
      case 'gap':
        losses.push({ kind: 'unlinked', name: finding.name });
        break;
      case 'doubled':
      case 'changed':
        untrue(finding.name, finding.kind);
        break;
      // what a file says of itself was said above; a restart is nothing that is missing
    }
  }
  return losses;
}

type Signed = FileVerdict & { readonly record: SealRecord };

function around(
  signed: readonly Signed[],
  from: number,
  to: number,
): readonly [Signed | undefined, Signed | undefined] {
  const order = [...signed].sort((a, b) => a.record.sequence - b.record.sequence);
  return [order.findLast(({ record }) => record.sequence < from), order.find(({ record }) => record.sequence > to)];
}

/** Enough of a verdict for its place in the chain. */
function verdictOf({ name, startMs, record: { record, link } }: Neighbour): FileVerdict {
  const { fileId, cameraId, stream, bootId, kind } = record;
  return {
    ...{ name, record, link, findings: [] },
    header: {
      ...{ kind, fileId, cameraId, stream, bootId, startMs },
      ...{ recordingId: '', boxId: '', startSinceBootMs: 0, wallSynchronised: null },
      ...{ mimeType: '', width: 0, height: 0, reasons: [] },
    },
  };
}
