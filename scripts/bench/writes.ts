// What recording costs a card beyond the footage itself: bytes that are written against bytes that the cameras handed over.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All in bytes. */
export interface Writes {
  /** Footage and pictures, before they are sealed. */
  readonly handed: number;
  /** Through the file layer: sealed files and what is signed beside them. */
  readonly files: number;
  /** By the whole process, in whole pages: with the catalog and its log. */
  readonly process: number;
  /** By the whole disk, with all that others wrote to it meanwhile; NaN where the machine does not tell. */
  readonly disk: number;
}

/** Three cameras in real time; `TMPDIR` says on which disk. Throws where that is none: memory counts no writes. */
export async function writesOfThreeCameras(seconds: number): Promise<Writes> {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-writes-'));
  try {
    const argv = [process.execPath, join(import.meta.dir, 'writes-writer.ts'), folder, String(seconds)];
    const child = Bun.spawn(argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const text = await new Response(child.stdout).text();
    if ((await child.exited) !== 0) throw new Error('the writer failed');
    const { handed, files, process: own, disk } = JSON.parse(text) as Omit<Writes, 'disk'> & { disk: number | null };
    if (own < files / 2) throw new Error(`the system did not count what was written to ${folder}: is it on a disk?`);
    return { handed, files, process: own, disk: disk ?? Number.NaN };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
