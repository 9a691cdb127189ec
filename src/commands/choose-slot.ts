// `nightjar choose-slot`: what the start script runs where there has ever been an update, with the image's own executable. Picks and checks what
// is to run and writes its path for `start` to exec. Decides nothing itself: see system/update.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { updateFiles } from '../app/update-files.ts';
import { replaceFile } from '../base/durable.ts';
import { places } from '../base/places.ts';
import { chooseSlot } from '../system/update/choose.ts';
import { loadReleaseKeys, thisMachine } from '../system/update/keys.ts';
import { version } from '../version.ts';
import { type Command, readOptions } from './command.ts';

const usage = `usage: nightjar choose-slot

Picks the executable that the service starts: an update that is whole and signed, or the image's own. The appliance's service
calls it before each start; there is nothing to do with it by hand.`;

/** systemd-timesyncd's mark that the time was set. */
const TIME_IS_SET = '/run/systemd/timesync/synchronized';

export const chooseSlotCommand: Command = async (argv, io) => {
  const { values } = readOptions(argv, { help: { type: 'boolean', short: 'h' } });
  if (values.help) {
    io.out(usage);
    return 0;
  }
  const chosen = await chooseSlot({
    files: updateFiles,
    folder: places.update,
    box: places.box,
    factory: places.factory,
    factoryVersion: version,
    keys: loadReleaseKeys(places.releaseKeys),
    machine: thisMachine(),
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    ...(existsSync(TIME_IS_SET) ? { atMs: Date.now() } : {}),
    say: (line) => io.err(line),
  });
  mkdirSync(dirname(places.executable), { recursive: true });
  replaceFile(places.executable, `${chosen.executable}\n`);
  if (chosen.run !== 'factory') io.out(`running the update in slot ${chosen.run}`);
  return 0;
};
