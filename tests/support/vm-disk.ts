// Which image the machines of the tests boot, and disks on top of it: qcow2 overlays, so that no test changes the image or
// another's state. `make vm-image` made the files; NIGHTJAR_VM names another folder.

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface VmImage {
  readonly version: string;
  /** Raw, MBR: bootfs, rootfs, room behind. */
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
  /** Kernel arguments it is shipped with. */
  readonly append: string;
  /** Another value, another image. */
  readonly madeOf: string;
}

/** What image/README.md says of dist/vm/machine.json. Throws with what to do when there is none. */
export function vmImage(folder = process.env.NIGHTJAR_VM ?? resolve(import.meta.dir, '../../dist/vm')): VmImage {
  const described = join(folder, 'machine.json');
  if (!existsSync(described)) throw new Error(`there is no ${described}: run make vm-image first`);
  const image = JSON.parse(readFileSync(described, 'utf8')) as VmImage;
  const { disk, kernel, initrd } = image;
  return { ...image, disk: join(folder, disk), kernel: join(folder, kernel), initrd: join(folder, initrd) };
}

/** A disk that starts as `base` and keeps what differs in `path`. `bytes`: moved to a card of that size. */
export async function overlay(base: string, path: string, bytes?: number): Promise<string> {
  const format = base.endsWith('.qcow2') ? 'qcow2' : 'raw';
  await tool([
    'qemu-img',
    'create',
    '-q',
    '-f',
    'qcow2',
    '-b',
    base,
    '-F',
    format,
    path,
    ...(bytes ? [String(bytes)] : []),
  ]);
  return path;
}

/** What is in `disk` and, below it, in the image, as an overlay of the image that needs no other file. */
export async function copyDisk(disk: string, path: string): Promise<void> {
  await tool(['cp', '--sparse=always', disk, path]);
}

async function tool(argv: readonly string[]): Promise<void> {
  const child = Bun.spawn([...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${argv.join(' ')}: ${said.trim()}`);
}
