// One camera for all of its viewers: every frame becomes a fragment once, the init segment and the group of pictures so
// far are kept for whoever joins, and a viewer who cannot keep up loses whole groups of pictures, alone.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { writeFragment } from '../media/mp4-write.ts';
import type { CameraHealth, Feed, Packet, StreamInfo } from '../media/types.ts';
import { LiveAxis } from './axis.ts';
import { binaryMessage, FLAG_GAP, FLAG_INIT, FLAG_KEY, type LiveNotice, type LiveViewer } from './wire.ts';

/** Above this a viewer is too slow: the rest of the group of pictures is left out for it. */
export const MAX_QUEUED_BYTES = 1_000_000;
/** A group of pictures longer than this is not kept for joiners; they start at the next key frame. */
export const MAX_GOP_BYTES = 4_000_000;
const MAX_WAITING_AUDIO = 256;

/** What a viewer may have queued beyond the limit because it has just been handed whole groups; shared by all cameras of its page. */
export interface JoinAllowance {
  bytes: number;
}

interface Fragment {
  readonly mp4: Uint8Array;
  readonly key: boolean;
  readonly wallMs: number;
}

interface Watching {
  readonly viewer: LiveViewer;
  readonly channel: number;
  readonly allowance: JoinAllowance;
  /** Waiting for a key frame: `gap` when something was left out since the last fragment it got. */
  waiting: boolean;
  gap: boolean;
  /** Which group of pictures its last fragment came from. */
  sentGop: number;
}

export class LiveStream {
  readonly #cameraId: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #axis = new LiveAxis();
  readonly #watching = new Map<LiveViewer, Watching>();
  #unlisten: (() => void) | undefined;
  #feed: Feed | undefined;
  #stream: StreamInfo | undefined;
  #gop: Fragment[] = [];
  #gopBytes = 0;
  #gopNumber = 0;
  #gopKept = false;
  #sequence = 0;
  #audio: Packet[] = [];
  /** Fragments that slow viewers did not get, since the camera is watched. */
  droppedFragments = 0;

  constructor(cameraId: string, clock: Clock, log: Log) {
    this.#cameraId = cameraId;
    this.#clock = clock;
    this.#log = log;
  }

  get viewers(): number {
    return this.#watching.size;
  }

  /** Takes its packets from this feed from now on; the viewers stay, and the axis goes on. */
  attach(feed: Feed | undefined): void {
    if (feed === this.#feed) return;
    this.detach();
    this.#feed = feed;
    if (!feed) return;
    const gopSoFar = [...feed.currentGop()];
    // A late listener is told the current stream at once: the group so far goes in right after it, before any new packet.
    this.#unlisten = feed.listen({
      stream: (stream) => this.#begin(stream),
      packet: (packet) => this.#packet(packet),
      health: (health) => this.#health(health),
    });
    for (const packet of gopSoFar) this.#packet(packet);
  }

  detach(): void {
    this.#unlisten?.();
    this.#unlisten = undefined;
    this.#feed = undefined;
    this.#stream = undefined;
    this.#forgetGop();
  }

  add(viewer: LiveViewer, channel: number, allowance: JoinAllowance): void {
    const watching: Watching = { viewer, channel, allowance, waiting: true, gap: false, sentGop: -1 };
    this.#watching.set(viewer, watching);
    if (this.#feed) notice(viewer, { type: 'state', camera: this.#cameraId, health: this.#feed.health });
    if (!this.#stream) return;
    this.#announce(watching, this.#stream);
    this.#catchUp(watching);
  }

  remove(viewer: LiveViewer): void {
    this.#watching.delete(viewer);
  }

  /** The viewer's queue is empty again: it goes on with the current group, if that is one it has seen nothing of. */
  drained(viewer: LiveViewer): void {
    const watching = this.#watching.get(viewer);
    if (watching?.waiting && watching.sentGop < this.#gopNumber) this.#catchUp(watching);
  }

  motion(moving: boolean, level: number): void {
    for (const { viewer } of this.#watching.values()) {
      notice(viewer, { type: 'motion', camera: this.#cameraId, moving, level });
    }
  }

  #begin(stream: StreamInfo): void {
    const changed = this.#stream?.id !== stream.id;
    this.#stream = stream;
    this.#axis.begin(stream);
    this.#forgetGop();
    for (const watching of this.#watching.values()) {
      watching.waiting = true;
      if (changed) this.#announce(watching, stream);
    }
  }

  #announce(watching: Watching, stream: StreamInfo): void {
    const { width, height } = stream.video;
    const { channel, viewer } = watching;
    notice(viewer, { type: 'stream', camera: this.#cameraId, channel, mimeType: stream.mimeType, width, height });
    viewer.send(binaryMessage(channel, FLAG_INIT, this.#clock.wallMs(), stream.init));
  }

  #packet(packet: Packet): void {
    const stream = this.#stream;
    if (!stream) return;
    if (packet.track === 'audio') {
      // Sound goes with the next picture: one message per frame, not one per 20 ms of sound.
      if (stream.audio && this.#audio.length < MAX_WAITING_AUDIO) this.#audio.push(packet);
      return;
    }
    if (!packet.key && this.#gopNumber === 0) return;
    const fragment = this.#fragment(stream, packet);
    if (!fragment) return;
    if (packet.key) {
      this.#forgetGop();
      this.#gopNumber++;
      this.#gopKept = true;
    }
    this.#gopBytes += fragment.mp4.length;
    if (this.#gopBytes > MAX_GOP_BYTES) {
      this.#gop = [];
      this.#gopKept = false;
    }
    if (this.#gopKept) this.#gop.push(fragment);
    const messages = new Map<number, Uint8Array>();
    for (const watching of this.#watching.values()) {
      if (watching.viewer.queuedBytes() <= MAX_QUEUED_BYTES / 2) watching.allowance.bytes = 0;
      this.#deliver(watching, fragment, messages);
    }
  }

  #fragment(stream: StreamInfo, packet: Packet): Fragment | undefined {
    const { base, joins } = this.#axis.place(packet);
    // Sound from before a break in time has no place on the new part of the axis.
    const audio = joins ? this.#audio.filter((p) => p.dts >= base.audio) : [];
    this.#audio = [];
    const wallMs = this.#clock.wallMs() - (this.#clock.monotonicMs() - packet.atMs);
    try {
      const mp4 = writeFragment(stream, [packet, ...audio], { sequence: ++this.#sequence, baseDts: base });
      return { mp4, key: packet.key, wallMs };
    } catch (error) {
      this.#log.warn('a frame could not be shown live', { reason: String(error) });
      return undefined;
    }
  }

  #deliver(watching: Watching, fragment: Fragment, messages: Map<number, Uint8Array>): void {
    const queued = watching.viewer.queuedBytes();
    const { allowance } = watching;
    if (watching.waiting && fragment.key && queued <= MAX_QUEUED_BYTES / 2 + allowance.bytes) watching.waiting = false;
    else if (!watching.waiting && queued > MAX_QUEUED_BYTES + allowance.bytes) watching.waiting = true;
    if (watching.waiting) {
      if (watching.sentGop >= 0) watching.gap = true;
      this.droppedFragments++;
      return;
    }
    const flags = (fragment.key ? FLAG_KEY : 0) | (watching.gap ? FLAG_GAP : 0);
    const sameForOthers = flags === (fragment.key ? FLAG_KEY : 0);
    let message = sameForOthers ? messages.get(watching.channel) : undefined;
    if (!message) {
      message = binaryMessage(watching.channel, flags, fragment.wallMs, fragment.mp4);
      if (sameForOthers) messages.set(watching.channel, message);
    }
    watching.gap = false;
    watching.sentGop = this.#gopNumber;
    watching.viewer.send(message);
  }

  /** The group of pictures so far, at once: the first picture does not wait for the next key frame. */
  #catchUp(watching: Watching): void {
    if (!this.#gopKept) return;
    const messages = new Map<number, Uint8Array>();
    for (const [i, fragment] of this.#gop.entries()) {
      this.#deliver(watching, fragment, messages);
      if (watching.waiting) return;
      if (i === 0) watching.allowance.bytes += this.#gopBytes;
      messages.clear();
    }
  }

  #forgetGop(): void {
    this.#gop = [];
    this.#gopBytes = 0;
    this.#gopKept = false;
  }

  #health(health: CameraHealth): void {
    for (const { viewer } of this.#watching.values()) {
      notice(viewer, { type: 'state', camera: this.#cameraId, health });
    }
  }
}

const notice = (viewer: LiveViewer, what: LiveNotice) => viewer.send(JSON.stringify(what));
