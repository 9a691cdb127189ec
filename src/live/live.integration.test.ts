import { afterAll, beforeAll, expect, test } from 'bun:test';
import { runChild } from '../base/child.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { Film } from './film.ts';
import { createLive, type Live } from './live.ts';
import { createPictures, type Pictures } from './pictures.ts';
import { FLAG_INIT, FLAG_KEY, type LiveNotice, readBinaryMessage } from './wire.ts';

const film = new Film();
let live: Live;
let pictures: Pictures;

beforeAll(async () => {
  const feeds = (id: string) => (id === 'yard' ? film.hub : undefined);
  live = createLive({ feeds, clock: systemClock, log: silentLog });
  const jpegOf = () => Promise.reject(new Error('not asked here'));
  pictures = createPictures({ feeds, live, jpegOf, clock: systemClock, log: silentLog });
  await film.play();
});

afterAll(async () => {
  await pictures.close();
  live.close();
  await film.stop();
});

const until = async (claim: () => boolean, words: string, ms = 10_000) => {
  for (const endMs = performance.now() + ms; !claim(); await Bun.sleep(10)) {
    if (performance.now() > endMs) throw new Error(`still not so after ${ms} ms: ${words}`);
  }
};
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const sizeOf = async (jpeg: Uint8Array): Promise<string> => {
  const argv = ['-v', 'error', '-f', 'mjpeg', '-show_entries', 'stream=width,height', '-of', 'csv=p=0', '-i', 'pipe:0'];
  const { stdout, stderr, code } = await runChild(['ffprobe', ...argv], { stdin: jpeg });
  if (code !== 0 || stderr !== '') throw new Error(`not a clean picture: ${stderr}`);
  return new TextDecoder().decode(stdout).trim();
};

/** Somebody who looks at the run of pictures and remembers the newest. */
function look() {
  const abort = new AbortController();
  const seen = { count: 0, newest: new Uint8Array(0), over: false };
  const done = (async () => {
    for await (const picture of pictures.mjpeg('yard', abort.signal)) {
      seen.count++;
      seen.newest = picture as Uint8Array<ArrayBuffer>;
    }
    seen.over = true;
  })();
  const leave = () => {
    abort.abort();
    return done;
  };
  return { seen, leave };
}

test('what a viewer gets is video that a decoder takes whole, from the first picture and across a reconnect', async () => {
  const parts: Uint8Array[] = [];
  let frames = 0;
  let first: number | undefined;
  const joinedMs = performance.now();
  const seat = live.join({
    send(message) {
      if (typeof message === 'string') return;
      const { flags, mp4 } = readBinaryMessage(message);
      if (flags & FLAG_INIT && parts.length > 0) return;
      parts.push(mp4.slice());
      if (flags & FLAG_INIT) return;
      frames++;
      if (first === undefined) {
        expect(flags & FLAG_KEY).toBe(FLAG_KEY);
        first = performance.now() - joinedMs;
      }
    },
    queuedBytes: () => 0,
  });
  seat.watch(['yard']);
  expect(first).toBeLessThan(100);
  await until(() => frames > 40, '40 frames');
  await film.play();
  const again = frames;
  await until(() => frames > again + 30, '30 frames more');
  seat.leave();
  const argv = [
    '-v',
    'error',
    '-count_frames',
    '-show_entries',
    'stream=nb_read_frames',
    '-of',
    'csv=p=0',
    '-i',
    'pipe:0',
  ];
  const { stdout, stderr } = await runChild(['ffprobe', ...argv], { stdin: Buffer.concat(parts) });
  expect([Number(new TextDecoder().decode(stdout)), stderr]).toEqual([frames, '']);
}, 20_000);

test('one encoder serves all who look at pictures, and ends with the last of them', async () => {
  const lookers = [look(), look(), look()];
  await until(() => lookers.every(({ seen }) => seen.count > 5), 'everybody sees pictures');
  expect(await sizeOf(lookers[0]!.seen.newest)).toBe('640,360');
  const pid = pictures.encoderPid('yard')!;
  expect(live.counts.viewers).toBe(1);
  await lookers[0]!.leave();
  await lookers[1]!.leave();
  expect(isAlive(pid)).toBe(true);
  await lookers[2]!.leave();
  await until(() => !isAlive(pid), 'the encoder has ended');
  expect(live.counts).toMatchObject({ viewers: 0, cameras: 0 });
}, 20_000);

test('pictures go on after the camera changed its size', async () => {
  const { seen, leave } = look();
  await until(() => seen.count > 2, 'pictures');
  await film.play({ size: '320x240' });
  const before = seen.count;
  await until(() => seen.count > before + 10, 'pictures go on');
  expect(await sizeOf(seen.newest)).toBe('320,240');
  await leave();
  await film.play();
}, 20_000);

test('pictures go on after the encoder was killed', async () => {
  const { seen, leave } = look();
  await until(() => seen.count > 2, 'pictures');
  process.kill(pictures.encoderPid('yard')!, 'SIGKILL');
  await Bun.sleep(100);
  const before = seen.count;
  await until(() => seen.count > before + 5, 'pictures go on');
  await leave();
}, 20_000);

test('an encoder that stalls is handed a bounded amount, and goes on from a key frame', async () => {
  await film.play({ size: '1280x720' });
  const { seen, leave } = look();
  await until(() => seen.count > 2, 'pictures');
  const pid = pictures.encoderPid('yard')!;
  const droppedBefore = live.counts.droppedFragments;
  process.kill(pid, 'SIGSTOP');
  try {
    await until(() => live.counts.droppedFragments > droppedBefore, 'fragments are left out', 15_000);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const before = seen.count;
  await until(() => seen.count > before + 10, 'pictures go on');
  expect(pictures.encoderPid('yard')).toBe(pid);
  await leave();
  await film.play();
}, 40_000);

test('who takes pictures slowly gets the newest', async () => {
  const abort = new AbortController();
  const run = pictures.mjpeg('yard', abort.signal)[Symbol.asyncIterator]();
  const fast = look();
  await run.next();
  await until(() => fast.seen.count > 10, 'ten pictures went by');
  const { value } = await run.next();
  expect(value).toBe(fast.seen.newest);
  abort.abort();
  expect((await run.next()).done).toBe(true);
  await fast.leave();
}, 20_000);

test('a change of size is announced to who watches, with the new description', async () => {
  const notices: LiveNotice[] = [];
  const seat = live.join({
    send: (message) => void (typeof message === 'string' && notices.push(JSON.parse(message))),
    queuedBytes: () => 0,
  });
  seat.watch(['yard']);
  await film.play({ size: '320x240' });
  const sizes = notices.flatMap((notice) => (notice.type === 'stream' ? [notice.width] : []));
  expect(sizes).toEqual([640, 320]);
  seat.leave();
}, 20_000);
