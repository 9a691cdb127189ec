// What `nightjar boot` found and did, as root, before anything else ran: written once to /run, read by the page, by the rescue
// page and by `run`. Types and the reading of it; who writes it is `boot.ts`.

import { readFileSync } from 'node:fs';

/** Whether there is a place for recordings, and the sentence for the owner when there is none. */
export type DiskReport =
  | {
      readonly kind: 'ready';
      /** E.g. /dev/mmcblk0p3. */
      readonly partition: string;
      readonly bytes: number;
      /** What was done to it, in the order it was done; empty on an ordinary boot. */
      readonly did: readonly DiskDeed[];
    }
  | {
      readonly kind: 'missing';
      /** no-room: the card ends where root ends; unreadable: neither check nor mount worked; no-disk: root's disk was not found. */
      readonly reason: 'no-room' | 'unreadable' | 'no-disk';
      readonly message: string;
      /** What the tools said, for the log and for the curious; no secrets. */
      readonly detail: string;
    };

export type DiskDeed =
  | { readonly kind: 'made' }
  | { readonly kind: 'grown'; readonly fromBytes: number; readonly toBytes: number }
  /** e2fsck found and mended errors. */
  | { readonly kind: 'mended'; readonly detail: string }
  /** Past mending: made anew, recordings on it are lost. Only when nothing could be read from it. */
  | { readonly kind: 'made-anew'; readonly detail: string };

export interface BootReport {
  readonly disk: DiskReport;
  /** nightjar-XXXX. */
  readonly hostName: string;
  /** A factory reset was done at this boot, and who asked. */
  readonly reset?: { readonly by: 'page' | 'file' | 'argument' };
  /** nightjar.toml was found and taken to `places.preset`. */
  readonly presetTaken: boolean;
  /** Sentences about what else went wrong and was passed over. */
  readonly problems: readonly string[];
  readonly bootId: string;
}

/** Undefined where there is none (not the appliance), or when it cannot be read. It is in memory, so never of another boot. */
export function readBootReport(path: string): BootReport | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as BootReport;
  } catch {
    return undefined;
  }
}
