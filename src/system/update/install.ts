// From a stream of bytes to an update that is tried at the next start. The order in which things reach the disk is the point:
// whatever stands in the record is whole, at every moment, so that the power may go at any of them.

import { NightjarError } from '../../base/errors.ts';
import type { UpdateFiles } from './files.ts';
import { judgeManifest, type Machine, type Manifest, type SignedManifest } from './manifest.ts';
import { readHead } from './package-head.ts';
import type { Running, UpdateRecord } from './record.ts';
import { clearSlot, fillSlot, saveRecord } from './slots.ts';
import { spareSlot, staged, vacated } from './trial.ts';
import { cutShort, unpacked } from './unpack.ts';
import { isOlder } from './version-order.ts';

export interface InstallOptions {
  readonly files: UpdateFiles;
  /** `places.update`. */
  readonly folder: string;
  readonly keys: readonly Uint8Array[];
  readonly machine: Machine;
  /** The version that runs now. */
  readonly version: string;
  /** Which executable runs now: nothing is written over it. */
  readonly running: Running;
  /** Free on the data partition. */
  readonly freeBytes: () => Promise<number>;
}

export interface Incoming {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly allowOlder: boolean;
  /** What the owner was offered. Undefined: whatever the file is. */
  readonly version?: string;
}

/** Recordings need some room while the executable is written. */
const SPARE_BYTES = 64 * 1024 * 1024;

/**
 * Checks and writes one update; resolves with the record as it then stands, the update on trial. Throws `invalid`, `conflict`,
 * `no-space` or `unavailable` in words for the owner; the record then stands as it did, but for a slot that nothing ran from.
 */
export async function installUpdate(
  options: InstallOptions,
  record: UpdateRecord,
  incoming: Incoming,
): Promise<UpdateRecord> {
  const { files, folder } = options;
  const read = await readHead(incoming.chunks).catch((cause: unknown) => {
    throw cause instanceof NightjarError ? cause : cutShort('unavailable', { cause });
  });
  if (!read.ok) throw read.reason === 'cut' ? cutShort('invalid') : noUpdate();
  const signed = acceptedRelease(judgeManifest(read.head.manifest, read.head.signature, options.keys), options.machine);
  const { manifest } = signed;
  if (incoming.version !== undefined && manifest.version !== incoming.version) {
    throw new NightjarError(
      'invalid',
      `the release address sent version ${manifest.version} instead of ${incoming.version}; it was not installed`,
    );
  }
  const older = isOlder(manifest.version, options.version);
  if (older && !incoming.allowOlder) {
    throw new NightjarError(
      'conflict',
      `this is version ${manifest.version}, older than ${options.version}, which runs now`,
    );
  }
  const slot = spareSlot(record);
  if (slot === options.running) throw new NightjarError('conflict', 'restart the box first, then try again');
  const vacant = vacated(record);
  if (vacant !== record) await saveRecord(files, folder, vacant);
  await clearSlot(files, folder, slot);
  await demandRoom(options, manifest);
  try {
    await fillSlot(files, folder, slot, signed, unpacked(read.rest, manifest));
  } catch (error) {
    await clearSlot(files, folder, slot).catch(() => {
      // A failing disk: what is left over goes at the next start or the next update.
    });
    throw full(error) ? noRoom(error) : error;
  }
  const next = staged(vacant, { slot, version: manifest.version, older });
  await saveRecord(files, folder, next);
  return next;
}

/** A release that a known key has signed, for this machine. Throws `invalid` otherwise, in words for the owner. */
export function acceptedRelease(judged: ReturnType<typeof judgeManifest>, machine: Machine): SignedManifest {
  if (!judged.ok) {
    switch (judged.reason) {
      case 'no-keys':
        throw new NightjarError('invalid', 'this box knows no release key, so it can take no update');
      case 'not-signed':
        throw new NightjarError(
          'invalid',
          'this update is not signed by a key that the box knows; it was not installed',
        );
      case 'newer-format':
        throw new NightjarError(
          'invalid',
          'this update is made for a newer image: flash the card with the newest image',
        );
      case 'malformed':
        throw noUpdate();
    }
  }
  const { manifest } = judged.signed;
  if (manifest.machine !== machine) {
    throw new NightjarError(
      'invalid',
      `this update is for another kind of machine (${manifest.machine}); this box needs the file that ends in ${machine}.update`,
    );
  }
  return judged.signed;
}

const noUpdate = () =>
  new NightjarError('invalid', 'this file is no Nightjar update: choose a file that ends in .update');

async function demandRoom({ freeBytes }: InstallOptions, { bytes }: Manifest): Promise<void> {
  if ((await freeBytes()) < bytes + SPARE_BYTES) throw noRoom();
}

const full = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes((error as { code?: string }).code ?? '');

const noRoom = (cause?: unknown) =>
  new NightjarError('no-space', 'there is not enough room for the update: remove some recordings, and try again', {
    cause,
  });
