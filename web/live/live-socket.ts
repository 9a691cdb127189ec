// The one WebSocket of a page. Keeps asking for the cameras that are on the page, comes back by itself when it breaks,
// and rests while nobody looks. What is shown, and how, is up to the listeners.

import type { LiveNotice } from '../../src/http/api.ts';
import { reportSignedOut } from '../api.ts';
import { reconnectMs } from './edge.ts';
import { type LiveFragment, readLiveFragment } from './message.ts';

export interface LiveListener {
  stream(notice: Extract<LiveNotice, { type: 'stream' }>): void;
  fragment(fragment: LiveFragment): void;
  state(notice: Extract<LiveNotice, { type: 'state' }>): void;
  motion(notice: Extract<LiveNotice, { type: 'motion' }>): void;
  /** The socket opened or broke. */
  connected(yes: boolean): void;
}

const restAfterMs = 4000;
/** A socket that was opened early and is not asked for by then was a wrong guess. */
const guessForMs = 8000;
/** The box closes with this when the session is over. */
const sessionEnded = 4401;

export class LiveSocket {
  readonly #url: string;
  readonly #listeners = new Map<string, LiveListener>();
  #socket: WebSocket | undefined;
  #channels = new Map<number, string>();
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = '';
  #askQueued = false;
  #resting = false;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** What came before anybody listened. */
  #early: (string | ArrayBuffer)[] | undefined;

  constructor(url: string) {
    this.#url = url;
    document.addEventListener('visibilitychange', this.#onVisibility);
    // A phone that changes networks keeps a dead socket for minutes.
    addEventListener('online', () => this.#reopen());
  }

  /** Opens before the page knows its cameras; what comes is kept until they are asked for. */
  openEarly(cameras: readonly string[]): void {
    if (this.#socket) return;
    this.#early = [];
    this.#connect(`${this.#url}?watch=${cameras.map(encodeURIComponent).join(',')}`);
    this.#asked = watchMessage(cameras);
    setTimeout(() => {
      if (this.#early) this.#close();
    }, guessForMs);
  }

  /** One listener per camera. Returns what stops it. */
  watch(cameraId: string, listener: LiveListener): () => void {
    this.#listeners.set(cameraId, listener);
    this.#ask();
    return () => {
      if (this.#listeners.get(cameraId) !== listener) return;
      this.#listeners.delete(cameraId);
      this.#ask();
    };
  }

  /** Asks for a camera's stream from its beginning again: init segment and current group of pictures. */
  restart(cameraId: string): void {
    const listener = this.#listeners.get(cameraId);
    if (!listener || this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#send([...this.#listeners.keys()].filter((id) => id !== cameraId));
    this.#send([...this.#listeners.keys()]);
  }

  #ask(): void {
    if (this.#askQueued) return;
    this.#askQueued = true;
    queueMicrotask(() => {
      this.#askQueued = false;
      if (this.#listeners.size === 0) return this.#close();
      if (!this.#socket) return this.#open();
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const data of early) this.#take(data);
      if (this.#socket.readyState === WebSocket.OPEN) this.#send([...this.#listeners.keys()]);
    });
  }

  #send(cameras: readonly string[]): void {
    const message = watchMessage(cameras);
    if (message === this.#asked) return;
    this.#asked = message;
    this.#socket?.send(message);
  }

  #open(): void {
    clearTimeout(this.#timer);
    if (this.#resting || this.#listeners.size === 0) return;
    this.#connect(this.#url);
    this.#asked = '';
  }

  #connect(url: string): void {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#channels = new Map();
    socket.onopen = () => {
      this.#tries = 0;
      for (const listener of this.#listeners.values()) listener.connected(true);
      if (this.#listeners.size > 0) this.#send([...this.#listeners.keys()]);
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.#socket !== socket) return;
      if (this.#early) this.#early.push(data);
      else this.#take(data);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#early = undefined;
      if (code === sessionEnded) reportSignedOut();
      for (const listener of this.#listeners.values()) listener.connected(false);
      if (this.#listeners.size > 0 && !this.#resting)
        this.#timer = setTimeout(() => this.#open(), reconnectMs(this.#tries++));
    };
  }

  #close(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#early = undefined;
    socket?.close();
  }

  #reopen(): void {
    this.#close();
    this.#tries = 0;
    this.#open();
  }

  #take(data: string | ArrayBuffer): void {
    if (typeof data === 'string') this.#notice(JSON.parse(data) as LiveNotice);
    else this.#fragment(data);
  }

  #notice(notice: LiveNotice): void {
    if (notice.type === 'stream') {
      for (const [channel, camera] of this.#channels) if (camera === notice.camera) this.#channels.delete(channel);
      this.#channels.set(notice.channel, notice.camera);
    }
    const listener = this.#listeners.get(notice.camera);
    if (!listener) return;
    if (notice.type === 'stream') listener.stream(notice);
    else if (notice.type === 'state') listener.state(notice);
    else if (notice.type === 'motion') listener.motion(notice);
  }

  #fragment(message: ArrayBuffer): void {
    const fragment = readLiveFragment(message);
    if (!fragment) return;
    const camera = this.#channels.get(fragment.channel);
    if (camera !== undefined) this.#listeners.get(camera)?.fragment(fragment);
  }

  readonly #onVisibility = () => {
    clearTimeout(this.#rest);
    if (document.hidden) {
      this.#rest = setTimeout(() => {
        this.#resting = true;
        this.#close();
        for (const listener of this.#listeners.values()) listener.connected(false);
      }, restAfterMs);
    } else if (this.#resting) {
      this.#resting = false;
      this.#tries = 0;
      this.#open();
    }
  };
}

const watchMessage = (cameras: readonly string[]) => JSON.stringify({ type: 'watch', cameras });

let shared: LiveSocket | undefined;
export function liveSocket(): LiveSocket {
  shared ??= new LiveSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`);
  return shared;
}
