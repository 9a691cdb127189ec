// The executable: finds the command, loads only what that command needs, and turns its outcome into an exit code.
// 0 it worked, 1 it did not, 2 it was called in a wrong way, 3 it worked in part and says what is missing.

import { describeError, NightjarError } from './base/errors.ts';
import type { Command, Terminal } from './commands/command.ts';
import { version } from './version.ts';

const commands: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>> = {
  run: { summary: 'watch, record and serve the page', load: async () => (await import('./commands/run.ts')).run },
  detect: {
    summary: 'find motion in video clips, as the box would',
    load: async () => (await import('./commands/detect.ts')).detect,
  },
  check: {
    summary: 'prove that recordings and their index agree',
    load: async () => (await import('./commands/check.ts')).check,
  },
  export: {
    summary: 'film of one camera and time as MP4, with the recovery key, anywhere',
    load: async () => (await import('./commands/export.ts')).exportFilm,
  },
  open: {
    summary: 'open one sealed file with the recovery key',
    load: async () => (await import('./commands/open.ts')).open,
  },
  verify: {
    summary: 'say whether recordings are missing, cut or changed',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  doctor: {
    summary: 'look at this machine and its cameras, and say what to mend',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  bench: {
    summary: 'measure what this machine can carry',
    load: async () => (await import('./commands/bench.ts')).bench,
  },
  'self-test': {
    summary: 'check that this executable works on this machine',
    load: async () => (await import('./commands/self-test.ts')).selfTest,
  },
  rescue: {
    summary: 'on the appliance: show why it does not record, and restart it',
    load: async () => (await import('./commands/rescue.ts')).rescue,
  },
  ended: {
    summary: 'on the appliance: note how the service ended',
    load: async () => (await import('./commands/ended.ts')).ended,
  },
  boot: {
    summary: 'ready the card before everything else (the image does this by itself)',
    load: async () => (await import('./commands/boot.ts')).boot,
  },
  'choose-slot': {
    summary: 'on the appliance: pick and check what the service starts',
    load: async () => (await import('./commands/choose-slot.ts')).chooseSlotCommand,
  },
  version: {
    summary: 'print the version',
    load: async () => async (_argv, io) => {
      io.out(`nightjar ${version}`);
      return 0;
    },
  },
};

const help = (): string =>
  [
    'Nightjar: a camera appliance that you own.',
    '',
    'usage: nightjar COMMAND [options]      nightjar COMMAND --help',
    '',
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(11)} ${summary}`),
  ].join('\n');

async function main(argv: readonly string[], io: Terminal): Promise<number> {
  const [name = '--help', ...rest] = argv;
  if (name === '--help' || name === '-h' || name === 'help') {
    io.out(help());
    return 0;
  }
  const command = commands[name === '--version' || name === '-v' ? 'version' : name];
  if (!command) {
    io.err(`nightjar: there is no command ${JSON.stringify(name)}\n\n${help()}`);
    return 2;
  }
  try {
    return await (await command.load())(rest, io);
  } catch (error) {
    io.err(`nightjar ${name}: ${describeError(error)}`);
    return error instanceof NightjarError && error.kind === 'invalid' ? 2 : 1;
  }
}

const terminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  env: process.env,
  isTerminal: process.stdout.isTTY === true,
};

// A reader that went away (`nightjar … | head`) is no fault of ours.
process.stdout.on('error', () => process.exit(0));
process.exit(await main(process.argv.slice(2), terminal));
