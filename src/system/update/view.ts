// What the page shows of updates; it travels to the browser as it is (http/api-system.ts).

import type { LastUpdate } from './record.ts';

export interface Release {
  readonly version: string;
  readonly bytes: number;
  /** Plain text, at most 4000 characters. */
  readonly notes: string;
  readonly releasedAtMs: number;
}

export type UpdateState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'receiving'; readonly bytes: number; readonly ofBytes: number }
  /** Whole, signed and in its slot: the service restarts into it now. */
  | { readonly kind: 'restarting'; readonly version: string }
  /** Running, not yet found healthy. */
  | { readonly kind: 'trial'; readonly version: string }
  | { readonly kind: 'failed'; readonly message: string };

export interface UpdatesView {
  readonly state: UpdateState;
  /** Of the last update: it holds, or why the old one is back. */
  readonly last?: LastUpdate;
  /** What the release address offers, when it is newer. */
  readonly offered?: Release;
  readonly checkedAtMs?: number;
  /** Why the release address could not be asked. */
  readonly checkProblem?: string;
  /** False when the image holds no release key: no update can be judged, and none is taken. */
  readonly hasKeys: boolean;
}
