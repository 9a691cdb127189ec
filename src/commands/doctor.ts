// `nightjar doctor`: looks at the machine, the disk and every camera, and says of each what to mend. Changes nothing.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from '../base/child.ts';
import { systemClock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { findDevices } from '../camera/devices.ts';
import { testSource } from '../camera/test.ts';
import { SettingsStore } from '../config/store.ts';
import { diskSpaceNow, temperatureC } from '../system/machine.ts';
import { version } from '../version.ts';
import { type Command, readOptions, type Terminal } from './command.ts';
import { syncTimesMs } from './measure-disk.ts';

const usage = `usage: nightjar doctor [--data DIR]

Looks at this machine, its disk and its cameras, and says what to mend. Changes nothing.
  --data DIR   the data folder of the box (default: data; NIGHTJAR_DATA)

Exit code 0: all is well. 1: something needs mending.`;

type Finding = { readonly state: 'ok' | 'note' | 'mend'; readonly what: string; readonly advice?: string };

export const doctor: Command = async (argv, io) => {
  const { values } = readOptions(argv, { data: { type: 'string' }, help: { type: 'boolean', short: 'h' } });
  if (values.help) {
    io.out(usage);
    return 0;
  }
  const dataDir = String(values.data ?? io.env.NIGHTJAR_DATA ?? 'data');
  let mend = 0;
  const tell = ({ state, what, advice }: Finding) => {
    if (state === 'mend') mend++;
    io.out(`${{ ok: 'ok    ', note: 'note  ', mend: 'MEND  ' }[state]}${what}${advice ? `\n      ${advice}` : ''}`);
  };
  io.out(`nightjar ${version} on ${machineName()}\n`);
  tell(
    await program('ffmpeg', ['-hide_banner', '-version'], 'Without it no camera works. Install it: apt install ffmpeg'),
  );
  tell(clock());
  const hot = temperatureC();
  if (hot !== undefined) {
    tell(
      hot < 80
        ? { state: 'ok', what: `processor at ${hot} °C` }
        : { state: 'mend', what: `processor at ${hot} °C`, advice: 'Give it air or a heat sink: it slows down.' },
    );
  }
  tell(disk(dataDir));
  for (const device of await findDevices()) tell({ state: 'ok', what: `plugged in: ${device.name}` });
  await cameras(dataDir, io, tell);
  io.out(mend === 0 ? '\nAll is well.' : `\n${mend} ${mend === 1 ? 'thing needs' : 'things need'} mending.`);
  return mend === 0 ? 0 : 1;
};

function machineName(): string {
  try {
    return readFileSync('/proc/device-tree/model', 'utf8').replaceAll('\0', '');
  } catch {
    return `${process.arch} Linux, ${navigator.hardwareConcurrency} cores`;
  }
}

async function program(name: string, args: readonly string[], advice: string): Promise<Finding> {
  try {
    const { stdout, code } = await runChild([name, ...args], { timeoutMs: 5000 });
    const first = new TextDecoder().decode(stdout).split('\n')[0]?.split(' Copyright')[0] ?? name;
    return code === 0 ? { state: 'ok', what: first } : { state: 'mend', what: `${name} does not work`, advice };
  } catch {
    return { state: 'mend', what: `${name} is not installed`, advice };
  }
}

function clock(): Finding {
  const now = new Date();
  if (now.getUTCFullYear() < 2026) {
    return {
      state: 'mend',
      what: `the clock says ${now.toISOString().slice(0, 10)}`,
      advice: 'Connect the box to a network so that it can learn the time; recordings carry this date until then.',
    };
  }
  const synchronised = existsSync('/run/systemd/timesync/synchronized') || existsSync('/run/chrony/chronyd.pid');
  return { state: 'ok', what: `clock: ${now.toISOString().slice(0, 16)}Z${synchronised ? ', synchronised' : ''}` };
}

function disk(dataDir: string): Finding {
  if (!existsSync(dataDir)) {
    return { state: 'note', what: `there is no data folder ${dataDir} yet; nightjar run makes it` };
  }
  try {
    const { freeBytes } = diskSpaceNow(dataDir);
    const free = `${(freeBytes / 1e9).toFixed(1)} GB free`;
    const times = syncTimesMs(dataDir, 5);
    const syncMs = Math.round(times[times.length >> 1]!);
    if (freeBytes < 1e9)
      return { state: 'mend', what: `disk: ${free}`, advice: 'Recordings need room: at least a few gigabytes.' };
    if (syncMs > 500)
      return {
        state: 'mend',
        what: `disk: ${free}, but writing through takes ${syncMs} ms`,
        advice: 'The card or disk is worn or very slow.',
      };
    return { state: 'ok', what: `disk: ${free}, writes through in ${syncMs} ms` };
  } catch (error) {
    return {
      state: 'mend',
      what: `the data folder ${dataDir} cannot be written: ${describeError(error)}`,
      advice: 'Give the user of nightjar write access to it.',
    };
  }
}

async function cameras(dataDir: string, io: Terminal, tell: (finding: Finding) => void): Promise<void> {
  if (!existsSync(join(dataDir, 'settings.json'))) return;
  const store = new SettingsStore({ dataDir, env: io.env, log: silentLog });
  if (store.recovered) tell({ state: 'mend', what: store.recovered, advice: 'Look over your settings.' });
  for (const camera of store.current.cameras.filter((c) => c.enabled)) {
    const started = systemClock.monotonicMs();
    const report = await testSource(camera.source, { signal: AbortSignal.timeout(20_000) });
    const took = `${((systemClock.monotonicMs() - started) / 1000).toFixed(1)} s`;
    if (report.ok) {
      const { video } = report;
      tell({
        state: 'ok',
        what: `${camera.name}: ${video ? `${video.codec} ${video.width}×${video.height}` : 'a picture'} in ${took}`,
      });
    } else {
      const failed = report.steps.find((s) => s.state === 'failed');
      tell({
        state: 'mend',
        what: `${camera.name}: ${report.fault?.message ?? failed?.message ?? 'no picture'}`,
        ...(report.fault ? { advice: report.fault.advice } : {}),
      });
    }
  }
}
