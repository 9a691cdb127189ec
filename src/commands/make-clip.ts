// Opens the files of a clip and plans its MP4s, with everything that is not in them. The same files, keys and times give the same
// bytes, so that a clip can be made again to compare (`evidence.ts`).

import { describeError, NightjarError } from '../base/errors.ts';
import { type ClipPart, type ClipSegment, type Jump, jumpsIn, planClip } from '../playback/clip.ts';
import { openFootage } from '../playback/opened-footage.ts';
import { SealError } from '../vault/fault.ts';
import { type Keys, openSealed, type SealReader } from '../vault/open.ts';
import type { DiskSource } from './sealed-folder.ts';

export interface ClipFile {
  readonly name: string;
  readonly startMs: number;
  readonly source: DiskSource;
  readonly keys: Keys;
}

/** What is not in the clip and should be, with wall times in UTC ms. */
export type ClipLoss =
  | {
      readonly kind: 'gap';
      readonly name: string;
      readonly fromMs: number;
      readonly toMs: number;
      readonly why: GapWhy;
    }
  /** A power cut ended it, and the box has said so. */
  | { readonly kind: 'power-cut'; readonly name: string; readonly atMs: number }
  /** It has no end, and nobody has said why. */
  | { readonly kind: 'torn'; readonly name: string; readonly atMs: number }
  | { readonly kind: 'closed'; readonly name: string; readonly startMs: number; readonly sentence: string };

/** unreadable: the disk did not give it. */
export type GapWhy = 'damaged' | 'missing' | 'unreadable';

export interface MadeClip {
  readonly parts: readonly ClipPart[];
  readonly losses: readonly ClipLoss[];
  /** Times in which nothing was recorded, so that the clip goes on later. */
  readonly jumps: readonly Jump[];
  /** Names of files that gave something to it. */
  readonly used: readonly string[];
  /** The keys leave the memory. */
  forget(): void;
}

const LEAST_JUMP_MS = 1500;

export async function makeClip(
  files: readonly ClipFile[],
  asked: { readonly fromMs: number; readonly toMs: number },
  onFile: (done: number) => void = () => {},
): Promise<MadeClip> {
  const losses: ClipLoss[] = [];
  const segments: (ClipSegment & { readonly name: string })[] = [];
  const readers: SealReader[] = [];
  for (const [i, file] of files.entries()) {
    const { name, startMs } = file;
    try {
      const reader = await openSealed(file.source, file.keys);
      readers.push(reader);
      const footage = await openFootage(reader, {
        fromMs: Math.max(0, asked.fromMs - startMs),
        toMs: asked.toMs - startMs,
      });
      const { mimeType, width, height } = reader.header;
      segments.push({ name, startMs, mimeType, width, height, footage });
      for (const gap of footage.gaps) {
        const why: GapWhy =
          gap.fault === 'missing-chunk' ? 'missing' : file.source.unreadable ? 'unreadable' : 'damaged';
        losses.push({ kind: 'gap', name, fromMs: startMs + gap.fromMs, toMs: startMs + gap.toMs, why });
      }
      const atMs = startMs + Math.max(footage.shown.toMs, reader.entries.at(-1)?.toMs ?? 0);
      // what was cut off behind the asked time is nobody's question
      if (atMs < asked.toMs && reader.ending.how === 'recovered') losses.push({ kind: 'power-cut', name, atMs });
      if (atMs < asked.toMs && reader.ending.how === 'torn') losses.push({ kind: 'torn', name, atMs });
    } catch (error) {
      if (!(error instanceof NightjarError)) throw error;
      const sentence = error instanceof SealError ? error.message : `${describeError(error)}.`;
      losses.push({ kind: 'closed', name, startMs, sentence });
    }
    onFile(i + 1);
  }
  const used = segments.filter(({ footage }) => footage.index).map(({ name }) => name);
  const forget = () => {
    for (const reader of readers) reader.forget();
  };
  return { parts: planClip(segments), losses, jumps: jumpsIn(segments, LEAST_JUMP_MS), used, forget };
}
