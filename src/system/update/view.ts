// What the page shows of updates. The same shapes as in http/api-system.ts, which this room may not import; app.ts does not
// type-check when they differ.

import type { LastUpdate } from './record.ts';

export interface Release {
  readonly version: string;
  readonly bytes: number;
  readonly notes: string;
  readonly releasedAtMs: number;
}

export type UpdateState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'receiving'; readonly bytes: number; readonly ofBytes: number }
  | { readonly kind: 'restarting'; readonly version: string }
  | { readonly kind: 'trial'; readonly version: string }
  | { readonly kind: 'failed'; readonly message: string };

export interface UpdatesView {
  readonly state: UpdateState;
  readonly last?: LastUpdate;
  readonly offered?: Release;
  readonly checkedAtMs?: number;
  readonly checkProblem?: string;
  readonly hasKeys: boolean;
}
