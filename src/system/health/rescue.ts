// What the rescue page has to say: no disk, or a service that ended too often; and when the box restarts itself. Pure.

import type { BootReport } from '../boot/report.ts';
import { type RestartRecord, rebootDelayMs } from './restarts.ts';

export interface Situation {
  readonly kind: 'no-disk' | 'crashing';
  /** One line, as heading. */
  readonly title: string;
  /** What is wrong. */
  readonly message: string;
  /** What the owner can do; the box itself restarts either way. */
  readonly advice: string;
  /** What the tools said, for the curious; no secrets. */
  readonly detail?: string;
  /** From the start of the rescue to the restart of the box. */
  readonly delayMs: number;
  /** For the record, as a sentence, when the box restarts. */
  readonly because: string;
}

/** Without a disk nobody counts the restarts, so they are never close together. */
const UNCOUNTED_MS = 600_000;
const DETAIL_CHARS = 2000;

export interface Found {
  /** Undefined when step 1 of the boot left no report. */
  readonly boot: BootReport | undefined;
  readonly record: RestartRecord;
  /** Whether the record is on the disk, and will be there after the restart. */
  readonly isKept: boolean;
  /** What was not proven when the service ended, as a clause. */
  readonly unwell?: string;
}

export function situationOf({ boot, record, isKept, unwell }: Found): Situation {
  const disk = boot?.disk;
  if (disk?.kind === 'missing') {
    return {
      kind: 'no-disk',
      title: 'Nothing is recorded now',
      message: disk.message,
      // What to do about the card is in the message; this comes first.
      advice: 'Unplug the box, wait ten seconds and plug it in again: sometimes that is enough.',
      ...(disk.detail.trim() ? { detail: disk.detail.trim().slice(0, DETAIL_CHARS) } : {}),
      delayMs: UNCOUNTED_MS,
      because: 'There was no place for recordings, so the box restarted itself.',
    };
  }
  const often = timesInWords(record.rebootsInARow);
  const last = record.restarts.findLast((restart) => restart.kind === 'crash' || restart.kind === 'watchdog');
  return {
    kind: 'crashing',
    title: 'Nightjar does not keep running',
    message: [
      'It was started several times and did not keep running, so nothing is recorded now.',
      unwell ? `The last time, ${unwell}.` : (last?.message ?? ''),
      often ? `The box has already restarted itself ${often} because of this.` : '',
    ]
      .filter(Boolean)
      .join(' '),
    advice:
      record.rebootsInARow < 3 && isKept
        ? 'You need not do anything: a restart mends most of what can be wrong.'
        : 'Your recordings are still on the card. If this goes on, unplug the box, wait ten seconds and plug it in again; if that does not help, the card or the power supply is the most likely cause.',
    delayMs: isKept ? rebootDelayMs(record.rebootsInARow) : Math.max(UNCOUNTED_MS, rebootDelayMs(record.rebootsInARow)),
    because: 'Nightjar did not keep running, so the box restarted itself.',
  };
}

/** Undefined for never. */
function timesInWords(times: number): string | undefined {
  return times <= 0 ? undefined : times === 1 ? 'once' : times === 2 ? 'twice' : `${times} times`;
}

/** `40 seconds`, `3 minutes`, `1 hour`: rounded up, as for somebody who waits. */
export function waitInWords(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 90) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 60 ? '1 hour' : `${minutes} minutes`;
}
