// What processes cost, from the kernel's own books: processor time and memory of a process with all its children.

import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_S = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuS: number;
}

function stats(): Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
        return [
          {
            pid: Number(name),
            parent: Number(fields[1]),
            cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S,
          },
        ];
      } catch {
        return [];
      }
    });
}

/** Processor seconds so far, user and system, of a process and everything it started that still runs. */
export function cpuSecondsOf(root: number): number {
  const all = stats();
  const family = new Set([root]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const { pid, parent } of all) {
      if (family.has(parent) && !family.has(pid)) {
        family.add(pid);
        grew = true;
      }
    }
  }
  return all.filter(({ pid }) => family.has(pid)).reduce((sum, { cpuS }) => sum + cpuS, 0);
}

/** The same of the process alone. */
export const ownCpuSecondsOf = (pid: number): number => stats().find((s) => s.pid === pid)?.cpuS ?? 0;

/** Memory of one process in MB: all that is resident, and the part that is its own (not files that can be dropped). */
export function memoryMB(pid: number): { readonly resident: number; readonly own: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return { resident: kb('VmRSS') / 1024, own: kb('RssAnon') / 1024 };
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}
