// Follows blobs from frame to frame: something that is there once is a flicker, something that stays near where it was is a
// thing. Decides from when on a blob is believed.

import type { Blob } from './blobs.ts';

interface Track {
  readonly id: number;
  blob: Blob;
  /** Frames in which it was seen, of the last `age`. */
  hits: number;
  misses: number;
  readonly sinceMs: number;
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
}

const MOST_TRACKS = 32;

export class Tracks {
  #tracks: Track[] = [];
  #ids = 0;

  clear(): void {
    this.#tracks = [];
  }

  /** Takes the blobs of a frame; gives back those that are believed. */
  step(blobs: readonly Blob[], atMs: number, rules: TrackRules): Believed[] {
    const believed: Believed[] = [];
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
        best = { id: ++this.#ids, blob, hits: 1, misses: 0, sinceMs: atMs };
        this.#tracks.push(best);
      }
      if (best && best.hits >= rules.hits) believed.push({ blob, id: best.id, sinceMs: best.sinceMs });
    }
    for (const track of free) track.misses++;
    this.#tracks = this.#tracks.filter((track) => track.misses <= rules.misses);
    return believed;
  }
}
