// Shows what was kept: pages, days, single recordings with their segments, bytes by range, and downloads. Fits
// `RecordingsPort` of the routes. Keeps nothing itself but the last few export plans.

import { NightjarError } from '../base/errors.ts';
import type { Library } from '../library/library.ts';
import type { EventQuery, Reason, RecordedEvent, Recording, RecordingQuery, Segment } from '../library/types.ts';
import { cursorOf, readCursor } from './cursor.ts';
import { type Day, daysOf } from './days.ts';
import { type Body, exportBody } from './export.ts';
import { downloadName } from './file-name.ts';

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
  events(query: EventQuery): readonly RecordedEvent[];
  still(recordingId: string): Promise<Uint8Array | undefined>;
  difference(eventId: string): Promise<Uint8Array | undefined>;
  segment(id: string): Promise<Body | undefined>;
  /** Rejects with `too-large` when the recording is longer than six hours. */
  download(recordingId: string): Promise<{ readonly name: string; readonly body: Body } | undefined>;
  remove(ids: readonly string[]): Promise<number>;
}

/** Players ask for many ranges of one download; reading an hour's tables again for each would take longer than the bytes. */
const KEPT_PLANS = 4;
/** The sample tables of a whole file are in memory at once: 25 pictures a second for six hours are about 100 MB. */
const MAX_DOWNLOAD_MS = 6 * 3_600_000;

export function createPlayback({ library, timeZone }: PlaybackOptions): Playback {
  const plans = new Map<string, Promise<Body | undefined>>();

  function planned(key: string, plan: () => Promise<Body | undefined>): Promise<Body | undefined> {
    const known = plans.get(key) ?? plan();
    plans.delete(key);
    plans.set(key, known);
    known.catch(() => plans.delete(key));
    for (const oldest of [...plans.keys()].slice(0, -KEPT_PLANS)) plans.delete(oldest);
    return known;
  }

  return {
    list({ before, ...query }) {
      const place = before === undefined ? undefined : readCursor(before);
      if (before !== undefined && !place) {
        throw new NightjarError('invalid', '`before` must be a `nextBefore` of an earlier page');
      }
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

    events: (query) => library.events(query),
    still: (recordingId) => library.still(recordingId),
    difference: (eventId) => library.difference(eventId),
    segment: async (id) => library.bytesOf(id),

    async download(recordingId) {
      const recording = library.recording(recordingId);
      if (!recording) return undefined;
      if (recording.durationMs > MAX_DOWNLOAD_MS) {
        throw new NightjarError('too-large', 'this recording is longer than six hours; download its parts instead');
      }
      const segments = library.segments(recordingId);
      const key = [recordingId, ...segments.map(({ id, bytes }) => `${id}:${bytes}`)].join(' ');
      const sources = segments.map(({ id }) => library.bytesOf(id)).filter((bytes) => bytes !== undefined);
      const body = await planned(key, () => exportBody(sources, recording.startMs));
      return body && { name: downloadName(recording, timeZone()), body };
    },

    remove: (ids) => library.removeRecordings(ids),
  };
}
