// The cameras' chains of signed records while the box runs: where each stands at a start, and that two files of one camera are never
// signed at once. What a record says is the vault's business.

import { hex } from '../vault/bytes.ts';
import {
  type ChainEnd,
  chainName,
  DeviceChain,
  type ReadRecord,
  type RecordFacts,
  type SignedRecord,
} from '../vault/record.ts';
import type { DeviceKey } from '../vault/signed.ts';
import { failedWith, type LayerFile } from './file-layer.ts';

type Stream = RecordFacts['stream'];

/** What is known of one camera's stream: the record of one of its files, or a number only. */
export interface ChainSeen {
  readonly cameraId: string;
  readonly stream: Stream;
  readonly sequence: number;
  /** How the next one names it, asked only of the highest: a signature takes milliseconds. Undefined when that is not certain. */
  end?(): ChainName | undefined;
}

export type ChainName = Pick<ChainEnd, 'fileId' | 'link'>;

export class Chains {
  #chain: DeviceChain;
  readonly #device: DeviceKey;
  readonly #deviceKey: string;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(device: DeviceKey) {
    this.#chain = new DeviceChain(device);
    this.#device = device;
    this.#deviceKey = hex(device.publicKey);
  }

  isOurs(record: ReadRecord): boolean {
    return record.record.deviceKey === this.#deviceKey;
  }

  /** Each chain goes on after the highest number: by name where that is known, else with a gap. Nothing was signed before. */
  start(seen: Iterable<ChainSeen>): void {
    const highest = new Map<string, ChainSeen>();
    for (const one of seen) {
      const before = highest.get(chainName(one));
      const isHigher = one.sequence > (before?.sequence ?? 0);
      if (isHigher || (one.sequence === before?.sequence && !before.end)) highest.set(chainName(one), one);
    }
    const ends = [...highest].map(([name, one]): [string, ChainEnd] => {
      return [name, { sequence: one.sequence, ...(one.end?.() ?? { fileId: '', link: '' }) }];
    });
    this.#chain = new DeviceChain(this.#device, ends);
  }

  end(of: Pick<RecordFacts, 'cameraId' | 'stream'>): ChainEnd | undefined {
    return this.#chain.end(chainName(of));
  }

  /** A picture's record stands in no chain, and waits for nobody. */
  signPicture(facts: RecordFacts): SignedRecord {
    return this.#chain.sign(facts);
  }

  /** One after the other for each chain: sign, write, make durable, `keep`. */
  inTurn<T>(of: Pick<RecordFacts, 'cameraId' | 'stream'>, step: (chain: DeviceChain) => Promise<T>): Promise<T> {
    const name = chainName(of);
    const done = (this.#turns.get(name) ?? Promise.resolve()).then(() => step(this.#chain));
    this.#turns.set(
      name,
      done.catch(() => {}),
    );
    return done;
  }
}

export interface SignedAppend {
  readonly file: LayerFile;
  /** How long the file is before. */
  readonly at: number;
  /** What ends with the signed record. */
  readonly bytes: Uint8Array;
  readonly signed: SignedRecord;
  /** Makes contents and names durable. */
  readonly settle: () => Promise<void>;
}

/**
 * To be called in the chain's turn. True: it is on the disk, and the chain has moved on. False: there was no room, and the file is as
 * before, durable. A number is given out again only when it is certain that no file bears it.
 */
export async function appendSigned(
  chain: DeviceChain,
  { file, at, bytes, signed, settle }: SignedAppend,
): Promise<boolean> {
  let isWritten = false;
  try {
    await file.write(bytes, at);
    isWritten = true;
    await settle();
    chain.keep(signed);
    return true;
  } catch (error) {
    const isCut = await file
      .truncate(at)
      .then(settle)
      .then(
        () => true,
        () => false,
      );
    if (!isCut) chain.keep(signed);
    // of a failed fsync nobody knows what it lost
    if (isCut && !isWritten && failedWith(error, 'ENOSPC', 'EDQUOT')) return false;
    throw error;
  }
}
