// `nightjar ended`: systemd runs it after every end of the service and says how it ended; that is noted for the page, and for how
// long the box waits before it restarts itself. Never fails: nothing hangs on it.

import { systemClock } from '../base/clock.ts';
import { jsonLine, type Log, LogBook } from '../base/log.ts';
import { type Places, places } from '../base/places.ts';
import { readBoot } from '../library/boot.ts';
import { openRestartFile, readUnwell, unwellPlace } from '../system/health/restart-file.ts';
import { afterEnd, type Ending } from '../system/health/restarts.ts';
import { type Command, readOptions } from './command.ts';
import { momentOf } from './rescue.ts';

const usage = `usage: nightjar ended

Notes how the service ended, as SERVICE_RESULT and EXIT_STATUS say (ExecStopPost= of systemd). On the appliance only.`;

export const ended: Command = async (argv, io) => {
  const { values } = readOptions(argv, { help: { type: 'boolean', short: 'h' } });
  const { SERVICE_RESULT: result, EXIT_STATUS: status } = io.env;
  if (values.help || !result) {
    io[values.help ? 'out' : 'err'](usage);
    return values.help ? 0 : 2;
  }
  const log = new LogBook({ clock: systemClock, write: (line) => io.err(jsonLine(line)) }).log('ended');
  noteEnd(places, { result, ...(status ? { status } : {}) }, log);
  return 0;
};

export function noteEnd(at: Pick<Places, 'health' | 'executable'>, ending: Ending, log: Log): void {
  const because = readUnwell(unwellPlace(at));
  const moment = momentOf(readBoot(systemClock), systemClock);
  openRestartFile(at.health, log).change((record) =>
    afterEnd(record, moment, { ...ending, ...(because ? { because } : {}) }),
  );
}
