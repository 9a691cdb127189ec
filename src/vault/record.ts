// What the box says of a complete file, of one it found torn, and of what was removed on purpose: the links of a camera's chain.
// The chain's state between two files is here; whether files agree with what was signed is `verify.ts`'s question.

import { hex, unhex } from './bytes.ts';
import { SealError } from './fault.ts';
import type { SealedKind } from './head.ts';
import { type DeviceKey, readSigned, writeSigned } from './signed.ts';

export type Follows =
  | { readonly fileId: string; readonly link: string }
  /** `lost`: the box no longer knew what came before. */
  | { readonly gap: 'first' | 'lost' | 'picture' };

export interface RecordFacts {
  readonly state: 'finished' | 'recovered';
  readonly fileId: string;
  readonly kind: SealedKind;
  readonly cameraId: string;
  readonly stream: 'main' | 'sub';
  readonly bootId: string;
  /** Where the record begins. */
  readonly bytes: number;
  readonly frames: number;
  /** Where the last frame begins; null in a recovered file. */
  readonly endAt: number | null;
  readonly durationMs: number;
  readonly peakLevel: number;
  /** Of head and frames, hex. */
  readonly hash: string;
}

export interface SealRecord extends RecordFacts {
  /** From 1, per camera and stream; 0 for a picture. */
  readonly sequence: number;
  readonly follows: Follows;
  readonly deviceKey: string;
}

export interface SignedRecord {
  readonly bytes: Uint8Array;
  readonly record: SealRecord;
  /** Hex. */
  readonly link: string;
}

export interface ReadRecord extends SignedRecord {
  /** The key named in the record has signed it. Whether that is the right box is for the reader to say. */
  isTrue(): boolean;
}

/** Where a camera's chain stands. */
export interface ChainEnd {
  readonly sequence: number;
  readonly fileId: string;
  readonly link: string;
}

/** The chains of one box. A record counts only once it is on the disk: then `keep` it, before signing the camera's next. */
export class DeviceChain {
  readonly #key: DeviceKey;
  readonly #ends: Map<string, ChainEnd>;

  /** `ends` by `chainName`, from the newest file of each camera. */
  constructor(key: DeviceKey, ends: Iterable<readonly [string, ChainEnd]> = []) {
    this.#key = key;
    this.#ends = new Map(ends);
  }

  /** The box knows that records were made up to this number, but not what the last one said. */
  continueAfter(name: string, sequence: number): void {
    this.#ends.set(name, { sequence, fileId: '', link: '' });
  }

  end(name: string): ChainEnd | undefined {
    return this.#ends.get(name);
  }

  sign(facts: RecordFacts): SignedRecord {
    const {
      state,
      fileId,
      kind,
      cameraId,
      stream,
      bootId,
      bytes: at,
      frames,
      endAt,
      durationMs,
      peakLevel,
      hash,
    } = facts;
    // in this order: the same facts give the same bytes
    const record: SealRecord = {
      ...{ state, fileId, kind, cameraId, stream, bootId, bytes: at, frames, endAt, durationMs, peakLevel, hash },
      ...this.#place(facts),
      deviceKey: hex(this.#key.publicKey),
    };
    const { bytes, link } = writeSigned('record', record, this.#key);
    return { bytes, record, link: hex(link) };
  }

  keep({ record, link }: SignedRecord): void {
    if (record.kind !== 'segment') return;
    this.#ends.set(chainName(record), { sequence: record.sequence, fileId: record.fileId, link });
  }

  #place(facts: RecordFacts): Pick<SealRecord, 'sequence' | 'follows'> {
    if (facts.kind !== 'segment') return { sequence: 0, follows: { gap: 'picture' } };
    const end = this.end(chainName(facts));
    if (!end) return { sequence: 1, follows: { gap: 'first' } };
    const follows: Follows = end.link === '' ? { gap: 'lost' } : { fileId: end.fileId, link: end.link };
    return { sequence: end.sequence + 1, follows };
  }
}

export const chainName = ({ cameraId, stream }: Pick<RecordFacts, 'cameraId' | 'stream'>): string =>
  `${cameraId}/${stream}`;

/** Undefined when the bytes are not exactly one record. */
export function readRecord(bytes: Uint8Array): ReadRecord | undefined {
  const signed = readSigned('record', bytes);
  return signed && isRecord(signed.json)
    ? { bytes, record: signed.json, link: hex(signed.link), isTrue: signed.isTrue }
    : undefined;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function isRecord(value: Readonly<Record<string, unknown>>): value is SealRecord & Record<string, unknown> {
  const words = [value.fileId, value.cameraId, value.bootId];
  const follows = value.follows as Partial<Record<string, unknown>> | null | undefined;
  const follow =
    typeof follows === 'object' &&
    follows !== null &&
    ((typeof follows.fileId === 'string' && unhex(follows.link, 32) !== undefined) ||
      ['first', 'lost', 'picture'].includes(follows.gap as string));
  return (
    ['finished', 'recovered'].includes(value.state as string) &&
    ['segment', 'still', 'difference'].includes(value.kind as string) &&
    ['main', 'sub'].includes(value.stream as string) &&
    words.every((word) => typeof word === 'string' && word !== '') &&
    [value.bytes, value.frames, value.sequence].every(isCount) &&
    (value.endAt === null || isCount(value.endAt)) &&
    Number.isFinite(value.durationMs) &&
    Number.isFinite(value.peakLevel) &&
    unhex(value.hash, 32) !== undefined &&
    unhex(value.deviceKey, 32) !== undefined &&
    follow
  );
}

/** That files were deleted on purpose, so that `verify` can tell it from theft. Sequences are inclusive. */
export interface RemovalNote {
  readonly cameraId: string;
  readonly stream: 'main' | 'sub';
  readonly from: number;
  readonly to: number;
  readonly why: 'age' | 'space' | 'owner' | 'thinned';
  readonly atMs: number;
  /** Of `to`, when it was the chain's newest: with it the next record still has something to follow. */
  readonly end?: { readonly fileId: string; readonly link: string };
}

export function writeRemovalNote(note: RemovalNote, key: DeviceKey): Uint8Array {
  return writeSigned('removal', { ...note, deviceKey: hex(key.publicKey) }, key).bytes;
}

/** Throws `damaged-record` when it is none, or the box did not sign it. */
export function readRemovalNote(bytes: Uint8Array, devicePublicKey: Uint8Array): RemovalNote {
  const signed = readSigned('removal', bytes);
  const json = signed?.json as Partial<Record<keyof RemovalNote | 'deviceKey', unknown>> | undefined;
  const whole =
    json &&
    signed?.isTrue() &&
    json.deviceKey === hex(devicePublicKey) &&
    typeof json.cameraId === 'string' &&
    ['main', 'sub'].includes(json.stream as string) &&
    ['age', 'space', 'owner', 'thinned'].includes(json.why as string) &&
    [json.from, json.to].every(isCount) &&
    Number.isFinite(json.atMs) &&
    (json.end === undefined || isEnd(json.end));
  if (!whole) throw new SealError('damaged-record');
  return json as unknown as RemovalNote;
}

function isEnd(value: unknown): boolean {
  const end = value as Partial<Record<string, unknown>> | null;
  return typeof end === 'object' && end !== null && typeof end.fileId === 'string' && unhex(end.link, 32) !== undefined;
}
