// The head of a sealed file: who it is for, and what must stay readable about the whole of it. `docs/reference/sealed-format.md`
// has the bytes.

import { hex, join, type Random, readJsonObject, sameBytes, u32, utf8, viewOf } from './bytes.ts';
import { type ChunkCipher, sha256Now, TAG_BYTES } from './cipher.ts';
import { SealError } from './fault.ts';
import { KEY_ID_BYTES, keyId, SEALED_KEY_BYTES, sealFor } from './key-pair.ts';
import { HEADER_TAG_NONCE } from './nonce.ts';

export const MAGIC = new Uint8Array([0x4e, 0x4a, 0x53, 0x45, 0x41, 0x4c, 0x1a, 0x0a]);
export const FORMAT_VERSION = 1;
export const CHECK_BYTES = 8;
const FIXED_BYTES = 16;
const RECIPIENT_BYTES = KEY_ID_BYTES + SEALED_KEY_BYTES;
const MAX_RECIPIENTS = 8;
const MAX_JSON_BYTES = 65_536;
export const MAX_HEAD_BYTES = FIXED_BYTES + MAX_JSON_BYTES + MAX_RECIPIENTS * RECIPIENT_BYTES + TAG_BYTES + CHECK_BYTES;

export type SealedKind = 'segment' | 'still' | 'difference';

/** Readable without a key, authenticated with it. Wall times are UTC ms. */
export interface SealedHeader {
  readonly kind: SealedKind;
  readonly fileId: string;
  readonly recordingId: string;
  readonly cameraId: string;
  readonly stream: 'main' | 'sub';
  /** Of a difference picture: whose it is. */
  readonly eventId?: string;
  /** Key id of the box's signing key, hex. */
  readonly boxId: string;
  readonly startMs: number;
  /** Since the machine was switched on: orders the files of one boot even when its wall clock was wrong. */
  readonly startSinceBootMs: number;
  readonly bootId: string;
  /** Whether the wall clock was known to be right. null: nobody could say. */
  readonly wallSynchronised: boolean | null;
  /** Of what is sealed, with codecs. */
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
  /** Why it is recorded, as known when the file was begun. */
  readonly reasons: readonly string[];
}

export interface Recipient {
  /** Hex. */
  readonly keyId: string;
  readonly sealedKey: Uint8Array;
}

/** A head as it stands in a file; whether it is what the box wrote is only known with the data key. */
export interface ReadHead {
  readonly header: SealedHeader;
  readonly recipients: readonly Recipient[];
  /** What every chunk is bound to. */
  readonly headerHash: Uint8Array;
  readonly tag: Uint8Array;
  /** The whole head. */
  readonly raw: Uint8Array;
}

/** The head's bytes, and the hash that every chunk is bound to. */
export async function writeHead(
  header: SealedHeader,
  dataKey: Uint8Array,
  cipher: ChunkCipher,
  publicKeys: readonly Uint8Array[],
  random: Random,
): Promise<{ readonly raw: Uint8Array; readonly headerHash: Uint8Array }> {
  if (publicKeys.length < 1 || publicKeys.length > MAX_RECIPIENTS) throw new RangeError('one to eight recipients');
  const json = utf8(JSON.stringify(header));
  if (json.length > MAX_JSON_BYTES || !isHeader(readJsonObject(json))) throw new RangeError('not a header');
  const fixed = new Uint8Array([...MAGIC, 0, FORMAT_VERSION, publicKeys.length, 0, ...u32(json.length)]);
  const recipients = publicKeys.flatMap((key) => [keyId(key), sealFor(key, dataKey, random)]);
  const bound = join(fixed, json, ...recipients);
  const headerHash = sha256Now(bound);
  const tag = await cipher.seal(HEADER_TAG_NONCE, headerHash, new Uint8Array());
  const checked = join(bound, tag);
  return { raw: join(checked, sha256Now(checked).subarray(0, CHECK_BYTES)), headerHash };
}

/** Throws `not-sealed`, `newer-version` or `damaged-header`. Needs the file's first bytes, up to `MAX_HEAD_BYTES` of them. */
export function readHead(start: Uint8Array): ReadHead {
  if (start.length < MAGIC.length || !sameBytes(start.subarray(0, MAGIC.length), MAGIC)) throw notSealed(start);
  if (start.length < FIXED_BYTES) throw new SealError('damaged-header', 'It ends too early.');
  const view = viewOf(start);
  const [version, count, reserved, jsonBytes] = [
    view.getUint16(8),
    view.getUint8(10),
    view.getUint8(11),
    view.getUint32(12),
  ];
  if (version !== FORMAT_VERSION || reserved !== 0) {
    throw new SealError('newer-version', `Its version is ${version}.`);
  }
  if (count < 1 || count > MAX_RECIPIENTS || jsonBytes < 2 || jsonBytes > MAX_JSON_BYTES) {
    throw new SealError('damaged-header');
  }
  const recipientsAt = FIXED_BYTES + jsonBytes;
  const tagAt = recipientsAt + count * RECIPIENT_BYTES;
  const raw = start.slice(0, tagAt + TAG_BYTES + CHECK_BYTES);
  const checkAt = tagAt + TAG_BYTES;
  if (raw.length < checkAt + CHECK_BYTES) throw new SealError('damaged-header', 'It ends too early.');
  const check = sha256Now(raw.subarray(0, checkAt)).subarray(0, CHECK_BYTES);
  if (!sameBytes(check, raw.subarray(checkAt))) throw new SealError('damaged-header');
  const header = readJsonObject(raw.subarray(FIXED_BYTES, recipientsAt));
  if (!isHeader(header)) throw new SealError('damaged-header');
  const recipients = Array.from({ length: count }, (_, i) => {
    const one = raw.subarray(recipientsAt + i * RECIPIENT_BYTES, recipientsAt + (i + 1) * RECIPIENT_BYTES);
    return { keyId: hex(one.subarray(0, KEY_ID_BYTES)), sealedKey: one.subarray(KEY_ID_BYTES) };
  });
  return { header, recipients, headerHash: sha256Now(raw.subarray(0, tagAt)), tag: raw.subarray(tagAt, checkAt), raw };
}

/** Whether this data key belongs to this head, and the head is as it was written. */
export async function isHeadTrue(head: ReadHead, cipher: ChunkCipher): Promise<boolean> {
  return (await cipher.open(HEADER_TAG_NONCE, head.headerHash, head.tag)) !== undefined;
}

/** A file of ours with a damaged first byte is told apart from a holiday picture. */
function notSealed(start: Uint8Array): SealError {
  const same = MAGIC.filter((byte, i) => start[i] === byte).length;
  return new SealError(start.length > 0 && same >= MAGIC.length - 2 ? 'damaged-header' : 'not-sealed');
}

function isHeader(
  value: Readonly<Record<string, unknown>> | undefined,
): value is SealedHeader & Record<string, unknown> {
  if (!value) return false;
  const words = [value.fileId, value.recordingId, value.cameraId, value.bootId, value.mimeType, value.boxId];
  const numbers = [value.startMs, value.startSinceBootMs, value.width, value.height];
  return (
    ['segment', 'still', 'difference'].includes(value.kind as string) &&
    ['main', 'sub'].includes(value.stream as string) &&
    words.every((word) => typeof word === 'string' && word !== '') &&
    (value.eventId === undefined || typeof value.eventId === 'string') &&
    numbers.every((n) => typeof n === 'number' && Number.isFinite(n)) &&
    [true, false, null].includes(value.wallSynchronised as boolean | null) &&
    Array.isArray(value.reasons) &&
    value.reasons.every((reason) => typeof reason === 'string')
  );
}
