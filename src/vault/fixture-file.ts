// Sealed files for tests and vectors: small, with everything in them, and the same bytes each time when asked so.

import { join, type Random, utf8 } from './bytes.ts';
import { sha256Now } from './cipher.ts';
import type { SealedHeader } from './head.ts';
import { keyIdHex, newKeyPair } from './key-pair.ts';
import type { Keys } from './open.ts';
import { DeviceChain } from './record.ts';
import { beginSealed, type ChunkInfo, type SealWriter } from './seal.ts';
import { deviceKeyOf } from './signed.ts';

/** Not random at all: a stream of hashes of a name. */
export function fixedRandom(name: string): Random {
  let count = 0;
  return (bytes) => {
    const out = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 32) {
      out.set(sha256Now(utf8(`${name} ${count++}`)).subarray(0, Math.min(32, bytes - at)), at);
    }
    return out;
  };
}

export const device = deviceKeyOf(fixedRandom('device')(32));
export const vaultPair = newKeyPair(fixedRandom('vault'));
export const boxId = keyIdHex(device.publicKey);
export const vaultKeys: Extract<Keys, { kind: 'vault' }> = {
  kind: 'vault',
  boxId,
  pair: (id) => (id === keyIdHex(vaultPair.publicKey) ? vaultPair : undefined),
};

export const sampleHeader = (over: Partial<SealedHeader> = {}): SealedHeader => ({
  kind: 'segment',
  fileId: 'seg1',
  recordingId: 'rec1',
  cameraId: 'cam1',
  stream: 'main',
  boxId,
  startMs: 1_700_000_000_000,
  startSinceBootMs: 5000,
  bootId: 'boot1',
  wallSynchronised: true,
  mimeType: 'video/mp4; codecs="avc1.64001f"',
  width: 640,
  height: 360,
  reasons: ['motion'],
  ...over,
});

export const summary = {
  durationMs: 2000,
  reasons: ['motion'],
  peakLevel: 40,
  events: [{ id: 'ev1', level: 40 }],
  interrupted: false,
};

/** Init segment, then half seconds; every other one begins with a key frame. */
export const samplePieces = (
  count = 4,
  bytes = 24,
): readonly { readonly plain: Uint8Array; readonly info: ChunkInfo }[] => [
  { plain: utf8('ftyp moov'), info: { kind: 'init', fromMs: 0, toMs: 0, key: false } },
  ...Array.from({ length: count }, (_, i) => ({
    plain: fixedRandom(`media ${i}`)(bytes),
    info: { kind: 'media', fromMs: i * 500, toMs: (i + 1) * 500, key: i % 2 === 0, moved: (i * 10) % 101 } as ChunkInfo,
  })),
];

export interface SampleOptions {
  readonly header?: Partial<SealedHeader>;
  readonly pieces?: ReturnType<typeof samplePieces>;
  readonly random?: Random;
  readonly chain?: DeviceChain;
  readonly unsigned?: boolean;
}

export interface Sample {
  readonly bytes: Uint8Array;
  /** Where the head, each frame and the record begin. */
  readonly cuts: readonly number[];
  readonly plain: readonly Uint8Array[];
  readonly link: string | undefined;
}

export async function sealSample(options: SampleOptions = {}): Promise<Sample> {
  const { pieces = samplePieces(), chain = new DeviceChain(device) } = options;
  const writer = await beginSample(options);
  const parts = [writer.head];
  for (const { plain, info } of pieces) parts.push(await writer.push(plain, info));
  const sign = options.unsigned ? {} : { sign: (facts: Parameters<DeviceChain['sign']>[0]) => chain.sign(facts) };
  const { bytes, record } = await writer.finish({ summary, secret: { note: 'told to the owner' }, ...sign });
  if (record) chain.keep(record);
  const cuts: number[] = [];
  let at = 0;
  for (const part of parts) {
    at += part.length;
    cuts.push(at);
  }
  cuts.push(at + bytes.length - (record?.bytes.length ?? 0));
  return { bytes: join(...parts, bytes), cuts, plain: pieces.map((piece) => piece.plain), link: record?.link };
}

export const beginSample = ({ header, random }: SampleOptions = {}): Promise<SealWriter> =>
  beginSealed(sampleHeader(header), { publicKeys: [vaultPair.publicKey], ...(random ? { random } : {}) });
