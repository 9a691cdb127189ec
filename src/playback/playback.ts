// Shows what was kept: pages, days, a timeline, single recordings with their segments, and sealed bytes by range. Fits
// `RecordingsPort` of the routes. Opening them is for whoever holds the keys.

import { NightjarError } from '../base/errors.ts';
import type { Library } from '../library/library.ts';
import type {
  EventQuery,
  Reason,
  RecordedEvent,
  Recording,
  RecordingQuery,
  Segment,
  TimelineSegment,
} from '../library/types.ts';
import { cursorOf, type Place, readCursor } from './cursor.ts';
import { type Day, daysOf } from './days.ts';

/** Sealed bytes with a known length, so that a page can fetch parts of them. */
export interface Body {
  readonly bytes: number;
  /** `from` inclusive, `to` exclusive. */
  stream(from: number, to: number): ReadableStream<Uint8Array>;
}

export interface PlaybackOptions {
  readonly library: Library;
  /** The box's time zone, asked each time. */
  readonly timeZone: () => string;
}

export interface Playback {
  /** Newest first. Throws `invalid` when `before` is no cursor of ours. */
  list(query: Omit<RecordingQuery, 'before'> & { readonly before?: string }): {
    readonly recordings: readonly Recording[];
    readonly nextBefore?: string;
  };
  days(query: { readonly cameraId?: string; readonly reason?: Reason }): readonly Day[];
  get(id: string): (Recording & { readonly segments: readonly Segment[] }) | undefined;
  /** Oldest first. Throws `invalid` when `after` is no cursor of ours. */
  timeline(query: {
    readonly cameraId?: string;
    readonly fromMs: number;
    readonly toMs: number;
    readonly after?: string;
    readonly limit: number;
  }): { readonly segments: readonly TimelineSegment[]; readonly next?: string };
  events(query: EventQuery): readonly RecordedEvent[];
  /** Sealed, as all that follows. */
  still(recordingId: string): Promise<Uint8Array | undefined>;
  difference(eventId: string): Promise<Uint8Array | undefined>;
  segment(id: string): Promise<Body | undefined>;
  /** Where the chunks of a segment lie. */
  segmentIndex(id: string): ReturnType<Library['indexOf']>;
  remove(ids: readonly string[]): Promise<number>;
  /** False: there is no such recording. */
  setStarred(id: string, starred: boolean): Promise<boolean>;
}

export function createPlayback({ library, timeZone }: PlaybackOptions): Playback {
  return {
    list({ before, ...query }) {
      const place = placeOf(before, '`before` must be a `nextBefore` of an earlier page');
      // one more than asked for tells whether there is a next page
      const found = library.recordings({ ...query, limit: query.limit + 1, ...(place ? { before: place } : {}) });
      const recordings = found.slice(0, query.limit);
      const last = recordings.at(-1);
      return { recordings, ...(found.length > recordings.length && last ? { nextBefore: cursorOf(last) } : {}) };
    },

    days: (query) => daysOf(library.quarters(query), timeZone()),

    get(id) {
      const recording = library.recording(id);
      return recording && { ...recording, segments: library.segments(id) };
    },

    timeline({ after, ...query }) {
      const place = placeOf(after, '`after` must be a `next` of an earlier answer');
      const { segments, next } = library.timeline({ ...query, ...(place ? { after: place } : {}) });
      return { segments, ...(next ? { next: cursorOf(next) } : {}) };
    },

    events: (query) => library.events(query),
    still: (recordingId) => library.still(recordingId),
    difference: (eventId) => library.difference(eventId),
    segment: async (id) => library.bytesOf(id),
    segmentIndex: (id) => library.indexOf(id),
    remove: (ids) => library.removeRecordings(ids),
    setStarred: (id, starred) => library.setStarred(id, starred),
  };
}

function placeOf(cursor: string | undefined, words: string): Place | undefined {
  if (cursor === undefined) return undefined;
  const place = readCursor(cursor);
  if (!place) throw new NightjarError('invalid', words);
  return place;
}
