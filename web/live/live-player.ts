// Shows one camera's fragments in one video element, held at the live edge. Lives as long as one stream; a new stream
// (other codec or size) gets a new player. Where fragments come from is `live-socket.ts`, where the edge is `edge.ts`.

import { holdEdge } from './edge.ts';
import { openMediaSource, rangesOf } from './media-source.ts';
import type { LiveFragment } from './message.ts';

export interface LiveStats {
  /** Capture to screen by the box's clock, in milliseconds; add the difference of the clocks to make it true. */
  readonly rawLatencyMs: number | undefined;
  readonly shownFps: number;
  readonly kbps: number;
  readonly dropped: number;
}

export class LivePlayer {
  readonly #video: HTMLVideoElement;
  readonly #source: MediaSource;
  readonly #url: string;
  readonly #onBroken: () => void;
  readonly #onPicture: () => void;
  #buffer: SourceBuffer | undefined;
  #queue: Uint8Array<ArrayBuffer>[] = [];
  #queuedBytes = 0;
  #newestCapturedMs = 0;
  /** Where on the media axis the newest appended fragment ends, and when it was captured. */
  #anchor: { endS: number; capturedMs: number } | undefined;
  #closed = false;
  #watching = 0;
  #shown: number[] = [];
  #arrived: { atMs: number; bytes: number }[] = [];
  #rawLatencyMs: number | undefined;

  constructor(
    video: HTMLVideoElement,
    mimeType: string,
    on: { readonly broken: () => void; readonly picture: () => void },
  ) {
    this.#video = video;
    this.#onBroken = on.broken;
    this.#onPicture = on.picture;
    const { source, url, opened } = openMediaSource(video);
    this.#source = source;
    this.#url = url;
    video.addEventListener('error', this.#broken);
    void opened.then(() => {
      if (this.#closed) return;
      try {
        source.duration = Number.POSITIVE_INFINITY;
        this.#buffer = source.addSourceBuffer(mimeType);
        this.#buffer.mode = 'segments';
        this.#buffer.addEventListener('updateend', this.#appended);
        this.#buffer.addEventListener('error', this.#broken);
        this.#append();
      } catch {
        this.#broken();
      }
    });
    this.#watchFrames();
  }

  push(fragment: LiveFragment): void {
    if (this.#closed) return;
    this.#queue.push(fragment.bytes);
    this.#queuedBytes += fragment.bytes.length;
    if (!fragment.init) this.#newestCapturedMs = fragment.capturedAtMs;
    this.#arrived.push({ atMs: performance.now(), bytes: fragment.bytes.length });
    // A page that does not get to decode (a sleeping tab) must not collect minutes of video.
    if (this.#queuedBytes > 16_000_000) this.#broken();
    else this.#append();
  }

  stats(): LiveStats {
    const since = performance.now() - 2000;
    this.#shown = this.#shown.filter((at) => at > since);
    this.#arrived = this.#arrived.filter((a) => a.atMs > since);
    return {
      rawLatencyMs: this.#rawLatencyMs,
      shownFps: this.#shown.length / 2,
      kbps: Math.round((this.#arrived.reduce((sum, a) => sum + a.bytes, 0) * 8) / 2000),
      dropped: this.#video.getVideoPlaybackQuality().droppedVideoFrames,
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#video.removeEventListener('error', this.#broken);
    this.#buffer?.removeEventListener('updateend', this.#appended);
    this.#buffer?.removeEventListener('error', this.#broken);
    if (this.#watching) this.#video.cancelVideoFrameCallback?.(this.#watching);
    if (this.#video.src === this.#url) {
      this.#video.removeAttribute('src');
      this.#video.load();
    }
    URL.revokeObjectURL(this.#url);
  }

  readonly #broken = () => {
    if (this.#closed) return;
    this.close();
    this.#onBroken();
  };

  #append(): void {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || this.#queue.length === 0 || this.#source.readyState !== 'open') return;
    const bytes = this.#queue.length === 1 ? this.#queue[0]! : joined(this.#queue, this.#queuedBytes);
    this.#queue = [];
    this.#queuedBytes = 0;
    try {
      buffer.appendBuffer(bytes);
    } catch {
      this.#broken();
    }
  }

  readonly #appended = () => {
    const [video, buffer] = [this.#video, this.#buffer];
    if (this.#closed || !buffer) return;
    let ranges: ReturnType<typeof rangesOf>;
    try {
      ranges = rangesOf(buffer.buffered);
    } catch {
      return this.#broken();
    }
    const endS = ranges.at(-1)?.[1];
    if (endS !== undefined && this.#newestCapturedMs > 0) this.#anchor = { endS, capturedMs: this.#newestCapturedMs };
    const action = holdEdge({ nowS: video.currentTime, ranges, rate: video.playbackRate });
    if (action.seekToS !== undefined) video.currentTime = action.seekToS;
    if (video.playbackRate !== action.rate) video.playbackRate = action.rate;
    if (video.paused && ranges.length > 0) void video.play().catch(() => {});
    if (action.removeBeforeS !== undefined && this.#queue.length === 0) buffer.remove(0, action.removeBeforeS);
    else this.#append();
  };

  #watchFrames(): void {
    const video = this.#video;
    if (!video.requestVideoFrameCallback) {
      video.addEventListener('timeupdate', this.#onPicture);
      return;
    }
    const onFrame = (_now: number, frame: VideoFrameCallbackMetadata) => {
      if (this.#closed) return;
      this.#shown.push(performance.now());
      if (this.#shown.length > 400) this.#shown = this.#shown.slice(-200);
      const anchor = this.#anchor;
      if (anchor) {
        const capturedMs = anchor.capturedMs - (anchor.endS - frameS(this.#shown) - frame.mediaTime) * 1000;
        const raw = Date.now() - capturedMs;
        this.#rawLatencyMs = this.#rawLatencyMs === undefined ? raw : this.#rawLatencyMs * 0.9 + raw * 0.1;
      }
      this.#onPicture();
      this.#watching = video.requestVideoFrameCallback(onFrame);
    };
    this.#watching = video.requestVideoFrameCallback(onFrame);
  }
}

/** The length of one frame, from how often frames were shown lately. */
function frameS(shown: readonly number[]): number {
  const last = shown.slice(-20);
  return last.length < 3 ? 0.04 : Math.min(1, (last.at(-1)! - last[0]!) / 1000 / (last.length - 1));
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
