// A partition table as `sfdisk --json` prints it, parsed into what the plan needs.

import { z } from 'zod';

export interface Partition {
  readonly number: number;
  /** First sector. */
  readonly start: number;
  readonly sectors: number;
  /** MBR type in hexadecimal, e.g. `83`. */
  readonly type: string;
}

export interface PartitionTable {
  readonly label: string;
  readonly sectorBytes: number;
  readonly partitions: readonly Partition[];
}

const sectors = z.number().int().nonnegative();
const schema = z.object({
  partitiontable: z.object({
    label: z.string(),
    // sfdisk 2.3x leaves it out for disks of 512-byte sectors in some modes.
    sectorsize: z.number().int().positive().default(512),
    partitions: z.array(z.object({ node: z.string(), start: sectors, size: sectors, type: z.string() })).default([]),
  }),
});

/** Undefined when it is not what sfdisk prints. */
export function parseTable(json: string): PartitionTable | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return undefined;
  }
  const table = schema.safeParse(parsed).data?.partitiontable;
  if (!table) return undefined;
  return {
    label: table.label,
    sectorBytes: table.sectorsize,
    partitions: table.partitions.map(({ node, start, size, type }) => ({
      number: Number(/\d+$/.exec(node)?.[0]),
      start,
      sectors: size,
      type: type.toLowerCase(),
    })),
  };
}
