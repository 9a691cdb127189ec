// Puts the opened pieces of sealed segments one behind the other into a video element, from where the play head is and no further
// than is soon needed. What to fetch is decided in `load-plan.ts`; where things are is `timeline.ts`; opening is the vault's.

import type { SegmentIndexView } from '../../src/http/api.ts';
import { api, reportSignedOut } from '../api.ts';
import { canPlay, openMediaSource, rangesOf } from '../live/media-source.ts';
import { VaultError, type VaultPiece, vault } from '../vault/client.ts';
import { AHEAD_S, type Lost, nextStep, overLost } from './load-plan.ts';
import { overHole, type Stretch, stretchAt, type Timeline } from './timeline.ts';

const KEEP_BEHIND_S = 60;
const KEEP_AHEAD_S = 120;
/** A seek waits so long for the first picture of the one before: dragging then shows pictures on the way. */
const PATIENCE_MS = 250;
const RETRY_MS = 2000;
const EVENTS = ['seeking', 'timeupdate', 'waiting', 'stalled'] as const;

export interface FeedListener {
  /** What cannot be shown so far, with a sentence each. */
  lost(all: readonly Lost[]): void;
  /** Nothing comes at present, and why; undefined when it goes on. */
  fault(message: string | undefined): void;
}

/** Fetching from one place on, until enough is there or another place is wanted. */
interface Run {
  readonly stop: AbortController;
  readonly startedAtMs: number;
  reachedS: number;
  hasPicture: boolean;
  /** The piece that was appended last, until it is seen that the browser shows it. */
  unseen: { readonly fromS: number; readonly toS: number } | undefined;
}

export class RecordingFeed {
  readonly #video: HTMLVideoElement;
  readonly #source: MediaSource;
  readonly #url: string;
  readonly #listener: FeedListener;
  #timeline: Timeline;
  #buffer: SourceBuffer | undefined;
  #mimeType = '';
  #lost: readonly Lost[] = [];
  #run: Run | undefined;
  #indices = new Map<string, Promise<SegmentIndexView>>();
  #hungry: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(video: HTMLVideoElement, timeline: Timeline, startS: number, listener: FeedListener) {
    this.#video = video;
    this.#timeline = timeline;
    this.#listener = listener;
    const { source, url, opened } = openMediaSource(video);
    this.#source = source;
    this.#url = url;
    if (startS > 0) video.currentTime = startS;
    for (const name of EVENTS) video.addEventListener(name, this.#tend);
    // asked for while the browser opens the source
    const first = stretchAt(timeline, startS);
    if (first) void this.#indexOf(first).catch(() => {});
    void opened.then(() => {
      this.#setDuration();
      this.#tend();
    });
  }

  /** There is more than before. */
  grow(timeline: Timeline): void {
    if (timeline === this.#timeline) return;
    const last = this.#timeline.stretches.at(-1);
    // what was being written has another index by now
    if (last) this.#indices.delete(last.id);
    this.#timeline = timeline;
    this.#setDuration();
    this.#tend();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#run?.stop.abort();
    this.#hungry?.();
    for (const name of EVENTS) this.#video.removeEventListener(name, this.#tend);
    this.#video.removeAttribute('src');
    this.#video.load();
    URL.revokeObjectURL(this.#url);
  }

  #setDuration(): void {
    if (this.#closed || this.#source.readyState !== 'open' || this.#buffer?.updating) return;
    if (!(this.#source.duration >= this.#timeline.totalS)) this.#source.duration = this.#timeline.totalS;
  }

  #ranges(): readonly (readonly [number, number])[] {
    return this.#buffer && this.#source.readyState !== 'closed' ? rangesOf(this.#buffer.buffered) : [];
  }

  /** Looks at where the play head is and does what is needed there. */
  readonly #tend = () => {
    if (this.#closed || this.#source.readyState === 'closed') return;
    const atS = this.#video.currentTime;
    const [ranges, lost] = [this.#ranges(), this.#lost];
    const onS = overLost({ atS, ranges, lost }) ?? (this.#video.readyState < 3 ? overHole(ranges, atS) : undefined);
    if (onS !== undefined && onS < this.#timeline.totalS - 0.05) {
      this.#video.currentTime = onS;
      return;
    }
    const run = this.#run;
    const step = nextStep({ atS, totalS: this.#timeline.totalS, ranges, lost, reachedS: run?.reachedS });
    if (step.kind === 'begin') this.#begin(step.fromS);
    else if (step.kind === 'complete' && !run) this.#end();
    this.#hungry?.();
  };

  #begin(fromS: number): void {
    const before = this.#run;
    if (before && !before.hasPicture) {
      const waitMs = before.startedAtMs + PATIENCE_MS - performance.now();
      if (waitMs > 0) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(this.#tend, waitMs);
        return;
      }
    }
    before?.stop.abort();
    const run: Run = {
      stop: new AbortController(),
      startedAtMs: performance.now(),
      reachedS: fromS,
      hasPicture: false,
      unseen: undefined,
    };
    this.#run = run;
    void this.#follow(run)
      .catch((error: unknown) => {
        if (!run.stop.signal.aborted) this.#failed(run, error);
      })
      .finally(() => {
        if (this.#run === run) this.#run = undefined;
        if (run.stop.signal.aborted) return;
        if (run.reachedS > fromS) this.#tend();
        else this.#tendLater();
      });
  }

  /** One stretch after the other, until the end of what there is. */
  async #follow(run: Run): Promise<void> {
    for (;;) {
      const stretch = stretchAt(this.#timeline, run.reachedS + 0.01);
      if (!stretch || run.reachedS >= stretch.offsetS + stretch.durationS - 0.01) return;
      try {
        const isWhole = await this.#load(stretch, run);
        // what follows in it is still to be written
        if (!isWhole) return;
      } catch (error) {
        if (run.stop.signal.aborted || !isLost(error)) throw error;
        this.#lose({ fromS: run.reachedS, toS: stretch.offsetS + stretch.durationS, message: describeFault(error) });
        run.reachedS = stretch.offsetS + stretch.durationS;
      }
    }
  }

  async #load(stretch: Stretch, run: Run): Promise<boolean> {
    const { signal } = run.stop;
    if (!canPlay(stretch.mimeType)) throw new VaultError('unplayable', UNPLAYABLE);
    const index = await this.#indexOf(stretch);
    signal.throwIfAborted();
    const segment = vault.segment(stretch.id, index);
    const endS = stretch.offsetS + stretch.durationS;
    const place = (ms: number) => Math.min(endS, stretch.offsetS + ms / 1000);
    for await (const piece of segment.pieces(Math.max(0, (run.reachedS - stretch.offsetS) * 1000), signal)) {
      await this.#take(piece, stretch, run, place);
      if (piece.kind !== 'init') await this.#untilHungry(run);
    }
    this.#see(run);
    if (!index.finished) {
      this.#indices.delete(stretch.id);
      return false;
    }
    const heldS = this.#ranges().find(([a, b]) => run.reachedS >= a && run.reachedS <= b + 0.5)?.[1] ?? run.reachedS;
    const fromS = Math.min(heldS, run.reachedS);
    // rounding, sound that ends before the picture; or a file that has less than the box says
    if (endS - fromS > 1) this.#lose({ fromS, toS: endS, message: MISSING });
    else if (endS - fromS > 0.2) this.#lose({ fromS, toS: endS });
    run.reachedS = endS;
    return true;
  }

  async #take(piece: VaultPiece, stretch: Stretch, run: Run, place: (ms: number) => number): Promise<void> {
    const { signal } = run.stop;
    if (piece.kind === 'init') {
      await this.#prepare(stretch, signal);
      await this.#append(piece.bytes, signal);
      return;
    }
    const [fromS, toS] = [place(piece.fromMs), place(piece.toMs)];
    if (piece.kind === 'gap') {
      // from the key frame on, where it began before what was wanted
      this.#lose({ fromS, toS, message: piece.message });
    } else {
      await this.#append(piece.bytes, signal);
      this.#see(run);
      run.unseen = { fromS, toS };
      this.#listener.fault(undefined);
    }
    run.reachedS = Math.max(run.reachedS, toS);
    this.#tend();
  }

  /** After damage the browser shows nothing until the next key frame. One piece later, as sound may come with the next one. */
  #see(run: Run): void {
    const { unseen } = run;
    run.unseen = undefined;
    if (!unseen) return;
    const middleS = (unseen.fromS + unseen.toS) / 2;
    if (this.#ranges().some(([fromS, toS]) => middleS >= fromS && middleS <= toS)) run.hasPicture = true;
    else this.#lose(unseen);
  }

  /** Waits while enough lies before the play head. */
  async #untilHungry(run: Run): Promise<void> {
    while (!run.stop.signal.aborted && !this.#closed && run.reachedS - this.#video.currentTime > AHEAD_S) {
      this.#forget();
      await new Promise<void>((resolve) => {
        this.#hungry = resolve;
        run.stop.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    run.stop.signal.throwIfAborted();
  }

  /** Points the buffer at the stretch's place on the axis, whatever was half appended before. */
  async #prepare(stretch: Stretch, signal: AbortSignal): Promise<void> {
    await this.#settled();
    signal.throwIfAborted();
    if (!this.#buffer) {
      this.#buffer = this.#source.addSourceBuffer(stretch.mimeType);
      this.#buffer.mode = 'segments';
    } else {
      // Also opens the source again after its end was marked.
      if (this.#source.readyState === 'ended') this.#buffer.timestampOffset = stretch.offsetS;
      this.#buffer.abort();
      if (this.#mimeType !== stretch.mimeType) this.#buffer.changeType(stretch.mimeType);
    }
    this.#mimeType = stretch.mimeType;
    this.#buffer.timestampOffset = stretch.offsetS;
  }

  async #append(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    const buffer = this.#buffer!;
    await this.#settled();
    signal.throwIfAborted();
    try {
      buffer.appendBuffer(bytes);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') throw error;
      const atS = this.#video.currentTime;
      await this.#remove(0, Math.max(0.1, atS - 5));
      await this.#remove(atS + AHEAD_S, Number.POSITIVE_INFINITY);
      buffer.appendBuffer(bytes);
    }
    await this.#settled();
    signal.throwIfAborted();
  }

  /** What is far from the play head goes, so that a day can be played in a page. */
  #forget(): void {
    const atS = this.#video.currentTime;
    void (async () => {
      if (this.#ranges().some(([fromS]) => fromS < atS - 2 * KEEP_BEHIND_S)) await this.#remove(0, atS - KEEP_BEHIND_S);
      if (this.#ranges().some(([fromS]) => fromS > atS + KEEP_AHEAD_S))
        await this.#remove(atS + KEEP_AHEAD_S, Number.POSITIVE_INFINITY);
    })().catch(() => {});
  }

  async #remove(fromS: number, toS: number): Promise<void> {
    await this.#settled();
    if (this.#closed || !this.#buffer || this.#source.readyState !== 'open' || toS <= fromS) return;
    this.#buffer.remove(fromS, toS);
    await this.#settled();
  }

  #end(): void {
    this.#setDuration();
    if (this.#source.readyState === 'open' && this.#buffer && !this.#buffer.updating) this.#source.endOfStream();
  }

  #lose(one: Lost): void {
    if (one.toS - one.fromS < 0.001 || this.#closed) return;
    const known = this.#lost.some(({ fromS, toS }) => fromS <= one.fromS + 0.001 && toS >= one.toS - 0.001);
    if (known) return;
    this.#lost = [...this.#lost, one];
    this.#listener.lost(this.#lost.filter(({ message }) => message !== undefined));
  }

  #failed(run: Run, error: unknown): void {
    if (this.#closed) return;
    if (error instanceof VaultError && error.fault === 'signed-out') {
      reportSignedOut();
      return;
    }
    this.#listener.fault(describeFault(error));
    // Stays the run, so that nothing else begins until it is tried again.
    run.stop.abort();
    this.#tendLater();
  }

  #tendLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#tend, RETRY_MS);
  }

  #indexOf(stretch: Stretch): Promise<SegmentIndexView> {
    const known = this.#indices.get(stretch.id);
    if (known) return known;
    const asked = api.get<SegmentIndexView>(`/segments/${encodeURIComponent(stretch.id)}/index`).catch((error) => {
      // A file that the box cannot read: looking into it tells why.
      if (isMissing(error)) return { ...NO_INDEX, bytes: stretch.bytes };
      this.#indices.delete(stretch.id);
      throw error;
    });
    this.#indices.set(stretch.id, asked);
    return asked;
  }

  #settled(): Promise<void> {
    const buffer = this.#buffer;
    if (!buffer?.updating) return Promise.resolve();
    return new Promise((resolve) => buffer.addEventListener('updateend', () => resolve(), { once: true }));
  }
}

const UNPLAYABLE = 'This browser cannot play this video (H.265). Download it, or use another browser.';
/** Its chunks are looked for in the file itself. */
const NO_INDEX = { headBytes: 0, finished: true, entries: [] } as const;
const MISSING = 'A part of this file is missing. What follows can still be opened.';

/** It will not be there a second later either: the rest is played without it. */
function isLost(error: unknown): boolean {
  if (error instanceof VaultError)
    return !['offline', 'signed-out', 'locked', 'unable', 'aborted'].includes(error.fault);
  return isMissing(error);
}

const isMissing = (error: unknown) => (error as { readonly kind?: unknown } | undefined)?.kind === 'missing';

function describeFault(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
