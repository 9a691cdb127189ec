import { expect, test } from 'bun:test';
import { parseSuperblock } from './superblock.ts';

function superblock(fields: {
  blocks: number;
  high?: number;
  logBlock?: number;
  incompat?: number;
  label?: string;
}): Uint8Array {
  const bytes = new Uint8Array(1024);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x04, fields.blocks, true);
  view.setUint32(0x18, fields.logBlock ?? 2, true);
  view.setUint16(0x38, 0xef53, true);
  view.setUint32(0x60, fields.incompat ?? 0x80, true);
  view.setUint32(0x150, fields.high ?? 0, true);
  bytes.set(new TextEncoder().encode(fields.label ?? 'data'), 0x78);
  return bytes;
}

test('size and label are read', () => {
  expect(parseSuperblock(superblock({ blocks: 89_088 }))).toEqual({ bytes: 89_088 * 4096, label: 'data' });
  expect(parseSuperblock(superblock({ blocks: 1000, logBlock: 0, label: 'a label of 16 by' }))).toEqual({
    bytes: 1_024_000,
    label: 'a label of 16 by',
  });
});

test('more than 2^32 blocks count only where the file system says that it has them', () => {
  expect(parseSuperblock(superblock({ blocks: 1, high: 1 }))?.bytes).toBe((2 ** 32 + 1) * 4096);
  expect(parseSuperblock(superblock({ blocks: 1, high: 1, incompat: 0 }))?.bytes).toBe(4096);
});

test('what is no superblock is none', () => {
  expect(parseSuperblock(new Uint8Array(1024))).toBeUndefined();
  expect(parseSuperblock(new Uint8Array(1024).fill(0xff))).toBeUndefined();
  expect(parseSuperblock(superblock({ blocks: 1 }).subarray(0, 1000))).toBeUndefined();
  expect(parseSuperblock(superblock({ blocks: 1, logBlock: 7 }))).toBeUndefined();
});
