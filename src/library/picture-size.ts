// Width and height of a JPEG or PNG, read from its first bytes: what a sealed picture says about itself.

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const NONE: PictureSize = { width: 0, height: 0 };

/** 0 by 0 when the bytes are neither. */
export function pictureSize(bytes: Uint8Array): PictureSize {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 24 && view.getUint32(0) === 0x89504e47) {
    return { width: view.getUint32(16), height: view.getUint32(20) };
  }
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return NONE;
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1]!;
    // start of frame: C0 to CF, but C4, C8 and CC say other things (ITU-T T.81, table B.1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
  }
  return NONE;
}
