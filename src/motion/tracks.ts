// Follows blobs from frame to frame: something that is there once is a flicker, something that stays near where it was is a
// thing. Decides from when on a blob is believed: in a picture full of small blobs, snow or rain, one of them needs more.

import type { Blob } from './blobs.ts';

interface Track {
  readonly id: number;
  blob: Blob;
  /** Frames in which it was seen, of the last `age`. */
  hits: number;
  misses: number;
  readonly sinceMs: number;
  /** Where it was first seen. */
  readonly fromX: number;
  readonly fromY: number;
  believed: boolean;
}

/** A blob that has lasted long enough, and when it was first seen. */
export interface Believed {
  readonly blob: Blob;
  /** The same as long as it is followed, and never used again. */
  readonly id: number;
  readonly sinceMs: number;
}

export interface TrackRules {
  /** Frames a blob must be seen in before it is believed. */
  readonly hits: number;
  /** Frames it may be missing in between. */
  readonly misses: number;
  /** Pixels it may jump between frames, on top of its own size. */
  readonly reach: number;
  /** Moving pixels below which a blob is small: one of many when there are many. */
  readonly small: number;
  /** Pixels of the picture. */
  readonly picture: number;
}

const MOST_TRACKS = 32;
/** Pictures in which the usual number of small blobs is forgotten: 6 s, a flurry. */
const FORGET = 32;
/** From this many usual small blobs and specks on the picture is full of them. */
const MANY = 2;
/** How often it may happen per picture that unrelated small blobs make a track: once in minutes of snow. */
const CHANCE = 0.003;
const MOST_HITS = 12;
/** In a picture full of small blobs, one that goes more down than aside, and this many times its height in a second, falls. */
const FALLS_HEIGHTS = 0.5;

export class Tracks {
  #tracks: Track[] = [];
  #ids = 0;
  #usualSmall = 0;

  clear(): void {
    this.#tracks = [];
  }

  /** Takes the blobs of a frame, and how many specks there were beside them; gives back the blobs that are believed. */
  step(blobs: readonly Blob[], specks: number, atMs: number, rules: TrackRules): Believed[] {
    const believed: Believed[] = [];
    const many = this.#usualSmall >= MANY;
    const hitsOfSmall = many ? hitsAmong(this.#usualSmall, rules) : rules.hits;
    let small = specks;
    const free = new Set(this.#tracks);
    for (const blob of blobs) {
      let best: Track | undefined;
      let bestDistance = Number.POSITIVE_INFINITY;
      for (const track of free) {
        const dx = Math.abs(blob.centreX - track.blob.centreX);
        const dy = Math.abs(blob.centreY - track.blob.centreY);
        const distance = Math.max(dx - (blob.width + track.blob.width) / 4, dy - (blob.height + track.blob.height) / 4);
        if (distance < rules.reach && dx + dy < bestDistance) {
          best = track;
          bestDistance = dx + dy;
        }
      }
      if (best) {
        free.delete(best);
        best.blob = blob;
        best.hits++;
        best.misses = 0;
      } else if (this.#tracks.length < MOST_TRACKS) {
        best = {
          id: ++this.#ids,
          blob,
          hits: 1,
          misses: 0,
          sinceMs: atMs,
          fromX: blob.centreX,
          fromY: blob.centreY,
          believed: false,
        };
        this.#tracks.push(best);
      }
      const isSmall = blob.moving < rules.small;
      if (best) {
        best.believed ||= best.hits >= (isSmall ? hitsOfSmall : rules.hits) && !(isSmall && many && falls(best, atMs));
        if (best.believed) believed.push({ blob, id: best.id, sinceMs: best.sinceMs });
      }
      small += isSmall && !best?.believed ? 1 : 0;
    }
    this.#usualSmall += (small - this.#usualSmall) / FORGET;
    for (const track of free) track.misses++;
    this.#tracks = this.#tracks.filter((track) => track.misses <= rules.misses);
    return believed;
  }
}

/** Sightings in a row that `usual` unrelated small blobs, each within reach of the last by chance, hardly ever make. */
function hitsAmong(usual: number, { hits, reach, picture }: TrackRules): number {
  const near = Math.min(0.7, (usual * (2 * reach) ** 2) / picture);
  return Math.min(MOST_HITS, Math.max(hits, 1 + Math.ceil(Math.log(CHANCE / usual) / Math.log(near))));
}

function falls({ blob, fromX, fromY, sinceMs }: Track, atMs: number): boolean {
  const down = blob.centreY - fromY;
  return down > Math.abs(blob.centreX - fromX) && down * 1000 > FALLS_HEIGHTS * blob.height * (atMs - sinceMs);
}
