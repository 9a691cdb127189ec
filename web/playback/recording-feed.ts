// Fetches a recording's segments and puts them one behind the other into a video element, ahead of the play head and no
// further. Where things are is `timeline.ts`; buttons and the seek bar are `player.tsx`.

import { canPlay, openMediaSource, rangesOf } from '../live/media-source.ts';
import { nextToLoad, overHole, type Stretch, type Timeline } from './timeline.ts';

const keepBehindS = 60;

export class RecordingFeed {
  readonly #video: HTMLVideoElement;
  readonly #source: MediaSource;
  readonly #url: string;
  readonly #onError: (message: string) => void;
  #timeline: Timeline;
  #buffer: SourceBuffer | undefined;
  #mimeType = '';
  #loaded = new Set<string>();
  #loading: { readonly stretch: Stretch; readonly stop: AbortController } | undefined;
  #closed = false;

  constructor(video: HTMLVideoElement, timeline: Timeline, onError: (message: string) => void) {
    this.#video = video;
    this.#timeline = timeline;
    this.#onError = onError;
    const { source, url, opened } = openMediaSource(video);
    this.#source = source;
    this.#url = url;
    for (const name of ['seeking', 'timeupdate', 'waiting', 'stalled'] as const)
      video.addEventListener(name, this.#tend);
    void opened.then(() => {
      this.#setDuration();
      this.#tend();
    });
  }

  /** The recording has grown. */
  grow(timeline: Timeline): void {
    this.#timeline = timeline;
    this.#setDuration();
    this.#tend();
  }

  close(): void {
    this.#closed = true;
    this.#loading?.stop.abort();
    for (const name of ['seeking', 'timeupdate', 'waiting', 'stalled'] as const)
      this.#video.removeEventListener(name, this.#tend);
    this.#video.removeAttribute('src');
    this.#video.load();
    URL.revokeObjectURL(this.#url);
  }

  #setDuration(): void {
    if (this.#closed || this.#source.readyState !== 'open' || this.#buffer?.updating) return;
    if (!(this.#source.duration >= this.#timeline.totalS)) this.#source.duration = this.#timeline.totalS;
  }

  /** Looks at where the play head is and does what is needed there. */
  readonly #tend = () => {
    if (this.#closed || this.#source.readyState === 'closed') return;
    const atS = this.#video.currentTime;
    if (this.#buffer && !this.#video.seeking) {
      const overS = overHole(rangesOf(this.#buffer.buffered), atS);
      if (overS !== undefined && this.#video.readyState < 3) this.#video.currentTime = overS;
    }
    // What the browser threw away to save memory has to be fetched again.
    if (this.#buffer) {
      const ranges = rangesOf(this.#buffer.buffered);
      const current = this.#timeline.stretches.find((s) => atS >= s.offsetS && atS < s.offsetS + s.durationS - 0.1);
      const isThere = ranges.some(([a, b]) => atS >= a - 0.3 && atS <= b + 0.3);
      if (current && !isThere && this.#loading?.stretch.id !== current.id) this.#loaded.delete(current.id);
    }
    const next = nextToLoad(this.#timeline, atS, (id) => this.#loaded.has(id) && this.#loading?.stretch.id !== id);
    if (!next) return;
    if (this.#loading) {
      if (this.#loading.stretch.id === next.id) return;
      // A seek elsewhere: what is being fetched can wait. Fetching ahead never interrupts itself.
      const isUnderHead = atS >= next.offsetS && atS < next.offsetS + next.durationS;
      if (!isUnderHead) return;
      this.#loading.stop.abort();
      this.#loaded.delete(this.#loading.stretch.id);
    }
    void this.#load(next);
  };

  async #load(stretch: Stretch): Promise<void> {
    const stop = new AbortController();
    const loading = { stretch, stop };
    this.#loading = loading;
    try {
      if (!canPlay(stretch.mimeType))
        throw new Error('This browser cannot play this video (H.265). Download it, or use another browser.');
      const response = await fetch(`/api/v1/segments/${encodeURIComponent(stretch.id)}/media.mp4`, {
        signal: stop.signal,
      });
      if (!response.ok || !response.body) throw new Error('A part of this recording cannot be read any more.');
      await this.#prepare(stretch, stop.signal);
      this.#loaded.add(stretch.id);
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        await this.#append(value, stop.signal);
      }
      if (this.#loading === loading) this.#loading = undefined;
      await this.#settled();
      this.#setDuration();
      this.#forget();
      const last = this.#timeline.stretches.at(-1);
      // Only what lies before the end may still be missing: it opens the source again when it comes.
      const isEnd = last !== undefined && this.#loaded.has(last.id) && this.#loading === undefined;
      if (isEnd && this.#source.readyState === 'open' && !this.#buffer?.updating) this.#source.endOfStream();
      this.#tend();
    } catch (error) {
      if (this.#loading === loading) this.#loading = undefined;
      if (stop.signal.aborted || this.#closed) return;
      this.#loaded.add(stretch.id);
      this.#onError(error instanceof Error ? error.message : String(error));
    }
  }

  /** Points the buffer at the stretch's place on the axis, whatever was half appended before. */
  async #prepare(stretch: Stretch, signal: AbortSignal): Promise<void> {
    await this.#settled();
    if (signal.aborted) throw new DOMException('seeked elsewhere', 'AbortError');
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
    if (signal.aborted) throw new DOMException('seeked elsewhere', 'AbortError');
    try {
      buffer.appendBuffer(bytes);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') throw error;
      buffer.remove(0, Math.max(0.1, this.#video.currentTime - 5));
      await this.#settled();
      buffer.appendBuffer(bytes);
    }
    await this.#settled();
  }

  /** What was played long ago goes, so that hours can be played in a page. */
  #forget(): void {
    const buffer = this.#buffer;
    const untilS = this.#video.currentTime - keepBehindS;
    if (!buffer || buffer.updating || untilS <= 0) return;
    for (const s of this.#timeline.stretches) if (s.offsetS < untilS) this.#loaded.delete(s.id);
    buffer.remove(0, untilS);
  }

  #settled(): Promise<void> {
    const buffer = this.#buffer;
    if (!buffer?.updating) return Promise.resolve();
    return new Promise((resolve) => buffer.addEventListener('updateend', () => resolve(), { once: true }));
  }
}
