// `nightjar rescue`: the page of a box that cannot record, on every path, until the box restarts itself. systemd starts it when
// there is no data partition and when the service has ended too often; it needs neither disk nor settings.

import { existsSync } from 'node:fs';
import { type Clock, sleep, systemClock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import { jsonLine, type Log, LogBook } from '../base/log.ts';
import { type Places, places } from '../base/places.ts';
import { type ListenAddress, type RunningServer, startServer } from '../http/server.ts';
import { readBoot } from '../library/boot.ts';
import { readBootReport } from '../system/boot/report.ts';
import { type Situation, situationOf, waitInWords } from '../system/health/rescue.ts';
import { rescueHeaders, rescuePage } from '../system/health/rescue-page.ts';
import { waitForRestart } from '../system/health/rescue-wait.ts';
import { openRestartFile, readUnwell, unwellPlace } from '../system/health/restart-file.ts';
import type { Moment } from '../system/health/restarts.ts';
import { lanAddresses } from '../system/machine.ts';
import { type Power, systemPower } from '../system/power.ts';
import { showOnScreen } from '../system/screen.ts';
import { version } from '../version.ts';
import { type Command, readHostPort, readOptions } from './command.ts';

const usage = `usage: nightjar rescue [--http HOST:PORT]

One page that says why this box does not record, then a restart of the box. Started by the system, on the appliance only.
  --http HOST:PORT  where the page is (default: 0.0.0.0:80)`;

export const rescue: Command = async (argv, io) => {
  const { values } = readOptions(argv, { http: { type: 'string' }, help: { type: 'boolean', short: 'h' } });
  if (values.help) {
    io.out(usage);
    return 0;
  }
  const logs = new LogBook({ clock: systemClock, write: (line) => io.err(jsonLine(line)) });
  const running = startRescue({
    places,
    address: readHostPort(String(values.http ?? '0.0.0.0:80'), '--http'),
    power: systemPower(),
    clock: systemClock,
    log: logs.log('rescue'),
  });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await running.close();
  return 0;
};

export interface RescueParts {
  readonly places: Places;
  readonly address: ListenAddress;
  readonly power: Pick<Power, 'restart'>;
  readonly clock: Clock;
  readonly log: Log;
}

const LISTEN_AGAIN_MS = 10_000;

/** Begins to wait for the restart at once; the page is there as soon as its port is free, and may never be. */
export function startRescue({ places, address, power, clock, log }: RescueParts): {
  /** Resolves with where the page is. */
  readonly listening: Promise<RunningServer['addresses']>;
  close(): Promise<void>;
} {
  const report = readBootReport(places.bootReport);
  const restarts = openRestartFile(places.health, log);
  const unwell = readUnwell(unwellPlace(places));
  // A record that cannot be written is found out now, not at the restart.
  restarts.change((record) => ({ ...record }));
  const situation = situationOf({
    boot: report,
    record: restarts.record,
    isKept: restarts.isKept,
    ...(unwell === undefined ? {} : { unwell }),
  });
  const boxName = report?.hostName ?? 'Nightjar';
  log.warn(situation.message, { restartInS: Math.round(situation.delayMs / 1000) });
  tellScreen(places, situation, boxName);
  const boot = readBoot(clock);
  const wait = waitForRestart({ situation, restarts, power, moment: () => momentOf(boot, clock), clock, log });

  const app = {
    fetch(request: Request): Response {
      const leftMs = wait.leftMs();
      const headers = { ...rescueHeaders, 'retry-after': String(Math.ceil(leftMs / 1000) + 60) };
      if (new URL(request.url).pathname === '/health') {
        const restartsInS = Math.ceil(leftMs / 1000);
        return Response.json({ status: 'rescue', kind: situation.kind, restartsInS }, { status: 503, headers });
      }
      const problem = wait.problem();
      const page = rescuePage({ situation, boxName, version, leftMs, ...(problem ? { problem } : {}) });
      return new Response(page, { status: 503, headers });
    },
  };
  const closing = new AbortController();
  let server: RunningServer | undefined;
  const { promise: listening, resolve } = Promise.withResolvers<RunningServer['addresses']>();
  const opened = (async () => {
    while (!closing.signal.aborted) {
      try {
        server = await startServer({ app, plain: address });
        return resolve(server.addresses);
      } catch (error) {
        log.error(`the page cannot be shown: ${describeError(error)}`);
        await sleep(clock, LISTEN_AGAIN_MS, closing.signal);
      }
    }
  })();
  return {
    listening,
    async close() {
      closing.abort();
      wait.close();
      await opened;
      await server?.close();
    },
  };
}

/** timesyncd makes the file when it has set the clock; without it the box does not know the time. */
export const momentOf = (boot: ReturnType<typeof readBoot>, clock: Clock): Moment => ({
  bootId: boot.id,
  sinceBootMs: Math.max(0, Math.round(boot.sinceBootMs(clock.monotonicMs()))),
  ...(existsSync('/run/systemd/timesync/synchronized') ? { atMs: clock.wallMs() } : {}),
});

function tellScreen({ screen }: Places, { title, message, delayMs }: Situation, hostName: string): void {
  const notice = `${title}. ${message} The box restarts itself in ${waitInWords(delayMs)}.`;
  try {
    showOnScreen(screen, { boxName: hostName, hostName, addresses: lanAddresses(), notice });
  } catch {
    // Most boxes have no screen.
  }
}
