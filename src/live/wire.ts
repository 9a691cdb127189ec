// The live view's words: what a page asks for and what it is sent, and the layout of one binary message. `http/api.ts`
// hands these types on to the page; nothing here knows about sockets.

import type { CameraHealth } from '../media/types.ts';

/** Page → box, as text JSON. Replaces what was watched before. */
export type LiveRequest = { readonly type: 'watch'; readonly cameras: readonly string[] };

/** Box → page, as text JSON. */
export type LiveNotice =
  | {
      readonly type: 'stream';
      readonly camera: string;
      readonly channel: number;
      readonly mimeType: string;
      readonly width: number;
      readonly height: number;
    }
  | { readonly type: 'state'; readonly camera: string; readonly health: CameraHealth }
  | { readonly type: 'motion'; readonly camera: string; readonly moving: boolean; readonly level: number };

export interface LiveViewer {
  /** Sends one message. `queuedBytes` afterwards tells how far behind the viewer is. */
  send(message: string | Uint8Array): void;
  queuedBytes(): number;
}

export interface LiveSeat {
  watch(cameraIds: readonly string[]): void;
  /** Call when the viewer's queue has drained: who was too slow is taken on again from the newest key frame. */
  drained(): void;
  leave(): void;
}

/** Byte 1 of a binary message. */
export const FLAG_INIT = 1;
export const FLAG_KEY = 2;
/** Fragments were left out before this one. */
export const FLAG_GAP = 4;

export const HEADER_BYTES = 10;

/** Byte 0 channel, byte 1 flags, bytes 2–9 wall time of capture in ms (float64, little endian), then the MP4 bytes. */
export function binaryMessage(channel: number, flags: number, wallMs: number, mp4: Uint8Array): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + mp4.length);
  message[0] = channel;
  message[1] = flags;
  new DataView(message.buffer).setFloat64(2, wallMs, true);
  message.set(mp4, HEADER_BYTES);
  return message;
}

export interface BinaryMessage {
  readonly channel: number;
  readonly flags: number;
  readonly wallMs: number;
  readonly mp4: Uint8Array;
}

/** The reverse of `binaryMessage`: for tests and for the bench. */
export function readBinaryMessage(message: Uint8Array): BinaryMessage {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  return {
    channel: view.getUint8(0),
    flags: view.getUint8(1),
    wallMs: view.getFloat64(2, true),
    mp4: message.subarray(HEADER_BYTES),
  };
}
