// What is missing in a clip, in words for the owner of the house: one line each, in order of time.

import type { RemovalNote } from '../vault/record.ts';
import type { CheckedFinding, CheckLoss } from './clip-check.ts';
import type { ClipLoss, GapWhy } from './make-clip.ts';
import { showMoment, showSpan } from './moment.ts';

export type Loss = ClipLoss | CheckLoss;

export interface SaidLoss {
  readonly kind: Loss['kind'];
  readonly isFault: boolean;
  readonly words: string;
  readonly fromMs?: number;
  readonly toMs?: number;
}

const gapWords: Readonly<Record<GapWhy, string>> = {
  damaged: 'is damaged in',
  missing: 'is missing from',
  unreadable: 'could not be read from the disk in',
};

export const removedWords: Readonly<Record<RemovalNote['why'], string>> = {
  age: 'because it had reached its age',
  space: 'to make room',
  owner: 'by an owner',
  thinned: 'because nothing moved in it',
};

const untrueWords: Readonly<Record<CheckedFinding, string>> = {
  changed: 'is not as the box signed it: some of it was changed, cut out, or damaged',
  cut: 'is shorter than what the box wrote',
  unsigned: 'is whole, but the box has not signed it',
  'another-box': 'was signed by another box',
  unreadable: 'cannot be read',
  doubled: 'stands at a place in the row of recordings that another file has, too',
};

/** One line per loss. What the pictures themselves show to be damaged is not said again for the file. */
export function lossWords(losses: readonly Loss[]): readonly SaidLoss[] {
  const shown = new Set(losses.flatMap((loss) => ('name' in loss && isOfPictures(loss) ? [loss.name] : [])));
  const said = losses.filter(
    (loss) =>
      !(loss.kind === 'untrue' && shown.has(loss.name) && ['changed', 'cut', 'unreadable'].includes(loss.finding)),
  );
  const atMs = ({ fromMs = Number.MAX_SAFE_INTEGER }: SaidLoss) => fromMs;
  return said.map((loss) => ({ ...wordsOf(loss), isFault: isFault(loss) })).sort((a, b) => atMs(a) - atMs(b));
}

/** Not as the box left it. What the box has signed away, and a power cut that it tells of, are only missing. */
export const isFault = (loss: Loss): boolean =>
  loss.kind === 'absent' ? loss.why === undefined : loss.kind !== 'power-cut' && loss.kind !== 'unlinked';

const isOfPictures = ({ kind }: Loss): boolean => kind === 'gap' || kind === 'torn' || kind === 'closed';

function wordsOf(loss: Loss): Omit<SaidLoss, 'isFault'> {
  const { kind } = loss;
  switch (loss.kind) {
    case 'gap': {
      const { fromMs, toMs, why, name } = loss;
      return { kind, fromMs, toMs, words: `${showSpan(fromMs, toMs)}: something ${gapWords[why]} ${name}` };
    }
    case 'power-cut':
      return {
        ...{ kind, fromMs: loss.atMs },
        words: `${showMoment(loss.atMs)}: a power cut ended ${loss.name}; the box says so, up to two seconds before it are lost`,
      };
    case 'torn':
      return {
        ...{ kind, fromMs: loss.atMs },
        words: `${showMoment(loss.atMs)}: ${loss.name} stops without an end: it was still being written, or the power failed, or somebody cut it`,
      };
    case 'closed':
      return {
        ...{ kind, fromMs: loss.startMs },
        words: `${showMoment(loss.startMs)}: ${loss.name} does not open. ${loss.sentence}`,
      };
    case 'absent': {
      const { count, why } = loss;
      const files = count === 1 ? 'a recorded file' : `${count} recorded files`;
      const are = count === 1 ? 'is' : 'are';
      const end = why
        ? `${count === 1 ? 'was' : 'were'} removed ${removedWords[why]}; the box has signed that`
        : `${are} missing`;
      return { ...spanOf(loss), kind, words: `${whenWords(loss)}: ${files} ${end}` };
    }
    case 'untrue':
      return { kind, words: `${loss.name} ${untrueWords[loss.finding]}` };
    case 'unlinked':
      return {
        kind,
        words: `before ${loss.name} the box had lost its place, so nobody can say whether something is missing`,
      };
  }
}

const spanOf = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) => ({
  ...(Number.isFinite(fromMs) ? { fromMs } : {}),
  ...(Number.isFinite(toMs) ? { toMs } : {}),
});

export function whenWords({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): string {
  if (!Number.isFinite(fromMs)) return Number.isFinite(toMs) ? `before ${showMoment(toMs)}` : 'at an unknown time';
  return Number.isFinite(toMs) ? showSpan(fromMs, toMs) : `after ${showMoment(fromMs)}`;
}

export function lengthWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h} h ${m} min` : m > 0 ? `${m} min ${s} s` : `${(ms / 1000).toFixed(1)} s`;
}

export const sizeWords = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
