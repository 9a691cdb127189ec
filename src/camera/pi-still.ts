// A one-shot picture from a Pi camera through node-libcamera. That package runs `libcamera-still` through a shell, knows only
// the old program names, and gives no handle to the child: so only validated numbers and paths of our own go in, the names
// are linked in a private folder on PATH, and it is used for nothing but this.

import { existsSync, mkdtempSync, symlinkSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { NightjarError } from '../base/errors.ts';

const programs = { 'libcamera-still': 'rpicam-still', 'libcamera-vid': 'rpicam-vid', 'libcamera-jpeg': 'rpicam-jpeg' };

export interface PiStillOptions {
  readonly index: number;
  readonly width: number;
  readonly height: number;
  readonly rotation: 0 | 180;
}

/** Throws `invalid` for anything but whole numbers in range, `unavailable` when no picture came. */
export async function piStill(options: PiStillOptions): Promise<Uint8Array> {
  for (const [name, value, max] of [
    ['index', options.index, 3],
    ['width', options.width, 4608],
    ['height', options.height, 2592],
  ] as const) {
    if (!Number.isInteger(value) || value < 0 || value > max)
      throw new NightjarError('invalid', `${name} is out of range`);
  }
  if (options.rotation !== 0 && options.rotation !== 180)
    throw new NightjarError('invalid', 'rotation is out of range');
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-still-'));
  if (!/^[\w./-]+$/.test(folder)) throw new NightjarError('unavailable', 'the temporary folder has an unusual name');
  const before = process.env.PATH ?? '/usr/bin:/bin';
  try {
    for (const [old, current] of Object.entries(programs)) {
      const found = Bun.which(current, { PATH: before });
      if (found) symlinkSync(found, join(folder, old));
    }
    if (!existsSync(join(folder, 'libcamera-still'))) {
      throw new NightjarError('unavailable', 'cannot start rpicam-still: it is not installed');
    }
    const output = join(folder, 'still.jpg');
    const { libcamera } = await import('node-libcamera');
    process.env.PATH = `${folder}${delimiter}${before}`;
    let running: Promise<unknown>;
    try {
      running = libcamera.still({
        // `camera` is not among the names its types know; the program takes it, and numbers are all it can be here.
        camera: options.index,
        width: options.width,
        height: options.height,
        rotation: options.rotation,
        timeout: 1500,
        nopreview: true,
        output,
      } as Parameters<typeof libcamera.still>[0]);
    } finally {
      process.env.PATH = before; // the shell was started with it already
    }
    await running.catch((cause: unknown) => {
      throw new NightjarError('unavailable', 'the Pi camera gave no picture', { cause });
    });
    return new Uint8Array(await readFile(output));
  } catch (error) {
    if (error instanceof NightjarError) throw error;
    throw new NightjarError('unavailable', 'the Pi camera gave no picture', { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
