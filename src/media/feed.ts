// One camera's output, fanned out to whoever listens: live view, recorder, motion. Keeps what a late listener needs (the
// stream's description, the health, the current group of pictures) and nothing else. A listener that throws is told to the
// log and disturbs nobody.

import type { CameraHealth, Feed, FeedListener, LumaFrame, Packet, StreamInfo } from './types.ts';

export interface FeedHubOptions {
  readonly cameraId: string;
  readonly health: CameraHealth;
  /** Most that `currentGop` holds; a longer group is cut at its end, so that it still decodes from its key frame on. */
  readonly maxGopBytes?: number;
  readonly onListenerError?: (error: unknown) => void;
}

export class FeedHub implements Feed {
  readonly cameraId: string;
  readonly #maxGopBytes: number;
  readonly #onListenerError: (error: unknown) => void;
  readonly #listeners = new Set<FeedListener>();
  #health: CameraHealth;
  #stream: StreamInfo | undefined;
  #gop: Packet[] = [];
  #gopBytes = 0;
  #gopIsCut = false;

  constructor(options: FeedHubOptions) {
    this.cameraId = options.cameraId;
    this.#health = options.health;
    this.#maxGopBytes = options.maxGopBytes ?? 16 * 1024 * 1024;
    this.#onListenerError = options.onListenerError ?? (() => {});
  }

  get health(): CameraHealth {
    return this.#health;
  }

  get stream(): StreamInfo | undefined {
    return this.#stream;
  }

  currentGop(): readonly Packet[] {
    return [...this.#gop];
  }

  listen(listener: FeedListener): () => void {
    // Wrapped, so that the same object listening twice is two listeners.
    const entry: FeedListener = {
      stream: (stream) => listener.stream?.(stream),
      packet: (packet) => listener.packet?.(packet),
      frame: (frame) => listener.frame?.(frame),
      health: (health) => listener.health?.(health),
    };
    this.#listeners.add(entry);
    this.#tell(entry, (l) => l.health?.(this.#health));
    if (this.#stream) this.#tell(entry, (l) => l.stream?.(this.#stream!));
    return () => void this.#listeners.delete(entry);
  }

  /** Undefined: no stream at present. What was gathered of the old one is dropped. */
  setStream(stream: StreamInfo | undefined): void {
    this.#stream = stream;
    this.#clearGop();
    if (stream) for (const listener of this.#listeners) this.#tell(listener, (l) => l.stream?.(stream));
  }

  setHealth(health: CameraHealth): void {
    this.#health = health;
    for (const listener of this.#listeners) this.#tell(listener, (l) => l.health?.(health));
  }

  pushPacket(packet: Packet): void {
    if (packet.track === 'video' && packet.key) this.#clearGop();
    if (this.#gop.length > 0 || (packet.track === 'video' && packet.key)) {
      if (this.#gopBytes + packet.data.length > this.#maxGopBytes) this.#gopIsCut = true;
      if (!this.#gopIsCut) {
        this.#gop.push(packet);
        this.#gopBytes += packet.data.length;
      }
    }
    for (const listener of this.#listeners) this.#tell(listener, (l) => l.packet?.(packet));
  }

  pushFrame(frame: LumaFrame): void {
    for (const listener of this.#listeners) this.#tell(listener, (l) => l.frame?.(frame));
  }

  #clearGop(): void {
    this.#gop = [];
    this.#gopBytes = 0;
    this.#gopIsCut = false;
  }

  #tell(listener: FeedListener, say: (listener: FeedListener) => void): void {
    try {
      say(listener);
    } catch (error) {
      this.#onListenerError(error);
    }
  }
}
