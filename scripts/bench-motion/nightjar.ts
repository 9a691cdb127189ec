// Nightjar in the bench: `dist/nightjar detect … --json`, once over all clips, as the box would see them.

import { z } from 'zod';
import { type Detection, run } from './detection.ts';
import type { Clip } from './footage.ts';

export interface NightjarRow {
  readonly name: string;
  readonly options: readonly string[];
}

/** Whoever takes longer than the clips last would never keep up with a camera; a busy machine is allowed for. */
const limitFor = (clips: readonly Clip[]): number =>
  60 + 2 * clips.reduce((sum, clip) => sum + clip.labels.durationS, 0);

const found = z.record(z.string(), z.array(z.tuple([z.number(), z.number()])));
const cpu = z.record(z.string(), z.number());

/** The rows that this build can fill: its defaults, low power and the presets, where `detect` knows them. */
export async function nightjarRows(executable: string): Promise<NightjarRow[]> {
  const { stdout: help } = await run([executable, 'detect', '--help']);
  const rows: NightjarRow[] = [{ name: 'Nightjar', options: [] }];
  if (help.includes('--low-power')) rows.push({ name: 'Nightjar, low power', options: ['--low-power'] });
  if (help.includes('--preset')) {
    for (const preset of ['indoor', 'outdoor', 'night']) {
      rows.push({ name: `Nightjar, preset ${preset}`, options: ['--preset', preset] });
    }
  }
  return rows;
}

export async function detectWithNightjar(
  executable: string,
  clips: readonly Clip[],
  options: readonly string[],
): Promise<Detection> {
  const argv = [executable, 'detect', '--json', ...options, ...clips.map((clip) => clip.path)];
  const { stdout, cpuS } = await run(argv, limitFor(clips));
  const { _cpu, ...alarms } = JSON.parse(stdout) as Record<string, unknown>;
  return { alarms: found.parse(alarms), cpuS, clipCpuS: cpu.parse(_cpu) };
}
