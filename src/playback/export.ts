// One progressive MP4 of a whole recording, made while it is read: sample tables first, then the media copied from the
// segments, so that its size is known beforehand and any byte range can be answered.

import { NightjarError } from '../base/errors.ts';
import {
  type CopyRange,
  type FastStartPlan,
  indexSegment,
  planFastStart,
  type SegmentIndex,
} from '../media/fast-start.ts';

/** Opened media of one segment, as a plain file would be read: a sealed one is opened while it is. */
export interface SegmentMedia {
  readonly bytes: number;
  /** Many small reads. */
  open(): Promise<{ read(from: number, to: number): Promise<Uint8Array>; close(): Promise<void> }>;
  /** `from` inclusive, `to` exclusive. */
  stream(from: number, to: number): ReadableStream<Uint8Array>;
}

export interface Body {
  readonly bytes: number;
  /** `from` inclusive, `to` exclusive. */
  stream(from: number, to: number): ReadableStream<Uint8Array>;
}

/** Reads the tables of the segments, and plans the file. Undefined when no picture is in them. */
export async function exportBody(segments: readonly SegmentMedia[], createdAtMs: number): Promise<Body | undefined> {
  const indexed: { readonly source: SegmentMedia; readonly index: SegmentIndex }[] = [];
  for (const source of segments) {
    const index = await indexBytes(source);
    if (index && index.runs.length > 0) indexed.push({ source, index });
  }
  const plan = planFastStart(
    indexed.map(({ index }) => index),
    { createdAtMs },
  );
  return (
    plan &&
    planBody(
      plan,
      indexed.map(({ source }) => source),
    )
  );
}

async function indexBytes(source: SegmentMedia): Promise<SegmentIndex | undefined> {
  const file = await source.open();
  try {
    return await indexSegment({ bytes: source.bytes, read: (from, to) => file.read(from, to) });
  } finally {
    await file.close();
  }
}

/** A piece of the finished file: where it lies there, and where its bytes come from. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly copy?: CopyRange;
}

function planBody(plan: FastStartPlan, sources: readonly SegmentMedia[]): Body {
  let at = plan.header.length;
  const pieces: Piece[] = [{ from: 0, to: at }];
  for (const copy of plan.ranges) {
    const to = at + copy.to - copy.from;
    pieces.push({ from: at, to, copy });
    at = to;
  }
  if (at !== plan.bytes) throw new NightjarError('internal', `an export of ${plan.bytes} bytes was planned as ${at}`);

  function streamOf(
    { from, copy }: Piece,
    rangeFrom: number,
    rangeTo: number,
  ): ReadableStream<Uint8Array> | Uint8Array {
    const [skip, end] = [rangeFrom - from, rangeTo - from];
    if (!copy) return plan.header.subarray(skip, end);
    return sources[copy.source]!.stream(copy.from + skip, copy.from + end);
  }

  return {
    bytes: plan.bytes,
    stream(from, to) {
      async function* bytes(): AsyncGenerator<Uint8Array> {
        for (let i = firstPieceAt(pieces, from); i < pieces.length && pieces[i]!.from < to; i++) {
          const piece = pieces[i]!;
          const part = streamOf(piece, Math.max(from, piece.from), Math.min(to, piece.to));
          if (part instanceof Uint8Array) yield part;
          else yield* part;
        }
      }
      return streamFrom(bytes());
    },
  };
}

/** The piece in which a byte lies, by halving: an hour has thousands of pieces. */
function firstPieceAt(pieces: readonly Piece[], at: number): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle]!.to <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function streamFrom(bytes: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await bytes.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await bytes.return(undefined)),
    },
    { highWaterMark: 0 },
  );
}
