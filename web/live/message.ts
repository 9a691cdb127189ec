// One binary message of the live socket: a ten byte head (see LiveRequest in src/http/api.ts), then MP4 bytes.

export interface LiveFragment {
  readonly channel: number;
  /** The bytes are `ftyp` + `moov`. */
  readonly init: boolean;
  readonly key: boolean;
  /** Fragments were left out before this one. */
  readonly gap: boolean;
  /** Wall time of the box when the picture was captured. */
  readonly capturedAtMs: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export const headBytes = 10;

/** undefined when the message is too short to be one. */
export function readLiveFragment(message: ArrayBuffer): LiveFragment | undefined {
  if (message.byteLength <= headBytes) return undefined;
  const view = new DataView(message);
  const flags = view.getUint8(1);
  return {
    channel: view.getUint8(0),
    init: (flags & 1) !== 0,
    key: (flags & 2) !== 0,
    gap: (flags & 4) !== 0,
    capturedAtMs: view.getFloat64(2, true),
    bytes: new Uint8Array(message, headBytes),
  };
}
