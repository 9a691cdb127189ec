// The state of the whole box in words: what the status page shows, what /health tells a stranger, and what is wrong with
// the next thing to do about it.

import type { Clock } from '../base/clock.ts';
import type { LogBook } from '../base/log.ts';
import type { SettingsStore } from '../config/store.ts';
import type { StatusView } from '../http/api.ts';
import type { StatusPort } from '../http/ports.ts';
import { type CardLife, saysItsEndIsNear } from '../system/card-life.ts';
import { type DiskSpace, loadPerCore, temperatureC } from '../system/machine.ts';
import type { Cameras } from './cameras.ts';

type Notice = StatusView['notices'][number];

export interface StatusParts {
  readonly version: string;
  readonly store: SettingsStore;
  readonly cameras: Cameras;
  readonly logs: LogBook;
  readonly clock: Clock;
  readonly disk: () => Promise<DiskSpace>;
  readonly keepFreeBytes: () => number;
  readonly card: () => CardLife | undefined;
  readonly keeping: () => {
    readonly bytes: number;
    readonly bytesLastDay: number;
    readonly oldestMs?: number;
    readonly full: boolean;
  };
  readonly outbox: () => StatusView['outbox'];
  readonly addresses: () => readonly string[];
  readonly tlsFingerprint: () => string | undefined;
}

const DAY_MS = 86_400_000;

export function createStatus(parts: StatusParts): StatusPort {
  const { clock, store, cameras } = parts;
  const startedAtMs = clock.wallMs();
  const startedMonotonicMs = clock.monotonicMs();
  return {
    async status() {
      const { totalBytes, freeBytes } = await parts.disk();
      const kept = parts.keeping();
      const outbox = parts.outbox();
      const card = parts.card();
      const keepFreeBytes = parts.keepFreeBytes();
      const temperature = temperatureC();
      const fingerprint = parts.tlsFingerprint();
      const daysHeld = daysTheDiskHolds({ ...kept, freeBytes, keepFreeBytes, nowMs: clock.wallMs() });
      return {
        version: parts.version,
        boxName: store.current.box.name,
        nowMs: clock.wallMs(),
        startedAtMs,
        disk: {
          totalBytes,
          freeBytes,
          recordingsBytes: kept.bytes,
          keepFreeBytes,
          full: kept.full,
          ...(daysHeld === undefined ? {} : { daysHeld }),
          ...(card ? { card } : {}),
        },
        outbox,
        memoryBytes: process.memoryUsage.rss(),
        load: Math.round(loadPerCore() * 100) / 100,
        ...(temperature === undefined ? {} : { temperatureC: temperature }),
        addresses: parts.addresses(),
        ...(fingerprint === undefined ? {} : { tlsFingerprint: fingerprint }),
        notices: notices({
          store,
          cameras,
          outbox,
          full: kept.full,
          ...(card ? { card } : {}),
          ...(temperature === undefined ? {} : { temperature }),
        }),
      };
    },
    health() {
      const all = cameras.list().filter((c) => c.settings.enabled);
      const live = all.filter((c) => c.health.state === 'live').length;
      return {
        status: live === all.length && !parts.keeping().full ? 'ok' : 'degraded',
        version: parts.version,
        uptimeS: Math.round((clock.monotonicMs() - startedMonotonicMs) / 1000),
        cameras: { live, total: all.length },
      };
    },
    logs: (maxLines) => parts.logs.recent(maxLines),
  };
}

/** How many days fit at the rate of the last day; unknown until an hour has been kept. */
export function daysTheDiskHolds(facts: {
  readonly bytes: number;
  readonly bytesLastDay: number;
  readonly oldestMs?: number;
  readonly freeBytes: number;
  readonly keepFreeBytes: number;
  readonly nowMs: number;
}): number | undefined {
  const spanMs = facts.oldestMs === undefined ? 0 : Math.min(DAY_MS, facts.nowMs - facts.oldestMs);
  if (spanMs < 3_600_000 || facts.bytesLastDay <= 0) return undefined;
  const perDay = (facts.bytesLastDay / spanMs) * DAY_MS;
  return Math.round((Math.max(0, facts.bytes + facts.freeBytes - facts.keepFreeBytes) / perDay) * 10) / 10;
}

function notices(facts: {
  readonly store: SettingsStore;
  readonly cameras: Cameras;
  readonly outbox: StatusView['outbox'];
  readonly full: boolean;
  readonly card?: CardLife;
  readonly temperature?: number;
}): readonly Notice[] {
  const { store, cameras, outbox, full, card, temperature } = facts;
  const found: Notice[] = [];
  if (full) {
    found.push({
      level: 'error',
      message: 'Something other than recordings fills the disk. When nothing fits any more, recording stops.',
      advice: 'Free space on the disk, or lower "keep free" in the storage settings. Recording goes on by itself.',
    });
  }
  const stopped = cameras.list().filter(({ id }) => cameras.unit(id)?.recorder.status().blocked === 'no-space');
  if (stopped.length > 0) {
    found.push({
      level: 'error',
      message: `The disk is full: ${stopped.map((camera) => camera.name).join(', ')} cannot be recorded.`,
      advice: 'Free space on the disk. Recording goes on by itself.',
    });
  }
  for (const camera of cameras.list()) {
    const { fault, state } = camera.health;
    if (state === 'lost') {
      found.push({
        level: 'error',
        message: `${camera.name}: ${fault?.message ?? 'no picture.'}`,
        ...(fault ? { advice: fault.advice } : {}),
      });
    }
    const blocked = cameras.unit(camera.id)?.recorder.status().blocked;
    if (blocked === 'failed') {
      found.push({
        level: 'error',
        message: `${camera.name} cannot be recorded: writing to the disk fails.`,
        advice: 'Look at the log below; the disk or card may be worn out.',
      });
    }
  }
  if (store.recovered) found.push({ level: 'warn', message: store.recovered, advice: 'Look over your settings.' });
  if (outbox.lastError && outbox.waiting > 0) {
    found.push({
      level: 'warn',
      message: `${outbox.waiting} ${outbox.waiting === 1 ? 'mail waits' : 'mails wait'}: ${outbox.lastError}`,
      advice: 'Mails are kept and tried again for two days. Check the mail settings with a test mail.',
    });
  }
  if (card && saysItsEndIsNear(card)) {
    found.push({
      level: 'warn',
      message: 'The memory that holds the recordings says that it is nearly worn out.',
      advice: 'Copy the recordings that matter to you, and replace it soon.',
    });
  }
  if (temperature !== undefined && temperature >= 80) {
    found.push({
      level: 'warn',
      message: `The processor is ${temperature} °C hot and slows down.`,
      advice: 'Give it air or a heat sink.',
    });
  }
  const { mail } = store.current;
  if (!mail.enabled || mail.to.length === 0) {
    found.push({
      level: 'info',
      message: 'No mail is sent yet.',
      advice: 'Set up mail in Settings to be told when something moves.',
    });
  }
  const rank = { error: 0, warn: 1, info: 2 } as const;
  return found.sort((a, b) => rank[a.level] - rank[b.level]);
}
