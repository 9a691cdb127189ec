// A recordings folder as a box leaves it, with real film in it: made by ffmpeg, sealed by the vault, signed in a chain. Nothing of
// the store is needed, so that what reads the files is tested against the format alone.

import { expect } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runChild } from '../../src/base/child.ts';
import type { SealedHeader } from '../../src/vault/head.ts';
import { keyIdHex } from '../../src/vault/key-pair.ts';
import { type Keyring, sealingKey } from '../../src/vault/keyring.ts';
import { type Claimed, claimVault, rotate, unlockWithRecovery } from '../../src/vault/people.ts';
import { chainName, DeviceChain, type RemovalNote, writeRemovalNote } from '../../src/vault/record.ts';
import { recoveryWords } from '../../src/vault/recovery.ts';
import { beginSealed, sealPicture } from '../../src/vault/seal.ts';
import { type DeviceKey, deviceKeyOf } from '../../src/vault/signed.ts';

/** Ten pictures a second, five in each piece, a key frame every two seconds. */
export interface Film {
  readonly init: Uint8Array;
  readonly pieces: readonly Uint8Array[];
}
export const PIECE_MS = 500;
export const FRAMES_PER_PIECE = 5;
const PIECES_PER_GOP = 4;

export async function film(seconds: number, { size = '160x120', withSound = false } = {}): Promise<Film> {
  const input = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=10:duration=${seconds}`];
  const sound = withSound ? ['-f', 'lavfi', '-i', `sine=duration=${seconds}`, '-c:a', 'aac', '-b:a', '32k'] : [];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'];
  const output = ['-frag_duration', '500000', '-f', 'mp4', '-movflags', 'empty_moov+default_base_moof', 'pipe:1'];
  const ran = await runChild(['ffmpeg', '-v', 'error', ...input, ...sound, ...video, ...output]);
  expect(ran.stderr).toBe('');
  const boxes: { type: string; bytes: Buffer }[] = [];
  for (let rest = Buffer.from(ran.stdout); rest.length > 0; rest = rest.subarray(rest.readUInt32BE(0))) {
    boxes.push({ type: rest.toString('latin1', 4, 8), bytes: rest.subarray(0, rest.readUInt32BE(0)) });
  }
  const pieces = boxes.flatMap(({ type, bytes }, i) =>
    type === 'moof' ? [new Uint8Array(Buffer.concat([bytes, boxes[i + 1]!.bytes]))] : [],
  );
  return { init: new Uint8Array(Buffer.concat(boxes.slice(0, 2).map((box) => box.bytes))), pieces };
}

export interface SealedClip {
  /** Below the folder. */
  readonly name: string;
  readonly startMs: number;
  /** Where the head, each frame and the record end. */
  readonly cuts: readonly number[];
}

const START_MS = Date.UTC(2026, 10, 21, 17, 4, 9);

export class SealedBox {
  readonly folder: string;
  readonly device: DeviceKey;
  readonly chain: DeviceChain;
  readonly #claimed: Claimed;
  keyring: Keyring;
  bootId = 'boot-1';
  /** The clocks: of what is recorded next. */
  wallMs = START_MS;
  sinceBootMs = 20_000;
  wallSynchronised = true;
  #count = 0;

  private constructor(folder: string, claimed: Claimed, device: DeviceKey) {
    this.folder = folder;
    this.#claimed = claimed;
    this.keyring = claimed.keyring;
    this.device = device;
    this.chain = new DeviceChain(device);
    mkdirSync(folder, { recursive: true });
    this.keepKeyring();
  }

  static async claimed(folder: string): Promise<SealedBox> {
    const device = deviceKeyOf(crypto.getRandomValues(new Uint8Array(32)));
    const owner = { id: 'p-1', passphrase: 'correct horse battery' };
    const claimed = await claimVault(owner, device.publicKey, START_MS, undefined, { n: 16_384, r: 8, p: 1 });
    return new SealedBox(folder, claimed, device);
  }

  get recoveryKey(): Uint8Array {
    return this.#claimed.recoveryKey.slice();
  }
  get words(): string {
    return recoveryWords(this.#claimed.recoveryKey).join(' ');
  }
  get deviceKeyHex(): string {
    return Buffer.from(this.device.publicKey).toString('hex');
  }

  keepKeyring(keyring = this.keyring): void {
    this.keyring = keyring;
    writeFileSync(join(this.folder, 'keyring.json'), JSON.stringify(keyring));
  }
  rotate(): void {
    this.keepKeyring(rotate(this.keyring, unlockWithRecovery(this.keyring, this.recoveryKey), this.wallMs));
  }
  restart(): void {
    this.bootId = `${this.bootId}+`;
    this.sinceBootMs = 10_000;
  }
  pass(ms: number): void {
    this.wallMs += ms;
    this.sinceBootMs += ms;
  }

  #header(over: Partial<SealedHeader>): SealedHeader {
    const fileId = `file${++this.#count}`;
    return {
      ...{ kind: 'segment', fileId, recordingId: 'rec1', cameraId: 'front-door', stream: 'main' },
      ...{ boxId: keyIdHex(this.device.publicKey), startMs: this.wallMs, startSinceBootMs: this.sinceBootMs },
      ...{ bootId: this.bootId, wallSynchronised: this.wallSynchronised },
      ...{ mimeType: 'video/mp4; codecs="avc1.42c00b"', width: 160, height: 120, reasons: ['motion'] },
      ...over,
    };
  }

  /** One segment; the clocks move with it. Without `end` it stops as a power cut leaves it; without `write` it is gone. */
  async record(
    { init, pieces }: Film,
    over: Partial<SealedHeader> = {},
    { end = true, write = true } = {},
  ): Promise<SealedClip> {
    const header = this.#header(over);
    const writer = await beginSealed(header, { publicKeys: [sealingKey(this.keyring)] });
    const parts = [writer.head, await writer.push(init, { kind: 'init', fromMs: 0, toMs: 0, key: false })];
    for (const [i, piece] of pieces.entries()) {
      const [fromMs, toMs, key] = [i * PIECE_MS, (i + 1) * PIECE_MS, i % PIECES_PER_GOP === 0];
      parts.push(await writer.push(piece, { kind: 'media', fromMs, toMs, key, moved: 20 }));
    }
    const durationMs = pieces.length * PIECE_MS;
    if (end) {
      const summary = { durationMs, reasons: ['motion'], peakLevel: 20, events: [], interrupted: false };
      const { bytes, record } = await writer.finish({ summary, sign: (facts) => this.chain.sign(facts) });
      parts.push(bytes);
      this.chain.keep(record!);
    }
    this.pass(durationMs);
    const name = `${header.cameraId}/2026-11-21/${header.startMs}-${header.fileId}.nj`;
    if (write) this.write(name, Buffer.concat(parts));
    let at = 0;
    const cuts = parts.map((part) => {
      at += part.length;
      return at;
    });
    return { name, startMs: header.startMs, cuts };
  }

  async picture(kind: 'still' | 'difference', picture: Uint8Array, mimeType: string): Promise<string> {
    const header = this.#header({ kind, mimeType, ...(kind === 'difference' ? { eventId: 'ev1' } : {}) });
    const sign = (facts: Parameters<DeviceChain['sign']>[0]) => this.chain.sign(facts);
    const { bytes } = await sealPicture(header, picture, { publicKeys: [sealingKey(this.keyring)], sign });
    const name = `front-door/2026-11-21/${header.startMs}-${header.fileId}.${kind === 'still' ? 'still' : 'diff'}.nj`;
    this.write(name, bytes);
    return name;
  }

  /** A number is used for what was recorded and removed again. */
  noteRemoval(note: Pick<RemovalNote, 'from' | 'to' | 'why'>): Uint8Array {
    return writeRemovalNote({ cameraId: 'front-door', stream: 'main', atMs: this.wallMs, ...note }, this.device);
  }
  get lastSequence(): number {
    return this.chain.end(chainName({ cameraId: 'front-door', stream: 'main' }))?.sequence ?? 0;
  }

  write(name: string, bytes: Uint8Array): void {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}

export interface Probed {
  readonly frames: number;
  readonly durationS: number;
  readonly width: number;
  readonly createdAtMs: number;
}

/** Decodes all of it: any complaint of ffmpeg fails the test. */
export async function probe(path: string): Promise<Probed> {
  const argv = ['-v', 'error', '-count_frames', '-show_streams', '-show_format', '-of', 'json', path];
  const ran = await runChild(['ffprobe', ...argv]);
  expect(`${path}: ${ran.stderr}`).toBe(`${path}: `);
  const { streams, format } = JSON.parse(new TextDecoder().decode(ran.stdout)) as {
    streams: { codec_type: string; nb_read_frames: string; width: number }[];
    format: { duration: string; tags: { creation_time: string } };
  };
  const decoded = await runChild(['ffmpeg', '-v', 'error', '-i', path, '-f', 'null', '-']);
  expect([decoded.code, decoded.stderr]).toEqual([0, '']);
  const video = streams.find((stream) => stream.codec_type === 'video')!;
  return {
    frames: Number(video.nb_read_frames),
    durationS: Number(format.duration),
    width: video.width,
    createdAtMs: Date.parse(format.tags.creation_time),
  };
}
