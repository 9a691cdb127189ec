// Room set aside for a start. SQLite cannot open its files on a disk that somebody else has filled to the last byte, and then the
// sweeper, which would make room, never gets its turn. So a file lies in the data folder that is given up before a start that has
// too little room, and made again: at once with what the start did not need, and whole when there is room enough. What else is on
// the disk, and what goes, is `retention/`'s.

import { constants, lstatSync, unlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { syncFolder } from '../base/durable.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type DiskSpace, diskSpaceNow } from './machine.ts';

export interface BallastOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** For tests. */
  readonly space?: () => DiskSpace;
}

export interface Ballast {
  /** From now on, when everything is open: makes it when there is room, looks again every ten minutes. Resolves after the first look. */
  hold(): Promise<void>;
  /** What it takes now: room that is there, for whoever asks how much is free. */
  bytes(): number;
  close(): Promise<void>;
}

/** SQLite opens its files in 32 KB (measured: shared memory and log; 16 KB are too little). The rest is for rows and what else begins. */
const WHOLE_BYTES = 16 * 1024 * 1024;
/** Of a small disk, not more than this. */
const SHARE = 1 / 32;
/** Of too little room a start takes this much back: not all, because of rows and settings; most, because such starts may follow each other. */
const TAKEN_BACK = 7 / 8;
/** Less is no help, and is missed elsewhere. */
const LEAST_BYTES = 256 * 1024;
const EVERY_MS = 600_000;
const CHUNK_BYTES = 64 * 1024;

/** Gives it up when there is too little room to start. Nobody else may use the folder. Never throws. */
export function openBallast({ dataDir, clock, log, space = () => diskSpaceNow(dataDir) }: BallastOptions): Ballast {
  const path = join(dataDir, 'ballast');
  let bytes = sizeOf(path);
  let isFirstLook = true;
  let closed = false;
  let cancelNext = () => {};
  let looking: Promise<void> = Promise.resolve();

  const wholeBytes = () => Math.min(WHOLE_BYTES, Math.floor(space().totalBytes * SHARE));

  try {
    if (bytes > 0 && space().freeBytes < wholeBytes()) {
      unlinkSync(path);
      // The blocks are free when the removal is on the disk.
      syncFolder(dataDir);
      log.warn('the disk is full: the room that was set aside for a start is given up', { MB: inMB(bytes) });
      bytes = 0;
    }
  } catch (error) {
    log.warn('the room that was set aside for a start could not be given up', { error: describeError(error) });
  }

  /** How large it should be now. While recording, only where as much again is left. */
  function wanted(): number {
    const roomBytes = space().freeBytes + bytes;
    const whole = wholeBytes();
    if (roomBytes >= 2 * whole) return whole;
    const taken = isFirstLook ? Math.min(whole, Math.floor(roomBytes * TAKEN_BACK)) : 0;
    return taken >= LEAST_BYTES ? taken : 0;
  }

  async function look(): Promise<void> {
    const before = bytes;
    try {
      const want = wanted();
      isFirstLook = false;
      if (want <= before) return;
      await grow(want);
      if (bytes > before) log.info('room is set aside for a start on a full disk', { MB: inMB(bytes) });
    } catch (error) {
      log.debug('no room could be set aside for a start', { error: describeError(error) });
    }
  }

  /** All of it or nothing: half of it would only fill the disk. */
  async function grow(want: number): Promise<void> {
    const before = bytes;
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    try {
      // Nothing that a file system could make smaller.
      while (bytes < want && !closed) {
        const chunk = crypto.getRandomValues(new Uint8Array(CHUNK_BYTES)).subarray(0, want - bytes);
        bytes += (await file.write(chunk, 0, chunk.length, bytes)).bytesWritten;
      }
      await file.sync();
      syncFolder(dataDir);
    } catch (error) {
      bytes = before;
      await file.truncate(before);
      throw error;
    } finally {
      await file.close();
    }
  }

  function turn(): Promise<void> {
    looking = look().then(() => {
      if (!closed) cancelNext = clock.after(EVERY_MS, turn);
    });
    return looking;
  }

  return {
    hold: turn,
    bytes: () => bytes,
    async close() {
      closed = true;
      cancelNext();
      await looking;
    },
  };
}

const sizeOf = (path: string): number => lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
const inMB = (bytes: number): number => Math.round(bytes / 1e5) / 10;
