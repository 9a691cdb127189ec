// Keeps the card's ledger: looks when asked and every six hours, and writes it down then and at the stop, so that watching the card
// does not wear it. What a look means is `card-ledger.ts`, what is told of it `card-life.ts`.

import type { Clock } from '../base/clock.ts';
import { DurableJsonFile } from '../base/durable-json.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type Card, cardUnder } from './card.ts';
import { afterCardLook, type CardLedger, parseCardLedger } from './card-ledger.ts';
import { type CardLife, cardLife } from './card-life.ts';

export interface CardWatchOptions {
  readonly dataDir: string;
  /** Which run of the machine this is, and how long it has lasted. */
  readonly boot: { readonly id: string; sinceBootMs(monotonicMs: number): number };
  /** Handed to the file system by the store since the program was started. */
  readonly ownBytes: () => number;
  readonly clock: Clock;
  readonly log: Log;
  /** For tests. */
  readonly card?: () => Card | undefined;
}

export interface CardWatch {
  /** As of now; undefined where there is no card, or the machine does not tell. */
  life(): CardLife | undefined;
  close(): Promise<void>;
}

const EVERY_MS = 6 * 3_600_000;

export function watchCard(options: CardWatchOptions): CardWatch {
  const { dataDir, boot, ownBytes, clock, log, card: readCard = () => cardUnder(dataDir) } = options;
  const file = new DurableJsonFile<CardLedger>({ path: `${dataDir}/card.json`, parse: parseCardLedger });
  let ledger = file.read();
  let seen = { bytes: ownBytes(), atMs: clock.monotonicMs() };
  let cancelNext = () => {};

  function look(): Card | undefined {
    const card = readCard();
    if (!card) return undefined;
    const atMs = clock.monotonicMs();
    const bytes = ownBytes();
    ledger = afterCardLook(ledger, {
      card: [card.kind, card.name, card.made, card.bytes].join(' '),
      bootId: boot.id,
      counterBytes: card.writtenBytes,
      sinceBootMs: boot.sinceBootMs(atMs),
      ownBytes: bytes - seen.bytes,
      ownMs: atMs - seen.atMs,
    });
    seen = { bytes, atMs };
    return card;
  }
  function keep(): void {
    try {
      if (look() && ledger) file.write(ledger);
    } catch (error) {
      // of a full disk the owner hears elsewhere
      log.debug('what was written to the card could not be noted', { error: describeError(error) });
    }
  }
  const turn = () => {
    cancelNext = clock.after(EVERY_MS, () => {
      keep();
      turn();
    });
  };
  look();
  turn();
  return {
    life() {
      const card = look();
      return card && cardLife(card, ledger);
    },
    async close() {
      cancelNext();
      keep();
    },
  };
}
