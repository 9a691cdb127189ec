// What travels between the page and the box about the box itself: update, restart, power, reset, what the boot found. As types
// only. Owners only, all of it; `proof` is one's own sign-in secret once more (as in VaultBody), 403 `denied` when it is wrong.

import type { BootReport } from '../system/boot/report.ts';
import type { Release, UpdateState, UpdatesView } from '../system/update/view.ts';

export type { BootReport, Release as ReleaseView, UpdateState, UpdatesView as UpdateView };

/** GET /api/v1/system → SystemView. */
export interface SystemView {
  readonly version: string;
  /** False on somebody's own Linux: nothing below is offered there. */
  readonly appliance: boolean;
  /** What runs: the image's own executable, or an update. */
  readonly slot: 'factory' | 'a' | 'b';
  readonly boot?: BootReport;
  /** Unexpected ends of the service and reboots because of them, newest last, at most 20. */
  readonly restarts: readonly RestartView[];
  readonly update: UpdatesView;
  readonly preset?: PresetView;
}

export interface RestartView {
  /** Undefined when the box did not know the time. */
  readonly atMs?: number;
  readonly kind: 'crash' | 'watchdog' | 'power' | 'reboot' | 'kernel';
  /** A sentence. */
  readonly message: string;
}

/**
 * POST /api/v1/system/update/ticket {proof, allowOlder?} → {ticket}: good once, for ten minutes. Then
 * PUT /api/v1/system/update/:ticket with the file as body (application/octet-stream) → UpdateView. Refused with a sentence: `invalid`
 * for a file that is no update, of another machine, not signed by a known key, damaged; `conflict` for an older version without
 * `allowOlder`, or while another update is on its way.
 */
export interface UpdateTicketBody {
  readonly proof?: string;
  readonly allowOlder?: boolean;
}
/** POST /api/v1/system/update/check {} → UpdateView: asks the release address now. */
/** POST /api/v1/system/update/install {proof} → UpdateView: fetches and installs what is offered. */

/** POST /api/v1/system/restart | /power-off {proof} → {}; the box answers before it goes. */
export interface PowerBody {
  readonly proof?: string;
}
/** POST /api/v1/system/reset {proof, boxName} → {}: everything on the box is destroyed at the restart that follows. 409 when the name is not the box's. */
export interface ResetBody extends PowerBody {
  readonly boxName: string;
}

/** What came of nightjar.toml. Also in SessionView while nobody owns the box, without `taken`. */
export interface PresetView {
  /** Sections that were taken, as written in the file. */
  readonly taken: readonly string[];
  readonly problems: readonly PresetProblem[];
}
export interface PresetProblem {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Dotted path, '' for the file as a whole. Never a value. */
  readonly path: string;
  readonly message: string;
}
