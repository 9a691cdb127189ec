// `nightjar boot`: what `nightjar-boot.service` starts as root before everything else. Always ends well: what went wrong stands in
// the report, and a failed unit would only take more down with it.

import { existsSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { jsonLine, LogBook, plainLine } from '../base/log.ts';
import { places } from '../base/places.ts';
import { takePreset } from '../setup/preset/take.ts';
import { boot as bootBox } from '../system/boot/boot.ts';
import { runSystemTool } from '../system/disk/tools.ts';
import { type Command, readOptions } from './command.ts';

const usage = `usage: nightjar boot

Part of the Nightjar image: makes, checks and mounts the data partition of the card the box started from, and does a factory
reset that was asked for. Started by the system; it refuses to be started on anything but the image.`;

const UNIT = '/usr/lib/systemd/system/nightjar-boot.service';

export const boot: Command = async (argv, io) => {
  const { values } = readOptions(argv, { help: { type: 'boolean', short: 'h' } });
  if (values.help) {
    io.out(usage);
    return 0;
  }
  // It writes to the partition table of the disk that holds the root: never on somebody's own Linux, not even by mistake.
  if (!io.env.INVOCATION_ID || !existsSync(UNIT) || process.getuid?.() !== 0) {
    throw new NightjarError('conflict', 'this is done by the Nightjar image itself, when it starts');
  }
  const logs = new LogBook({
    clock: systemClock,
    write: (line) => io.err(io.isTerminal ? plainLine(line) : jsonLine(line)),
  });
  const log = logs.log('boot');
  process.umask(0o022);
  const report = await bootBox({
    places,
    kernel: '/',
    run: runSystemTool,
    clock: systemClock,
    log,
    takePreset,
  });
  for (const problem of report.problems) log.warn(problem);
  if (report.disk.kind === 'missing') log.error(report.disk.message, { detail: report.disk.detail });
  else
    log.info(`data on ${report.disk.partition}`, {
      did: report.disk.did.map((deed) => deed.kind).join(' ') || 'nothing',
    });
  return 0;
};
