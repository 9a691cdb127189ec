// Commits what the recorder hands over, in the order that survives a power cut at any step:
//
//   row as open → file made → appended, fsynced → finished, fsynced → row as kept → announced
//
// The row comes before the file (design.md had it the other way), so that a start finds every unfinished file by asking
// the catalog instead of looking through 100,000 names. A row whose file was never made is dropped then.

import { describeError, NightjarError } from '../base/errors.ts';
import type { Reason } from '../catalog/rows.ts';
import type { RecordingSink, RecordReason, SegmentStart, SegmentWriter } from '../recorder/sink.ts';
import type { FinishedSegment, OpenSegment, SegmentHeader } from '../store/segment-store.ts';
import { tieLooseEvents } from './events.ts';
import { announceRecording, isNoSpace, newId, type Shelf } from './shelf.ts';
import { summarise } from './summary-events.ts';

interface Running {
  readonly id: string;
  readonly cameraId: string;
  /** When it began, on the clock that runs from switching on: when that was may become known while it runs. */
  readonly sinceBootMs: number;
  readonly reasons: Set<Reason>;
}

export interface Sink extends RecordingSink {
  /** Adds the rows of finished files for which the disk had no room before, and what else the catalog is owed. */
  settle(): void;
  /** Finishes whatever is still being written, as interrupted. */
  close(): Promise<void>;
}

export function createSink(shelf: Shelf): Sink {
  const { catalog, store, clock, log, dating, writing } = shelf;
  const running = new Map<string, Running>();
  const writers = new Set<SegmentWriter>();
  let unsettled: { readonly segmentId: string; readonly recordingId: string; readonly file: FinishedSegment }[] = [];

  const putRunning = (recording: Running) =>
    catalog.putRecording({
      ...recording,
      // retention may have taken its first segments: it begins where what is left of it begins
      startMs: catalog.read.recording(recording.id)?.startMs ?? dating.wallOf(recording.sinceBootMs),
      timeUnknown: dating.isTimeKnown() === false,
      reasons: [...recording.reasons],
      endMs: null,
      peakLevel: 0,
      interrupted: false,
    });

  const runningOr = (id: string): Running => {
    const recording = running.get(id);
    if (!recording) throw new NightjarError('conflict', `recording ${id} is not running`);
    return recording;
  };

  function openRecording(start: Parameters<RecordingSink['openRecording']>[0]): string {
    const { sinceBootMs } = dating.momentOf(start.startMs);
    const recording = { cameraId: start.cameraId, sinceBootMs, id: newId(), reasons: new Set(start.reasons) };
    running.set(recording.id, recording);
    // the recorder hears from `openSegment` that nobody owns the box
    if (!store.canSeal()) return recording.id;
    try {
      catalog.change('open recording', () => {
        putRunning(recording);
        tieLooseEvents(shelf, catalog.read.recording(recording.id)!);
      });
      announceRecording(shelf, recording.id);
    } catch (error) {
      // the recorder hears of the full disk from `openSegment`, which tries the row again
      if (!isNoSpace(error)) throw error;
    }
    return recording.id;
  }

  function addReason(recordingId: string, reason: RecordReason): void {
    const recording = runningOr(recordingId);
    if (recording.reasons.has(reason)) return;
    recording.reasons.add(reason);
    try {
      catalog.joinRecording(recordingId, { reasons: [reason] });
      announceRecording(shelf, recordingId);
    } catch (error) {
      // kept in memory: it goes into the segment's summary and, with the next row, into the catalog
      if (!isNoSpace(error)) throw error;
    }
  }

  async function openSegment(start: SegmentStart): Promise<SegmentWriter> {
    const recording = runningOr(start.recordingId);
    if (!store.canSeal()) {
      throw new NightjarError('unavailable', 'nobody owns this box yet, so nothing is recorded');
    }
    const segmentId = newId();
    const { stream } = start;
    const header: SegmentHeader = {
      fileId: segmentId,
      recordingId: recording.id,
      cameraId: recording.cameraId,
      stream: 'main',
      ...dating.stamp(start.startMonotonicMs),
      mimeType: stream.mimeType,
      width: stream.video.width,
      height: stream.video.height,
      reasons: [...recording.reasons],
    };
    settle();
    catalog.change('open segment', () => {
      putRunning(recording);
      if (isEmpty(recording.id)) catalog.beginRecording(recording.id, header.startMs);
      const { fileId: id, stream: _, reasons: __, ...row } = header;
      catalog.putSegment({ ...row, id, path: store.pathOf(header), durationMs: 0, bytes: 0, state: 'open' });
    });
    let file: OpenSegment;
    try {
      file = await store.create(header, stream.init);
    } catch (error) {
      try {
        shelf.owed.make(`drop ${segmentId}`, () => catalog.dropSegments([segmentId]));
      } catch (also) {
        log.debug('a row without file stays until there is room', { segment: segmentId, error: String(also) });
      }
      throw error;
    }
    writing.set(segmentId, Object.assign(file, { recordingId: recording.id }));
    let finished: Promise<void> | undefined;
    const movedUntil = shelf.levels.follow(recording.cameraId, start.startMonotonicMs);
    const writer: SegmentWriter = {
      append: (fragment, mediaMs, { key }) => {
        const moved = movedUntil(start.startMonotonicMs + mediaMs);
        return file.append(fragment, mediaMs, { key, ...(moved === undefined ? {} : { moved }) });
      },
      finish: () => {
        finished ??= finishSegment(header, recording, file).finally(() => writers.delete(writer));
        return finished;
      },
    };
    writers.add(writer);
    return writer;
  }

  async function finishSegment(header: SegmentHeader, recording: Running, file: OpenSegment): Promise<void> {
    const { fileId: segmentId } = header;
    const row = catalog.read.recording(recording.id);
    const events = summarise(catalog.read.eventsOf(recording.id), header);
    try {
      const summary = {
        reasons: [...recording.reasons],
        peakLevel: row?.peakLevel ?? 0,
        interrupted: false,
        ...events,
      };
      const done = await file.finish(summary);
      if (done) unsettled.push({ segmentId, recordingId: recording.id, file: done });
      else catalog.dropSegments([segmentId]);
    } finally {
      writing.delete(segmentId);
    }
    settle();
    // its recording may have been closed before
    if (!running.has(recording.id) && isEmpty(recording.id)) await dropEmpty(recording.id);
  }

  function settle(): void {
    while (unsettled.length > 0) {
      const [{ segmentId, recordingId, file }, ...rest] = unsettled as [(typeof unsettled)[0], ...typeof unsettled];
      try {
        catalog.change('keep segment', () => {
          catalog.keepSegment(segmentId, file);
          catalog.sumRecording(recordingId);
          tieLooseEvents(shelf, catalog.read.recording(recordingId)!);
        });
      } catch (error) {
        if (!isNoSpace(error)) throw error;
        log.warn('a recording is on the disk but not in the catalog yet: the disk is full', { segment: segmentId });
        return;
      }
      unsettled = rest;
      announceRecording(shelf, recordingId);
    }
    shelf.owed.settle();
  }

  async function closeRecording(
    recordingId: string,
    end: { readonly endMs: number; readonly interrupted: boolean },
  ): Promise<void> {
    runningOr(recordingId);
    running.delete(recordingId);
    try {
      if (isEmpty(recordingId)) await dropEmpty(recordingId);
      else endKept(recordingId, end);
    } catch (error) {
      if (!isNoSpace(error)) throw error;
      shelf.owed.remember(`end ${recordingId}`, () => {
        endKept(recordingId, end);
        // its segments may have been removed since
        dropEmpty(recordingId).catch((error) =>
          log.warn('an empty recording stays until the next start', { reason: describeError(error) }),
        );
      });
      log.warn('the end of a recording could not be noted yet: the disk is full', { recording: recordingId });
    }
  }

  function endKept(recordingId: string, end: { readonly endMs: number; readonly interrupted: boolean }): void {
    catalog.endRecording(recordingId, end.endMs, end.interrupted);
    announceRecording(shelf, recordingId);
  }

  const isEmpty = (recordingId: string) => catalog.read.segmentsOf(recordingId).length === 0;

  /** Nothing is left of a recording without segments; one that has some stays. */
  const dropEmpty = (recordingId: string): Promise<void> =>
    shelf.inTurn(async () => {
      if (!catalog.read.recording(recordingId) || !isEmpty(recordingId)) return;
      const stills = catalog.read.stillsOf(recordingId).map((still) => still.path);
      catalog.markStills(stills);
      await store.remove(stills);
      shelf.owed.make(`drop ${recordingId}`, () => {
        catalog.change('drop empty recording', () => {
          catalog.dropStills(stills);
          catalog.dropRecording(recordingId);
        });
        shelf.announce('recording-removed', { id: recordingId });
      });
    });

  async function close(): Promise<void> {
    for (const writer of [...writers]) {
      await writer.finish().catch((error) => log.error('a recording could not be finished', { error: String(error) }));
    }
    for (const id of [...running.keys()]) await closeRecording(id, { endMs: clock.wallMs(), interrupted: true });
  }

  return { openRecording, addReason, openSegment, closeRecording, settle, close };
}
