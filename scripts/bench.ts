// `make bench`: the numbers of docs/reference/performance.md, each beside its limit. ARGS='--only cpu,live --minutes 30'.

import { parseArgs } from 'node:util';
import { catalogTimes } from './bench/catalog.ts';
import { cpuAgainstFfmpeg, cpuWithSmallStream } from './bench/cpu.ts';
import { keepingTimes } from './bench/keeping.ts';
import { killMany } from './bench/kills.ts';
import { liveDelay } from './bench/live.ts';
import { lowPowerPairs } from './bench/low-power.ts';
import { motionToMailMs } from './bench/mail.ts';
import { memoryOfFourCameras } from './bench/memory.ts';
import { median, quantile } from './bench/processes.ts';
import { sealingPair, wholeCameraMs } from './bench/sealing.ts';
import { firstPageMs } from './bench/start.ts';
import { timelineClick } from './bench/timeline-click.ts';
import { writesOfThreeCameras } from './bench/writes.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'start,cpu,small,lowpower,live,click,mail,memory' },
    minutes: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '40' },
    kills: { type: 'string', default: '300' },
    segments: { type: 'string', default: '1000000' },
    files: { type: 'string', default: '100000' },
    seed: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const row = (what: string, figure: string, limit: string) =>
  console.log(`${what.padEnd(66)} ${figure.padStart(22)}   ${limit}`);
const ms = (value: number) => `${Math.round(value)}`;

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

const benches: Readonly<Record<string, () => Promise<void>>> = {
  async start() {
    const times = await firstPageMs(7);
    row('start → first page answered, median of 7', `${ms(median(times))} ms`, '≤ 150 ms');
  },
  async cpu() {
    const runs = [await cpuAgainstFfmpeg(seconds), await cpuAgainstFfmpeg(seconds), await cpuAgainstFfmpeg(seconds)];
    const ratio = median(runs.map((r) => r.ratio));
    const share = median(runs.map((r) => r.share)) * 100;
    row('CPU, 1080p25 copied and watched, against ffmpeg alone, median of 3', `${ratio.toFixed(3)} ×`, '≤ 1.15 ×');
    row('  the same as a share of one core', `${share.toFixed(1)} %`, '');
  },
  async small() {
    for (const scene of ['noisy', 'pattern'] as const) {
      const share = (await cpuWithSmallStream(seconds, scene)) * 100;
      row(`  with a 640×360 small stream, share of one core, ${scene}`, `${share.toFixed(1)} %`, '≤ 3 %');
    }
  },
  async lowpower() {
    for (const [size, kbps] of [
      ['1920x1080', 4000],
      ['1280x720', 2000],
    ] as const) {
      const pairs = await lowPowerPairs(size, kbps, seconds, 3);
      const of = (pick: (pair: (typeof pairs)[number]) => number) => median(pairs.map(pick));
      row(
        `low power, quiet ${size} at 25: ffmpegs against those without, median of 3 pairs`,
        `${of(({ low, full }) => low.decoding / full.decoding).toFixed(3)} ×`,
        '≤ 0.25 ×',
      );
      row(
        `  share of one core: ffmpegs in low power / without`,
        `${percent(of((p) => p.low.decoding))} / ${percent(of((p) => p.full.decoding))}`,
        '',
      );
      row(`  the same with the box itself`, `${percent(of((p) => p.low.all))} / ${percent(of((p) => p.full.all))}`, '');
      row(
        `  what the box says that it saves, and how long it rested`,
        `${of((p) => p.claimedPercent ?? 0).toFixed(1)} %, ${percent(of((p) => p.restingShare))}`,
        '',
      );
    }
  },
  async live() {
    const { delaysMs, firstPictureMs } = await liveDelay(seconds);
    const figure = `${ms(median(delaysMs))} / ${ms(quantile(delaysMs, 0.95))} ms`;
    row(`frame made → shown in Chromium, 720p25, median / p95 of ${delaysMs.length}`, figure, '≤ 200 / 350 ms');
    row('opening the page → first picture, median of 5', `${ms(median(firstPictureMs))} ms`, '≤ 500 ms');
  },
  async click() {
    const { seekMs, openMs } = await timelineClick(30, 10);
    const figure = (all: readonly number[]) => `${ms(median(all))} / ${ms(quantile(all, 0.95))} ms`;
    row('click on the timeline of a day → picture, median / p95 of 30', figure(seekMs), '≤ 400 ms');
    row('click on it in the list of recordings → picture, median / p95 of 10', figure(openMs), '≤ 400 ms');
  },
  async mail() {
    const times = await motionToMailMs(15);
    const figure = `${ms(median(times))} / ${ms(quantile(times, 0.95))} ms`;
    row('motion starts → mail with picture accepted, median / p95 of 15', figure, 'p95 ≤ 2500 ms');
  },
  async memory() {
    const minutes = Number(values.minutes);
    const { resident, own, recordedMB } = await memoryOfFourCameras(minutes);
    const half = resident.length >> 1;
    const [early, late] = [median(resident.slice(resident.length >> 3, half)), median(resident.slice(half))];
    row(`memory with four 1080p cameras, highest in ${minutes} min`, `${ms(Math.max(...resident))} MB`, '≤ 150 MB');
    row('  median of the first half / the second half (flat?)', `${ms(early)} / ${ms(late)} MB`, '');
    row(
      '  not counting files that can be dropped, highest',
      `${ms(Math.max(...own))} MB`,
      `(${ms(recordedMB)} MB recorded)`,
    );
  },
  async catalog() {
    const count = Number(values.segments);
    const times = catalogTimes(count);
    const both = (of: readonly number[]) => `${median(of).toFixed(1)} / ${quantile(of, 0.99).toFixed(1)} ms`;
    row(`a day of one camera out of ${count} segments, CPU, median / p99 of 300`, both(times.dayMs), 'p99 ≤ 5 ms');
    row('  the same days, the least of five asks each', both(times.dayLeastMs), '');
    row('  the first 2000 segments of a day of all four cameras', both(times.dayOfAllMs), '');
    row('  a page of 50 recordings', both(times.recordingsMs), '');
    row('  events of a day', both(times.eventsMs), '');
    const steps = times.redateStepsMs;
    const wholeMs = steps.reduce((sum, step) => sum + step, 0);
    row('  dating a boot of 100,000 segments anew, by the clock', `${ms(wholeMs)} ms`, '');
    row(
      `    a step of it, median / most of ${steps.length}`,
      `${ms(median(steps))} / ${ms(Math.max(...steps))} ms`,
      '',
    );
    row('  size of the catalog', `${ms(times.fileMB)} MB`, '');
  },
  async keeping() {
    const files = Number(values.files);
    const times = await keepingTimes(files);
    const both = (of: readonly number[]) => `${ms(median(of))} / ${ms(Math.max(...of))} ms`;
    row(`start with ${files} files after a clean stop, median / most of 5`, both(times.cleanStartMs), '≤ 1000 ms');
    row('  after a kill with eight files half written, of 5', both(times.killedStartMs), '≤ 5000 ms');
    row(`  with ${times.torn} files half written, as no kill leaves them, of 3`, both(times.worseStartMs), '');
    row('check that each is there and has its size, of 4', both(times.checkMs), '≤ 20000 ms');
    row('  the same, processor time', both(times.checkCpuMs), '');
    row('  what it found, which is nothing', String(times.problems), '0');
  },
  async sealing() {
    const pairs = [await sealingPair(60), await sealingPair(60), await sealingPair(60)];
    const extraMs = median(pairs.map((pair) => pair.sealedMs - pair.plainMs));
    const [sealedMs, plainMs] = [median(pairs.map((p) => p.sealedMs)), median(pairs.map((p) => p.plainMs))];
    row(
      'writing a 4 Mb/s camera sealed / plain, CPU ms per second, median of 3 pairs',
      `${sealedMs.toFixed(2)} / ${plainMs.toFixed(2)}`,
      '',
    );
    for (const [what, withSmallStream] of [
      ['1080p camera', false],
      ['1080p camera with a small stream', true],
    ] as const) {
      const whole = await wholeCameraMs(seconds, withSmallStream);
      row(
        `  extra for sealing, share of all a ${what} costs`,
        `${percent(extraMs / whole)} of ${ms(whole)} ms/s`,
        '≤ 3 %',
      );
    }
  },
  async writes() {
    const { handed, files, process: own, disk } = await writesOfThreeCameras(Math.max(60, seconds));
    const times = (bytes: number) => `${(bytes / handed).toFixed(4)} ×`;
    row(`written for ${ms(handed / 1e6)} MB of three cameras, with catalog and its log`, times(own), '≤ 1.1 ×');
    row('  sealed files and what is signed beside them', times(files), '');
    row('  the whole disk, with what others wrote meanwhile', times(disk), '');
    if (own / handed > 1.1) process.exitCode = 1;
  },
  async kills() {
    const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
    const { faults, kills, lostMs, ...counted } = await killMany(Number(values.kills), seed);
    row(
      `${kills} kills while three cameras record and retention runs: lost at most`,
      `${Math.max(...lostMs)} ms`,
      '≤ 2000 ms',
    );
    row(`  median of ${lostMs.length} segments that were under way`, `${ms(median(lostMs))} ms`, '');
    row('  what else was not as promised', String(faults.length), '0');
    console.log(`  ${JSON.stringify({ seed, ...counted })}`);
    for (const fault of faults) console.log(`  ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  },
};

for (const name of values.only.split(',')) {
  const bench = benches[name];
  if (!bench) throw new Error(`no bench ${name}; there are ${Object.keys(benches).join(', ')}`);
  await bench();
}
