// Reads the fragmented MP4 that ffmpeg writes, as it comes: first the stream's description, then sample after sample.
// Memory is bounded by the largest box allowed; garbage ends the reading with a value that says why, and is never buffered.

import { fourCC } from './boxes.ts';
import { type Movie, readFragment, readMovie } from './mp4-boxes.ts';
import type { Packet, StreamInfo } from './types.ts';

/** A packet before the camera's clock has been mapped to the box's. */
export type MediaSample = Omit<Packet, 'atMs'>;

export type Mp4Item =
  | { readonly kind: 'stream'; readonly stream: StreamInfo /** avcC or hvcC */; readonly configuration: Uint8Array }
  | { readonly kind: 'sample'; readonly sample: MediaSample }
  /** Nothing follows it. */
  | { readonly kind: 'damaged'; readonly reason: string };

export interface Mp4Limits {
  /** Largest `mdat`: one frame, or a whole group of pictures. */
  readonly maxMediaBytes: number;
  /** Largest of any other box. */
  readonly maxHeaderBytes: number;
}

const defaultLimits: Mp4Limits = { maxMediaBytes: 32 * 1024 * 1024, maxHeaderBytes: 1024 * 1024 };

export class Mp4Reader {
  readonly #limits: Mp4Limits;
  #buffer = new Uint8Array(64 * 1024);
  #size = 0;
  #ftyp: Uint8Array = new Uint8Array(0);
  #movie: Movie | undefined;
  #moof: Uint8Array | undefined;
  #damaged = false;

  constructor(limits: Partial<Mp4Limits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** Bytes held while a box is incomplete. */
  get heldBytes(): number {
    return this.#buffer.length + (this.#moof?.length ?? 0);
  }

  /** Takes the next bytes and returns what they completed. The bytes are copied; the caller may reuse them. */
  push(bytes: Uint8Array): Mp4Item[] {
    const items: Mp4Item[] = [];
    if (this.#damaged) return items;
    try {
      // In pieces, so that a caller with a huge chunk cannot make the buffer grow past one box.
      for (let at = 0; at < bytes.length; at += 256 * 1024) {
        this.#append(bytes.subarray(at, at + 256 * 1024));
        this.#takeBoxes(items);
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#damaged = true;
      this.#buffer = new Uint8Array(0);
      this.#moof = undefined;
      items.push({ kind: 'damaged', reason: error.message });
    }
    return items;
  }

  #append(bytes: Uint8Array): void {
    if (this.#size + bytes.length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#size + bytes.length, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, this.#size));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  #takeBoxes(items: Mp4Item[]): void {
    let at = 0;
    const view = new DataView(this.#buffer.buffer);
    while (this.#size - at >= 8) {
      const size = view.getUint32(at);
      const type = fourCC(this.#buffer, at + 4);
      const limit = type === 'mdat' ? this.#limits.maxMediaBytes : this.#limits.maxHeaderBytes;
      if (size < 8 || size > limit || !/^[a-zA-Z0-9 ]{4}$/.test(type)) {
        throw new RangeError('what came is not MP4');
      }
      if (this.#size - at < size) break;
      this.#take(type, this.#buffer.subarray(at, at + size), items);
      at += size;
    }
    this.#buffer.copyWithin(0, at, this.#size);
    this.#size -= at;
    // A single large key frame must not keep its memory for ever.
    if (this.#size === 0 && this.#buffer.length > 1024 * 1024) this.#buffer = new Uint8Array(64 * 1024);
  }

  #take(type: string, box: Uint8Array, items: Mp4Item[]): void {
    if (type === 'ftyp') this.#ftyp = box.slice();
    else if (type === 'moov') items.push(this.#stream(box));
    else if (type === 'moof') this.#moof = box.slice();
    else if (type === 'mdat') this.#samples(box, items);
  }

  #stream(moov: Uint8Array): Mp4Item {
    const movie = readMovie(moov);
    const { video, audio } = movie;
    if (!video) throw new RangeError('there is no video track that can be read');
    this.#movie = movie;
    const init = new Uint8Array(this.#ftyp.length + moov.length);
    init.set(this.#ftyp);
    init.set(moov, this.#ftyp.length);
    renameHev1(init);
    const codecs = [video.codecString, ...(audio ? [audio.codecString] : [])].join(',');
    return {
      kind: 'stream',
      configuration: movie.configuration,
      stream: {
        id: fingerprint(init),
        init,
        mimeType: `video/mp4; codecs="${codecs}"`,
        video,
        ...(audio ? { audio } : {}),
      },
    };
  }

  #samples(mdat: Uint8Array, items: Mp4Item[]): void {
    const moof = this.#moof;
    const movie = this.#movie;
    this.#moof = undefined;
    if (!movie) throw new RangeError('media came before its description');
    if (!moof) return;
    let listedBytes = 0;
    for (const listed of readFragment(moof, movie)) {
      // Samples do not overlap: a fragment that says so would be copied many times over.
      listedBytes += listed.size;
      if (listedBytes > mdat.length) throw new RangeError('a fragment lists more than it holds');
      const from = listed.offset - moof.length;
      if (from < 8 || from + listed.size > mdat.length) throw new RangeError('a sample lies outside its fragment');
      const track = listed.trackId === movie.video?.trackId ? 'video' : 'audio';
      if (track === 'audio' && listed.trackId !== movie.audio?.trackId) continue;
      items.push({
        kind: 'sample',
        sample: {
          track,
          key: track === 'audio' || listed.key,
          dts: listed.dts,
          ctsOffset: listed.ctsOffset,
          duration: listed.duration,
          data: mdat.slice(from, from + listed.size),
        },
      });
    }
  }
}

/**
 * ffmpeg names H.265 `hev1` unless told otherwise, and can only be told when the codec is known beforehand. The parameter
 * sets are in hvcC, which is what `hvc1` promises, and Apple's players and some browsers take only that name.
 */
function renameHev1(init: Uint8Array): void {
  const at = Buffer.from(init.buffer, init.byteOffset, init.length).indexOf('hev1', 0, 'latin1');
  if (at >= 0) init[at + 1] = 'v'.charCodeAt(0);
  if (at >= 0) init[at + 2] = 'c'.charCodeAt(0);
}

/** Names an init segment by its content: FNV-1a over all bytes, with two starts. No secret hangs on it. */
function fingerprint(bytes: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x01234567;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x01000193) + 1;
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36);
}
