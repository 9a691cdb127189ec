// Cuts a run of JPEG pictures, as `ffmpeg -f mjpeg` writes them, into single pictures. Follows the marker structure (ITU
// T.81 B.1.1): an FFD9 inside a header segment is data, inside the coded picture it cannot occur.

const MAX_PICTURE_BYTES = 16 * 1024 * 1024;
const [SOI, EOI, SOS, RST0, RST7, TEM] = [0xd8, 0xd9, 0xda, 0xd0, 0xd7, 0x01];

export class JpegFrames {
  #bytes = new Uint8Array(256 * 1024);
  #length = 0;
  /** Where the walk goes on in the picture at the start of the buffer. */
  #at = 0;
  #inScan = false;

  /** The pictures that these bytes complete. */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#append(chunk);
    const pictures: Uint8Array[] = [];
    for (let end = this.#walk(); end !== undefined; end = this.#walk()) {
      if (end > 0) pictures.push(this.#bytes.slice(0, end));
      this.#drop(Math.max(1, end));
    }
    if (this.#length > MAX_PICTURE_BYTES) this.#drop(this.#length);
    return pictures;
  }

  /** Where the picture at the start ends; 0 when no picture starts here; undefined when bytes are missing. */
  #walk(): number | undefined {
    const bytes = this.#bytes;
    if (this.#length < 2) return undefined;
    if (bytes[0] !== 0xff || bytes[1] !== SOI) return 0;
    let at = Math.max(2, this.#at);
    for (;;) {
      if (this.#inScan) {
        while (at + 1 < this.#length && !(bytes[at] === 0xff && endsScan(bytes[at + 1]!))) at++;
        if (at + 1 >= this.#length) return this.#pause(at);
        this.#inScan = false;
      }
      if (at + 1 >= this.#length) return this.#pause(at);
      const marker = bytes[at + 1]!;
      if (bytes[at] !== 0xff || marker === SOI) return 0;
      if (marker === EOI) return at + 2;
      if (marker === 0xff) {
        at += 1;
      } else if (marker === TEM || (marker >= RST0 && marker <= RST7)) {
        at += 2;
      } else {
        if (at + 3 >= this.#length) return this.#pause(at);
        at += 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
        this.#inScan = marker === SOS;
      }
    }
  }

  #pause(at: number): undefined {
    this.#at = at;
    return undefined;
  }

  #append(chunk: Uint8Array): void {
    if (this.#length + chunk.length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + chunk.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length += chunk.length;
  }

  #drop(bytes: number): void {
    this.#bytes.copyWithin(0, bytes, this.#length);
    this.#length -= bytes;
    this.#at = 0;
    this.#inScan = false;
  }
}

/** Inside coded data FF is followed by 00 (stuffing), FF (fill) or a restart marker; anything else is the next marker. */
const endsScan = (marker: number): boolean => marker !== 0 && marker !== 0xff && !(marker >= RST0 && marker <= RST7);
