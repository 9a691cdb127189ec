// What is kept of certificates, in a folder of its own that only the box may enter: the account's key, the automatic certificate and the
// owner's (each with its key in one file, so that a power cut cannot part them), and how the last order went. Written whole or not at
// all; what cannot be read is set aside and made anew.

import { createPrivateKey } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type FileSteps, privateFolder, replaceFile, syncFolder, systemFileSteps } from '../../base/durable.ts';
import { describeError, NightjarError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Outcome } from '../view.ts';
import type { AccountKey } from './order.ts';
import { type CertificateFacts, judgePair, type TlsCertificate } from './pem.ts';
import type { Tries } from './schedule.ts';

export interface Kept {
  readonly pair: TlsCertificate;
  readonly facts: CertificateFacts;
}

export interface OrderRecord extends Tries {
  /** Which name and token it was for, as `nameOfOrder` makes it. */
  readonly of: string;
  readonly last?: Outcome;
  /** What the owner was told of, by fingerprint: so that no start tells it again. */
  readonly told: Readonly<Record<string, 'soon' | 'over'>>;
}

export const noRecord: OrderRecord = { of: '', failures: 0, lastMs: 0, told: {} };

export interface CertificateStorage {
  readonly account: AccountKey;
  automatic(): Kept | undefined;
  /** False when it could not be written: it is good all the same, as long as the box runs. */
  keepAutomatic(pair: TlsCertificate): boolean;
  own(): Kept | undefined;
  /** Throws `no-space` or `internal`; then the file is as before. */
  keepOwn(pair: TlsCertificate): void;
  dropOwn(): void;
  record(): OrderRecord;
  keepRecord(record: OrderRecord): void;
}

const MAX_BYTES = 400_000;

/** Makes the folder when something is written. Reading never throws. */
export function certificateStorage(folder: string, log: Log, steps: FileSteps = systemFileSteps): CertificateStorage {
  const paths = {
    account: join(folder, 'account-key.pem'),
    automatic: join(folder, 'automatic.pem'),
    own: join(folder, 'own.pem'),
    record: join(folder, 'orders.json'),
  };
  const write = (path: string, text: string) => {
    privateFolder(folder);
    replaceFile(path, text, steps);
  };
  const tryToWrite = (path: string, text: string, what: string): boolean => {
    try {
      write(path, text);
      return true;
    } catch (error) {
      log.warn(`${what} could not be written`, { reason: describeError(error) });
      return false;
    }
  };
  /** What `parse` throws at is set aside. */
  const read = <T>(path: string, what: string, parse: (text: string) => T): T | undefined => {
    try {
      const text = readSmall(path);
      return text === undefined ? undefined : parse(text);
    } catch (error) {
      log.warn(`${what} cannot be read and is set aside`, { path, reason: describeError(error) });
      try {
        renameSync(path, `${path}.damaged`);
      } catch {
        // a disk that is read-only; the next start sees it again
      }
      return undefined;
    }
  };
  const readPair = (path: string, what: string) =>
    read(path, what, (text): Kept => {
      const judged = judgePair({ certificate: text, key: text });
      if (!judged.ok) throw new Error(judged.problem);
      return { pair: judged.pair, facts: judged.facts };
    });
  const asText = ({ key, cert }: TlsCertificate) => `${key.trimEnd()}\n${cert}`;

  return {
    account: {
      read: () =>
        read(paths.account, 'the key of the account at the certificate authority', (text) => {
          createPrivateKey(text);
          return text;
        }),
      keep: (key) => void tryToWrite(paths.account, key, 'the key of the account at the certificate authority'),
      forget: () => rmSync(paths.account, { force: true }),
    },
    automatic: () => readPair(paths.automatic, 'the certificate'),
    keepAutomatic: (pair) => tryToWrite(paths.automatic, asText(pair), 'the new certificate'),
    own: () => readPair(paths.own, 'your own certificate'),
    keepOwn(pair) {
      try {
        write(paths.own, asText(pair));
      } catch (cause) {
        const full = ['ENOSPC', 'EDQUOT'].includes((cause as { code?: string }).code ?? '');
        throw new NightjarError(full ? 'no-space' : 'internal', 'the certificate could not be written', { cause });
      }
    },
    dropOwn() {
      rmSync(paths.own, { force: true });
      try {
        syncFolder(folder, steps);
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOENT') throw error;
      }
    },
    record: () => read(paths.record, 'the record of certificate orders', parseRecord) ?? noRecord,
    keepRecord: (record) =>
      void tryToWrite(paths.record, `${JSON.stringify(record)}\n`, 'the record of certificate orders'),
  };
}

/** Undefined where there is none. A pipe of that name is not waited for. */
function readSmall(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const found = fstatSync(fd);
    if (!found.isFile() || found.size > MAX_BYTES) throw new Error('it is not what was written');
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function parseRecord(text: string): OrderRecord {
  const value = JSON.parse(text) as Readonly<Record<keyof OrderRecord, unknown>> | null;
  const isTime = (given: unknown): given is number => typeof given === 'number' && Number.isFinite(given);
  if (!value || typeof value.of !== 'string' || !isTime(value.failures) || !isTime(value.lastMs)) {
    throw new Error('it is not what was written');
  }
  const told = Object.entries((value.told ?? {}) as Record<string, unknown>);
  return {
    of: value.of,
    failures: value.failures,
    lastMs: value.lastMs,
    ...(isTime(value.notBeforeMs) ? { notBeforeMs: value.notBeforeMs } : {}),
    ...(isOutcome(value.last) ? { last: value.last } : {}),
    told: Object.fromEntries(
      told.filter((one): one is [string, 'soon' | 'over'] => /^(soon|over)$/.test(String(one[1]))),
    ),
  };
}

function isOutcome(value: unknown): value is Outcome {
  const { kind, atMs, message, advice } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof atMs !== 'number' || typeof message !== 'string') return false;
  return kind === 'ok' || (kind === 'failed' && typeof advice === 'string');
}
