// Writing to bootfs, the FAT partition a computer can read: it is mounted read-only, so that a power cut never finds it half
// written, and made writable for the moment of one small change. FAT keeps no journal: what must not be lost is changed in place.

import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { syncFolder } from '../../base/durable.ts';
import { NightjarError } from '../../base/errors.ts';
import type { DiskTools } from '../disk/tools.ts';

/** Runs `work` while the folder is writable, and makes it read-only again on every way out. Throws `unavailable` when it cannot be. */
export async function whileWritable<T>(
  folder: string,
  tools: Pick<DiskTools, 'remount'>,
  work: () => T | Promise<T>,
): Promise<T> {
  const opened = await tools.remount(folder, 'rw');
  if (opened.code !== 0) {
    throw new NightjarError('unavailable', `the start partition of the card cannot be written (${opened.said})`);
  }
  try {
    const result = await work();
    syncFolder(folder);
    return result;
  } finally {
    await tools.remount(folder, 'ro');
  }
}

/** Makes or replaces a small file's content and waits until it is on the card. */
export function writeDurably(path: string, text: string): void {
  const fd = openSync(path, 'w');
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Takes a word out of the kernel's command line, leaving blanks of the same length: neither the file's size nor its place on the
 * card changes, one sector is written, and a power cut leaves the old line or the new. A Pi without this file does not start.
 * Returns whether the word stood there.
 */
export function blankWord(path: string, word: string): boolean {
  const text = readFileSync(path, 'latin1');
  const blanked = withoutWord(text, word);
  if (blanked === text) return false;
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, Buffer.from(blanked, 'latin1'), 0, text.length, 0);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return true;
}

/** The same text with every `word` and `word=…` blanked out. */
export const withoutWord = (text: string, word: string): string =>
  text.replace(/\S+/g, (found) => (found === word || found.startsWith(`${word}=`) ? ' '.repeat(found.length) : found));
