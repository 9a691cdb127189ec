// What the page about the box is told where Nightjar is a program on somebody's own Linux: its version, and nothing to press.

import type { SystemPort } from './ports-system.ts';

export const ownLinux = (version: string): SystemPort => ({
  view: () => ({
    version,
    appliance: false,
    slot: 'factory',
    restarts: [],
    update: { state: { kind: 'idle' }, hasKeys: false },
  }),
});
