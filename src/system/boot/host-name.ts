// The box's name, nightjar-XXXX: the same at every boot, on every image and after every reset, because it is made of what the
// machine itself is called. The serial number cannot be read back from it. Giving the name to the kernel is here too; who calls
// it is the boot.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, sleep, systemClock } from '../../base/clock.ts';
import { places } from '../../base/places.ts';

export interface MachineSerial {
  readonly from: 'device-tree' | 'dmi' | 'mac';
  readonly serial: string;
}

/** No vowels (no words), no 0, 1 or l (read aloud and typed on phones). */
const LETTERS = '23456789bcdfghjkmnpqrstvwxyz';

/** nightjar-XXXX: 614,656 names, so that two boxes in one house are told apart. */
export function hostNameOf(machine: MachineSerial): string {
  const digest = createHash('sha256').update(`nightjar host name ${machine.serial.toLowerCase()}`).digest();
  let number = digest.readUIntBE(0, 6);
  let name = '';
  for (let i = 0; i < 4; i++) {
    name += LETTERS[number % LETTERS.length];
    number = Math.floor(number / LETTERS.length);
  }
  return `nightjar-${name}`;
}

/** The name of a machine that says nothing about itself. */
export const NAMELESS = 'nightjar';

/** What the machine says about itself, surest first: the Pi's serial, a PC's, the first wired (then wireless) network card's address. */
export function readMachineSerial(root = '/'): MachineSerial | undefined {
  const serial = line(join(root, 'proc/device-tree/serial-number'));
  if (serial && isTelling(serial)) return { from: 'device-tree', serial };
  for (const file of ['product_serial', 'board_serial', 'product_uuid']) {
    const said = line(join(root, 'sys/class/dmi/id', file));
    if (said && isTelling(said)) return { from: 'dmi', serial: said };
  }
  const mac = firstMac(join(root, 'sys/class/net'));
  return mac ? { from: 'mac', serial: mac } : undefined;
}

/** Boards are sold with "To be filled by O.E.M.", zeros and "Default string": every box would have the same name. */
function isTelling(serial: string): boolean {
  const letters = serial.toLowerCase().replaceAll(/[^0-9a-z]/g, '');
  if (letters.length < 4 || new Set(letters).size < 3) return false;
  return !/^(0*123456789\w*|tobefilled\w*|default\w*|system\w*|notspecified|notapplicable|none|unknown|invalid|oem|empty)$/.test(
    letters,
  );
}

/** Of real cards only: no bridges, no tunnels, and no address that was made up (locally administered). */
function firstMac(folder: string): string | undefined {
  let cards: readonly string[];
  try {
    cards = readdirSync(folder);
  } catch {
    return undefined;
  }
  const rank = (card: string) => (card.startsWith('e') ? 0 : 1);
  return [...cards]
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .filter((card) => existsSync(join(folder, card, 'device')))
    .map((card) => line(join(folder, card, 'address')))
    .find((mac) => mac !== undefined && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) && isGivenByMaker(mac));
}

const isGivenByMaker = (mac: string): boolean =>
  mac !== '00:00:00:00:00:00' && ((Number.parseInt(mac.slice(0, 2), 16) & 2) === 0 || mac.startsWith('52:54:00:'));

/** The file's text without what a device tree ends it with; undefined when it is missing or empty. */
function line(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '').trim() || undefined;
  } catch {
    return undefined;
  }
}

export interface NameOptions {
  /** Where /proc and /sys are. */
  readonly root?: string;
  /** On the data partition, root's: remembers a name made of a network card, for the card may be gone or late at the next boot. */
  readonly rememberAt?: string;
  /** How long to wait for a network card to be found, where there is no serial. */
  readonly waitMs?: number;
  readonly clock?: Clock;
}

/** The name of this box. Never fails: a machine without serial, card and memory is `nightjar`. */
export async function findHostName(options: NameOptions = {}): Promise<string> {
  const { root = '/', rememberAt, waitMs = 5000, clock = systemClock } = options;
  const until = clock.monotonicMs() + waitMs;
  const remembered = rememberAt ? line(rememberAt) : undefined;
  for (;;) {
    const machine = readMachineSerial(root);
    if (machine && machine.from !== 'mac') return hostNameOf(machine);
    if (remembered && new RegExp(`^nightjar-[${LETTERS}]{4}$`).test(remembered)) return remembered;
    if (machine) {
      const name = hostNameOf(machine);
      if (rememberAt) remember(rememberAt, name);
      return name;
    }
    if (clock.monotonicMs() >= until) return NAMELESS;
    await sleep(clock, 100);
  }
}

/** The name of the box this runs on. */
export const hostName = (): Promise<string> => findHostName({ rememberAt: join(places.system, 'host-name') });

function remember(path: string, name: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${name}\n`, { mode: 0o644 });
  } catch {
    // The next boot finds the same card, as a rule.
  }
}

/**
 * Tells the kernel (avahi announces that name) and /etc/hostname, which is a link into /run (hostnamed and the router learn it).
 * Throws what the system says.
 */
export function giveHostName(name: string, root = '/'): void {
  const file = join(root, 'run/nightjar-boot/host-name');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${name}\n`, { mode: 0o644 });
  writeFileSync(join(root, 'proc/sys/kernel/hostname'), name);
}
