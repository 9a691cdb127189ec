// What the machine tells about the card or disk that holds a folder: its kind and size, how much was written to it since it was
// switched on, and how worn an eMMC says it is. Read from /sys only, by no program; what is not told is absent, not an error.

import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** other: a virtual disk, or several behind one name, of which nothing more is known. */
export type CardKind = 'sd' | 'emmc' | 'stick' | 'nvme' | 'ssd' | 'hard-disk' | 'other';

export interface Card {
  readonly device: string;
  readonly kind: CardKind;
  readonly bytes: number;
  readonly name?: string;
  /** As on the card: month/year. */
  readonly made?: string;
  /** Of the whole device by whomever, since the machine was switched on. */
  readonly writtenBytes: number;
  /** eMMC: how much of its life is used, from and to; above 100: more than it was made for. */
  readonly usedPercent?: readonly [from: number, to: number];
  /** eMMC: how many of its reserve blocks are used up. */
  readonly reserve?: 'normal' | 'warning' | 'urgent';
}

/** Sectors in /sys are of 512 bytes, whatever the device's own are. */
const SECTOR_BYTES = 512;

const text = (path: string): string | undefined => {
  try {
    const found = readFileSync(path, 'utf8').trim();
    return found === '' ? undefined : found;
  } catch {
    return undefined;
  }
};

/** The card under a folder; undefined where it is none (memory, network) or the machine does not tell. */
export function cardUnder(folder: string, sys = '/sys', numberOf = deviceNumberOf): Card | undefined {
  const place = deviceFolder(`${sys}/dev/block/${numberOf(folder)}`);
  if (place === undefined) return undefined;
  const sectors = Number(text(`${place}/size`));
  // Documentation/block/stat: the seventh figure is sectors written
  const written = Number(text(`${place}/stat`)?.split(/\s+/)[6]);
  if (!(sectors > 0) || !Number.isFinite(written)) return undefined;
  const device = basename(place);
  const kind = kindOf(device, place);
  const name = text(`${place}/device/name`) ?? text(`${place}/device/model`);
  const made = text(`${place}/device/date`);
  const usedPercent = kind === 'emmc' ? lifeOf(text(`${place}/device/life_time`)) : undefined;
  const reserve = kind === 'emmc' ? reserveOf(text(`${place}/device/pre_eol_info`)) : undefined;
  return {
    device,
    kind,
    bytes: sectors * SECTOR_BYTES,
    writtenBytes: written * SECTOR_BYTES,
    ...(name === undefined ? {} : { name }),
    ...(made === undefined ? {} : { made }),
    ...(usedPercent === undefined ? {} : { usedPercent }),
    ...(reserve === undefined ? {} : { reserve }),
  };
}

function deviceNumberOf(folder: string): string {
  try {
    const dev = BigInt(statSync(folder).dev);
    // as the C library's major() and minor() take it apart
    const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
    const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn & 0xffffffn);
    return `${major}:${minor}`;
  } catch {
    return '';
  }
}

/** From a partition to the device it is on. */
function deviceFolder(link: string): string | undefined {
  try {
    const place = realpathSync(link);
    return existsSync(`${place}/partition`) ? dirname(place) : place;
  } catch {
    return undefined;
  }
}

function kindOf(device: string, place: string): CardKind {
  if (device.startsWith('mmcblk')) return text(`${place}/device/type`) === 'MMC' ? 'emmc' : 'sd';
  if (device.startsWith('nvme')) return 'nvme';
  if (!device.startsWith('sd')) return 'other';
  // asked first, as many USB sticks claim to rotate
  if (text(`${place}/removable`) === '1') return 'stick';
  return text(`${place}/queue/rotational`) === '1' ? 'hard-disk' : 'ssd';
}

/** JEDEC JESD84-B51, DEVICE_LIFE_TIME_EST: two kinds of memory, each in steps of ten percent from 0x01; 0x0B: exceeded. */
function lifeOf(given: string | undefined): readonly [number, number] | undefined {
  const steps = (given ?? '')
    .split(/\s+/)
    .map(Number)
    .filter((step) => step >= 1 && step <= 11);
  const worst = Math.max(0, ...steps);
  return worst === 0 ? undefined : [(worst - 1) * 10, worst * 10];
}

/** The same, PRE_EOL_INFO: consumed reserve blocks. */
const reserveOf = (given: string | undefined): Card['reserve'] =>
  (({ 1: 'normal', 2: 'warning', 3: 'urgent' }) as const)[Number(given) as 1 | 2 | 3];
