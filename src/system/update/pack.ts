// Makes an update file: what `make release` does for people, and tests for themselves. The executable is packed and signed whole in
// memory; boxes only ever read.

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { type Machine, signManifest } from './manifest.ts';
import { writeHead } from './package-head.ts';
import { WINDOW_LOG } from './unpack.ts';

export interface ReleaseParts {
  readonly executable: Uint8Array;
  readonly version: string;
  readonly machine: Machine;
  /** Plain text, at most 4000 characters. */
  readonly notes: string;
  readonly releasedAtMs: number;
  /** 64 bytes, as tweetnacl has it. */
  readonly secretKey: Uint8Array;
  /** zstd's, 1-19. 3 packs 115 MB in 2 s to 55 MB, 12 in 18 s to 49 MB. */
  readonly level?: number;
}

export interface PackedRelease {
  /** What a release address answers first. */
  readonly head: Uint8Array;
  /** The whole update file. */
  readonly file: Uint8Array;
}

/** Throws RangeError for parts of which no box would take the update. */
export async function packRelease(parts: ReleaseParts): Promise<PackedRelease> {
  const { executable, version, machine, notes, releasedAtMs } = parts;
  const packed = await promisify(zstdCompress)(executable, {
    params: {
      [constants.ZSTD_c_compressionLevel]: parts.level ?? 12,
      [constants.ZSTD_c_windowLog]: WINDOW_LOG,
    },
  });
  const signed = signManifest(
    {
      format: 1,
      version,
      machine,
      bytes: executable.length,
      sha256: createHash('sha256').update(executable).digest('hex'),
      packing: 'zstd',
      packedBytes: packed.length,
      releasedAtMs,
      notes,
    },
    parts.secretKey,
  );
  const head = writeHead(signed);
  return { head, file: Buffer.concat([head, packed]) };
}
