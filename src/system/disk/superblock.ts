// The few facts of an ext4 superblock that decide something: is there a file system, and how large does it think it is. Read
// directly: `dumpe2fs` says the same in words meant for people. Fields: the kernel's Documentation/filesystems/ext4/super.rst.

import { closeSync, openSync, readSync } from 'node:fs';

export interface Superblock {
  /** Size of the file system, which may be less than its partition. */
  readonly bytes: number;
  readonly label: string;
}

const OFFSET = 1024;
const LENGTH = 1024;

/** Undefined when the bytes are no ext2/3/4 superblock. */
export function parseSuperblock(bytes: Uint8Array): Superblock | undefined {
  if (bytes.length < LENGTH) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0x38, true) !== 0xef53) return undefined;
  const logBlock = view.getUint32(0x18, true);
  if (logBlock > 6) return undefined;
  const is64bit = (view.getUint32(0x60, true) & 0x80) !== 0;
  const blocks = view.getUint32(0x04, true) + (is64bit ? view.getUint32(0x150, true) * 2 ** 32 : 0);
  const name = bytes.subarray(0x78, 0x88);
  const end = name.indexOf(0);
  return {
    bytes: blocks * 1024 * 2 ** logBlock,
    label: new TextDecoder().decode(end < 0 ? name : name.subarray(0, end)),
  };
}

/** Throws when the partition cannot be read at all: then nothing may be concluded about what is on it. */
export function readSuperblock(partition: string): Superblock | undefined {
  const fd = openSync(partition, 'r');
  try {
    const bytes = new Uint8Array(LENGTH);
    return readSync(fd, bytes, 0, LENGTH, OFFSET) === LENGTH ? parseSuperblock(bytes) : undefined;
  } finally {
    closeSync(fd);
  }
}
