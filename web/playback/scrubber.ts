// Seeking while somebody drags: the next picture is asked for when the last one is on the screen, so that a drag shows
// pictures like a film instead of none until it ends. What has to be fetched first is never waited for: the newest place wins.

export class Scrubber {
  readonly #video: HTMLVideoElement;
  #next: { readonly toS: number; readonly roughly: boolean } | undefined;
  #playAfter = false;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    video.addEventListener('seeked', this.#seeked);
  }

  /** `roughly`: the nearest key frame is good enough, where the browser knows how to go there faster. */
  seek(toS: number, roughly = false): void {
    if (this.#video.seeking && this.#isBuffered(this.#video.currentTime)) this.#next = { toS, roughly };
    else this.#go(toS, roughly);
  }

  /** The picture stands still under the finger, and goes on as before when it is lifted. */
  hold(): void {
    this.#playAfter ||= !this.#video.paused;
    this.#video.pause();
  }

  release(toS: number): void {
    this.seek(toS);
    if (this.#playAfter) void this.#video.play().catch(() => {});
    this.#playAfter = false;
  }

  close(): void {
    this.#video.removeEventListener('seeked', this.#seeked);
  }

  readonly #seeked = () => {
    const next = this.#next;
    this.#next = undefined;
    if (next) this.#go(next.toS, next.roughly);
  };

  #go(toS: number, roughly: boolean): void {
    this.#next = undefined;
    if (roughly && this.#video.fastSeek) this.#video.fastSeek(toS);
    else this.#video.currentTime = toS;
  }

  #isBuffered(atS: number): boolean {
    const { buffered } = this.#video;
    for (let i = 0; i < buffered.length; i++) if (atS >= buffered.start(i) && atS < buffered.end(i)) return true;
    return false;
  }
}
