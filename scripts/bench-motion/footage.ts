// The folder of labelled clips: videos and a labels.json that says in which seconds somebody moves. The clips themselves are
// never part of the repository. labels.json: {"clips": {"name": {"file", "fps", "width", "height", "duration", "intervals":
// [[from, to], …], "ignore": [[from, to], …], "in_progress": [index, …]}}}, in seconds; each file is looked for in the folder.

import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import type { ClipLabels } from './score.ts';

export interface Clip {
  /** As the detectors call it: the file without folder and ending. */
  readonly name: string;
  readonly path: string;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  readonly labels: ClipLabels;
}

/** What keeps the bench from running, in one sentence for whoever started it. */
export class NoFootage extends Error {}

const interval = z.tuple([z.number(), z.number()]);
const labelsFile = z.object({
  clips: z.record(
    z.string(),
    z.object({
      file: z.string(),
      fps: z.number().positive(),
      width: z.number().int().positive(),
      height: z.number().int().positive(),
      duration: z.number().positive(),
      intervals: z.array(interval),
      ignore: z.array(interval).default([]),
      in_progress: z.array(z.number().int()).default([]),
    }),
  ),
});

/** Throws NoFootage when the folder, its labels or one of its clips is not there, or the labels are something else. */
export function readFootage(folder: string): Clip[] {
  const path = join(folder, 'labels.json');
  if (!existsSync(path))
    throw new NoFootage(`There is no ${path}: name a folder of labelled clips with make bench-motion CLIPS=folder`);
  const read = labelsFile.safeParse(parse(readFileSync(path, 'utf8')));
  if (!read.success) throw new NoFootage(`${path} is not a file of labels: ${z.prettifyError(read.error)}`);
  const clips = Object.values(read.data.clips).map((clip) => ({
    name: basename(clip.file).replace(/\.[^.]*$/, ''),
    path: resolve(folder, basename(clip.file)),
    fps: clip.fps,
    width: clip.width,
    height: clip.height,
    labels: {
      durationS: clip.duration,
      events: clip.intervals,
      ignore: clip.ignore,
      underWay: clip.in_progress,
    },
  }));
  const missing = clips.filter((clip) => !existsSync(clip.path)).map((clip) => basename(clip.path));
  if (missing.length > 0) throw new NoFootage(`${folder} lacks clips that are labelled: ${missing.join(', ')}`);
  if (clips.length === 0) throw new NoFootage(`${path} names no clip`);
  return clips;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
