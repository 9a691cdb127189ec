// One camera's unit from grey pictures to the second look: what starts one, and with which pictures.

import { expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { ColourPair } from '../camera/moment.ts';
import { cameraSettings } from '../config/camera.ts';
import { FeedHub } from '../media/feed.ts';
import type { Packet, StreamInfo } from '../media/types.ts';
import type { Claim } from '../motion/confirm.ts';
import { MemorySink } from '../recorder/memory-sink.ts';
import { CameraUnit } from './camera-unit.ts';

const stream: StreamInfo = {
  id: 's',
  init: new Uint8Array(8),
  mimeType: 'video/mp4; codecs="avc1.64001f"',
  video: { trackId: 1, codec: 'h264', codecString: 'avc1.64001f', width: 320, height: 180, timescale: 1000 },
};
const empty = { width: 2, height: 2, data: new Uint8Array(16) };
const pair: ColourPair = { before: empty, now: empty };

interface Look {
  readonly beforeMs: number;
  readonly isKey: boolean;
  readonly atMs: number;
}

/** A camera with a key frame each second. `levels` say how bright the yard is, `visitorAt` where somebody stands. */
function yard({ confirm = true, verdict = (): boolean => true, decodes = true } = {}) {
  const clock = new ManualClock();
  const feed = new FeedHub({
    cameraId: 'yard',
    health: { state: 'live', sinceMs: 0, smallStream: false, restarts: 0 },
  });
  feed.setStream(stream);
  const looks: Look[] = [];
  const claims: Claim[] = [];
  const story: string[] = [];
  let stills = 0;
  const unit = new CameraUnit({
    settings: cameraSettings.parse({
      id: 'yard',
      name: 'Yard',
      source: { kind: 'demo' },
      motion: { confirm, mergeGapS: 1 },
    }),
    clock,
    log: silentLog,
    openCamera: () => ({ feed, apply: async () => {}, close: async () => {}, [Symbol.asyncDispose]: async () => {} }),
    sink: new MemorySink(),
    jpegOf: async () => {
      stills++;
      return new Uint8Array(3);
    },
    picturesOf: async (_stream, _packets, { before, atMs }) => {
      looks.push({ beforeMs: before.atMs, isKey: before.key, atMs });
      if (!decodes) throw new Error('damaged');
      return { jpeg: new Uint8Array(3), colour: pair };
    },
    compare: async (_, claim) => {
      claims.push(claim);
      return { proof: { confirmed: verdict() }, png: Promise.resolve(new Uint8Array(1)) };
    },
    timeZone: () => 'UTC',
    isOwned: () => true,
    outputs: {
      changed: () => {},
      motion: () => {},
      event: ({ source }) => source.kind !== 'peak' && story.push(source.kind),
      still: async () => {},
      proof: async (_, proof) => void story.push(`confirmed ${proof?.confirmed}`),
      health: () => {},
      recordingFails: () => {},
    },
  });
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  /** Two tenths of a second each. */
  async function film(pictures: number, o: { light?: number; visitorAt?: (i: number) => number } = {}) {
    for (let i = 0; i < pictures; i++) {
      await clock.advance(200);
      const atMs = clock.monotonicMs();
      const packet: Packet = {
        ...({ track: 'video', ctsOffset: 0, duration: 200, data: new Uint8Array(4) } as const),
        ...{ key: atMs % 1000 === 0, atMs, dts: atMs },
      };
      feed.pushPacket(packet);
      const data = new Uint8Array(160 * 90);
      for (let p = 0; p < data.length; p++) {
        data[p] = (80 + 20 * Math.sin(p / 11) + random() * 3) * (o.light ?? 1);
      }
      const x = o.visitorAt?.(i);
      if (x !== undefined) for (let y = 35; y < 55; y++) data.fill(200, y * 160 + x, y * 160 + x + 8);
      feed.pushFrame({ width: 160, height: 90, data, atMs });
    }
    for (let i = 0; i < 5; i++) await Bun.sleep(0);
  }
  return { unit, film, looks, claims, story, stills: () => stills };
}

test('somebody who comes is looked at once, beside a key frame from a second before, within the settling of the mail', async () => {
  const { film, looks, claims, story, unit } = yard();
  await film(30);
  await film(15, { visitorAt: (i) => 10 + i * 4 });
  expect(looks).toHaveLength(1);
  const [look] = looks as [Look];
  expect(look.isKey).toBe(true);
  expect(look.beforeMs).toBeLessThanOrEqual(5200);
  expect(look.beforeMs).toBeGreaterThanOrEqual(4000);
  expect(look.atMs - 6000).toBeLessThan(2000);
  const [box] = claims[0]!.boxes;
  expect(box!.y * 90).toBeLessThanOrEqual(35);
  expect((box!.y + box!.height) * 90).toBeGreaterThanOrEqual(54);
  await film(10);
  await unit.close();
  expect(story).toEqual(['start', 'confirmed true', 'end']);
});

test('a lamp that goes on and off starts no second look', async () => {
  const { film, looks, story, stills } = yard();
  await film(30);
  await film(15, { light: 1.8 });
  await film(15);
  expect({ looks, story, decoded: stills() }).toEqual({ looks: [], story: [], decoded: 0 });
});

test('quiet pictures decode nothing', async () => {
  const { film, looks, claims, stills } = yard();
  await film(40);
  expect([looks.length, claims.length, stills()]).toEqual([0, 0, 0]);
});

test('what goes on without being confirmed is looked at again, and its alert waits for that', async () => {
  let confirmed = false;
  const { film, story, unit, looks } = yard({ verdict: () => confirmed });
  await film(30);
  const walks = { visitorAt: (i: number) => 10 + ((i * 4) % 120) };
  await film(8, walks);
  expect(story).toEqual(['start', 'confirmed false']);
  confirmed = true;
  await film(15, walks);
  expect(story).toEqual(['start', 'confirmed false', 'confirmed true']);
  expect(looks.length).toBe(2);
  expect(looks[1]!.atMs).toBeGreaterThan(looks[0]!.atMs + 1500);
  expect(looks[1]!.beforeMs).toBe(looks[0]!.beforeMs);
  await unit.close();
});

test('turned off, or where the video cannot be decoded twice, there is the still and no second look', async () => {
  for (const setup of [{ confirm: false }, { decodes: false }]) {
    const { film, claims, story, stills } = yard(setup);
    await film(30);
    await film(15, { visitorAt: (i) => 10 + i * 4 });
    await film(10);
    expect({ claims, story }).toEqual({ claims: [], story: ['start', 'end'] });
    expect(stills()).toBeGreaterThan(0);
  }
});
