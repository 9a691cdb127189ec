// The packed executable on its way into a slot: unpacked as it comes, bounded on both sides by what was signed, and hashed. The
// last piece is handed on only when the whole is what was signed.

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdDecompress } from 'node:zlib';
import { NightjarError } from '../../base/errors.ts';
import type { Manifest } from './manifest.ts';

/** 8 MiB: what a release is packed with at most. A file that asks for more memory is refused by the decoder. */
export const WINDOW_LOG = 23;

export const damaged = () =>
  new NightjarError('invalid', 'the file is damaged: download it again, and check that all of it arrived');

export const cutShort = (kind: 'invalid' | 'unavailable', options?: { readonly cause: unknown }) =>
  new NightjarError(kind, 'the file did not arrive whole: send it again', options);

/** Throws `invalid` for anything that is not exactly what was signed. */
export async function* unpacked(
  packed: AsyncIterable<Uint8Array>,
  { bytes, packedBytes, sha256 }: Manifest,
): AsyncGenerator<Uint8Array> {
  const engine = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG } });
  let cause: unknown;
  const feeding = pipeline(Readable.from(exactly(packed, packedBytes), { objectMode: true }), engine).catch(
    (error: unknown) => {
      cause = error;
    },
  );
  const hash = createHash('sha256');
  let done = 0;
  let held: Uint8Array | undefined;
  try {
    for await (const piece of engine as AsyncIterable<Uint8Array>) {
      done += piece.length;
      if (done > bytes) throw damaged();
      hash.update(piece);
      if (held) yield held;
      held = piece;
    }
    await feeding;
  } catch (error) {
    // what the sender's side threw is told; what the decoder says about the bytes is not
    throw [cause, error].find((e) => e instanceof NightjarError) ?? damaged();
  } finally {
    engine.destroy();
  }
  if (cause !== undefined) throw cause instanceof NightjarError ? cause : damaged();
  if (done !== bytes || hash.digest('hex') !== sha256 || !held) throw damaged();
  yield held;
}

/** Passes on exactly that many bytes; throws `invalid` when fewer or more come, `unavailable` when the sender broke off. */
async function* exactly(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let done = 0;
  try {
    for await (const chunk of chunks) {
      done += chunk.length;
      if (done > bytes) throw damaged();
      yield chunk;
    }
  } catch (cause) {
    throw cause instanceof NightjarError ? cause : cutShort('unavailable', { cause });
  }
  if (done < bytes) throw cutShort('invalid');
}
