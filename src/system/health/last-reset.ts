// Whether the hardware watchdog reset the machine before this boot: the driver keeps the chip's word for it (bit 5,
// WDIOF_CARDRESET). Some drivers, the Pi's among them, do not ask their chip; then nobody can tell it from a power cut.

import { readdirSync, readFileSync } from 'node:fs';

const CARD_RESET = 0x20;

export function wasResetByWatchdog(folder = '/sys/class/watchdog'): boolean {
  try {
    return readdirSync(folder).some((name) => {
      const status = Number(read(`${folder}/${name}/bootstatus`));
      return (status & CARD_RESET) !== 0;
    });
  } catch {
    return false;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '0';
  }
}
