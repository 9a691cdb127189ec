// What every detector of the bench gives back, and how a program's processor time is counted: the kernel's own books for the
// process and all of its children that have ended, user and system, start-up and decoding included.

import type { Interval } from './score.ts';

export interface Detection {
  /** By clip's name. Undefined: it only decodes. */
  readonly alarms?: Readonly<Record<string, readonly Interval[]>>;
  readonly cpuS: number;
  /** By clip's name, where it can be told. */
  readonly clipCpuS?: Readonly<Record<string, number>>;
  /** What makes this run worth less than another. */
  readonly doubts?: readonly string[];
}

export interface Ran {
  readonly stdout: string;
  readonly cpuS: number;
}

/** Runs a program to its end. Throws with its last words when it fails, or has not ended in time. */
export async function run(argv: readonly string[], limitS = 60): Promise<Ran> {
  const timeout = Math.ceil(limitS) * 1000;
  const child = Bun.spawn([...argv], { stdio: ['ignore', 'pipe', 'pipe'], timeout });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const code = await child.exited;
  if (child.signalCode === 'SIGTERM') throw new Error(`${argv[0]} did not end within ${limitS} s`);
  if (code !== 0) throw new Error(`${argv[0]} ended with code ${code}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  return { stdout, cpuS: cpuSecondsOf(child) };
}

/** Of a process that has ended. */
export const cpuSecondsOf = (child: Bun.Subprocess): number => Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6;
