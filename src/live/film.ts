// For tests: a camera made of real video. ffmpeg draws and encodes a test picture in real time, and what it writes goes
// through a feed like any camera's.

import { type Child, spawnChild } from '../base/child.ts';
import { systemClock } from '../base/clock.ts';
import { FeedHub } from '../media/feed.ts';
import { Mp4Reader } from '../media/mp4-read.ts';

export class Film {
  readonly hub: FeedHub;
  frames = 0;
  #child: Child | undefined;
  #over: Promise<void> = Promise.resolve();

  constructor(cameraId = 'yard') {
    const health = { state: 'live', sinceMs: 0, smallStream: false, restarts: 0 } as const;
    this.hub = new FeedHub({ cameraId, health });
  }

  /** Connects: what ran before ends. Resolves with the first frame. */
  async play({ size = '640x360', fps = 25, gop = 25 } = {}): Promise<void> {
    await this.stop();
    const child = spawnChild([
      'ffmpeg',
      ...['-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', String(gop), '-pix_fmt', 'yuv420p'],
      ...['-threads', '1', '-f', 'mp4', '-movflags', 'empty_moov+default_base_moof+frag_every_frame', 'pipe:1'],
    ]);
    this.#child = child;
    const before = this.frames;
    this.#over = this.#pump(child);
    while (this.frames === before) await Bun.sleep(5);
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
    await this.#over;
    this.#child = undefined;
  }

  async #pump(child: Child): Promise<void> {
    const reader = new Mp4Reader();
    void child.stderr.pipeTo(new WritableStream());
    for await (const chunk of child.stdout) {
      for (const item of reader.push(chunk)) {
        if (item.kind === 'stream') this.hub.setStream(item.stream);
        if (item.kind !== 'sample') continue;
        this.frames++;
        this.hub.pushPacket({ ...item.sample, atMs: systemClock.monotonicMs() });
      }
    }
  }
}
