// What to do about the data partition, decided from the partition table alone: make it, use it, grow it, or say why there is none.
// The type of its entry carries how far its making got, because sector 0 is written in one piece: MAKING until a whole file
// system is on it, READY from then on. What is under an entry of type MAKING is nobody's data, also when it looks like ext4
// (the card was flashed anew: the old box's data is still behind the new root).

import type { Partition, PartitionTable } from './partition-table.ts';

export const DATA = 3;
export const READY_TYPE = '83';
/** "Non-FS data": no other system offers to use it, or mounts it. */
export const MAKING_TYPE = 'da';

export type DataPlan =
  /** Write the entry with MAKING, put an empty file system there, then READY. */
  | { readonly kind: 'make'; readonly start: number; readonly sectors: number }
  /** Check and mount it; first let it grow to `growTo` sectors, where there is more room than it has. */
  | { readonly kind: 'use'; readonly start: number; readonly sectors: number; readonly growTo?: number }
  | {
      readonly kind: 'none';
      readonly reason: 'no-room' | 'no-disk' | 'unreadable';
      readonly message: string;
      readonly detail: string;
    };

const MiB = 2 ** 20;
/** Where it begins: erase blocks of SD cards are 4 MiB. */
const ALIGN_BYTES = 4 * MiB;
/** The Pi starts from no disk with others, and neither does its image. */
export const SECTOR_BYTES = 512;
/** Less than this is not worth a partition: minutes of one camera. */
export const LEAST_BYTES = 256 * MiB;
/** Less more than this is rounding, not a larger card. */
export const LEAST_GROWTH_BYTES = 16 * MiB;
/** An MBR counts sectors in 32 bits: 2 TiB. */
const MBR_SECTORS = 2 ** 32 - 1;

export function planData(
  disk: { readonly bytes: number; readonly rootNumber: number },
  table: PartitionTable,
): DataPlan {
  const root = table.partitions.find((p) => p.number === disk.rootNumber);
  if (table.label !== 'dos' || table.sectorBytes !== SECTOR_BYTES || !root || disk.rootNumber !== 2) {
    return none(
      'no-disk',
      'The card is not laid out as a Nightjar card. Flash the image onto it once more.',
      `table ${table.label}, sectors of ${table.sectorBytes}, root on partition ${disk.rootNumber}`,
    );
  }
  const diskSectors = Math.min(Math.floor(disk.bytes / SECTOR_BYTES), MBR_SECTORS);
  const data = table.partitions.find((p) => p.number === DATA);
  if (data && data.type !== READY_TYPE && data.type !== MAKING_TYPE) {
    return none(
      'unreadable',
      'Where recordings belong, the card holds something that Nightjar did not put there. It was left alone. Flash the image onto another card.',
      `partition ${DATA} is of type ${data.type}`,
    );
  }
  if (data && table.partitions.some((p) => p !== data && overlap(p, data))) {
    return none(
      'unreadable',
      'The card’s table of contents is damaged. Nothing was changed. Flash the image onto the card once more.',
      `partition ${DATA} lies over another one`,
    );
  }
  const start = data?.start ?? alignedUp(root.start + root.sectors, ALIGN_BYTES / SECTOR_BYTES);
  const others = table.partitions.filter((p) => p.number !== DATA);
  const room = roomAt(start, others, diskSectors);
  if (data?.type === READY_TYPE) {
    const grows = (room - data.sectors) * SECTOR_BYTES >= LEAST_GROWTH_BYTES;
    return { kind: 'use', start, sectors: data.sectors, ...(grows ? { growTo: room } : {}) };
  }
  if (room * SECTOR_BYTES < LEAST_BYTES) {
    return none(
      'no-room',
      'There is no room for recordings on this card. Flash the image onto a larger one, 16 GB or more.',
      `${Math.max(0, Math.floor((room * SECTOR_BYTES) / MiB))} MiB behind the system`,
    );
  }
  return { kind: 'make', start, sectors: room };
}

/** Sectors from `start` to the next partition or the end of the disk, in whole MiB. */
function roomAt(start: number, others: readonly Partition[], diskSectors: number): number {
  const behind = others.filter((p) => p.start + p.sectors > start).map((p) => p.start);
  const end = Math.min(diskSectors, ...behind);
  const step = MiB / SECTOR_BYTES;
  return Math.max(0, Math.floor((end - start) / step) * step);
}

/** A check would mend one file system by the other's blocks, and a new one would be made over root. */
const overlap = (a: Partition, b: Partition): boolean =>
  a.sectors > 0 && a.start < b.start + b.sectors && b.start < a.start + a.sectors;

const alignedUp = (sector: number, step: number): number => Math.ceil(sector / step) * step;

const none = (reason: 'no-room' | 'no-disk' | 'unreadable', message: string, detail: string): DataPlan => ({
  kind: 'none',
  reason,
  message,
  detail,
});
