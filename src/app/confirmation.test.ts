import { expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { ColourPair } from '../camera/moment.ts';
import { defaultMotionParams } from '../motion/params.ts';
import type { Looked } from './comparison.ts';
import { type Answer, Confirmation, LOOK_LIMIT_MS } from './confirmation.ts';

const pair: ColourPair = {
  before: { width: 2, height: 2, data: new Uint8Array(16) },
  now: { width: 2, height: 2, data: new Uint8Array(16) },
};
const frame = { width: 320, height: 180, data: new Uint8Array(), atMs: 0 };
const blob = { x: 32, y: 18, width: 32, height: 36, area: 100 };
const signal = { moving: true, level: 10, blobs: [blob], global: false };
const seen = (confirmed: boolean): Looked => ({
  proof: { confirmed },
  png: Promise.resolve(new Uint8Array([confirmed ? 1 : 0])),
});

interface Setup {
  readonly compare?: (at: number) => Promise<Looked | undefined>;
  readonly coloursOf?: () => Promise<ColourPair | undefined>;
  readonly confirm?: boolean;
}

/** A visit that began, with one moment claimed at 600 ms. */
function visit({ compare = async () => seen(true), coloursOf = async () => pair, confirm = true }: Setup = {}) {
  const clock = new ManualClock();
  const story: string[] = [];
  const boxes: unknown[] = [];
  let looks = 0;
  const confirmation = new Confirmation({
    coloursOf: (atMs): Promise<ColourPair | undefined> => {
      story.push(`decode ${atMs}`);
      return coloursOf();
    },
    compare: (_, claim): Promise<Looked | undefined> => {
      boxes.push(claim.boxes);
      return compare(++looks);
    },
    params: () => ({ ...defaultMotionParams, confirm }),
    onProof: async (id, proof, png, atMs) => {
      const [is] = (await png) ?? [];
      story.push(`${id} at ${atMs}: ${proof?.confirmed}, picture ${is}`);
    },
    clock,
    log: silentLog,
  });
  confirmation.begin('e');
  confirmation.claim('e', 600, signal, frame);
  const answers: Answer[] = [];
  const ask = () => void confirmation.answerFor('e', 600).then((answer) => answers.push(answer));
  return { clock, confirmation, story, boxes, answers, ask };
}

test('a visit is looked at once, whoever asks, and the alert gets the picture with the answer', async () => {
  const { clock, confirmation, story, boxes, answers, ask } = visit();
  ask();
  confirmation.look('e', 700);
  ask();
  await clock.advance(1);
  expect(answers).toEqual([1, 2].map(() => ({ confirmed: true, difference: expect.any(Promise) })));
  expect(await answers[0]!.difference).toEqual(new Uint8Array([1]));
  expect(story).toEqual(['decode 600', 'e at 600: true, picture 1']);
  expect(boxes).toEqual([[{ x: 0.1, y: 0.1, width: 0.1, height: 0.2 }]]);
});

test.each<[string, Setup]>([
  ['nothing was in memory', { coloursOf: async () => undefined }],
  ['the video cannot be decoded', { coloursOf: () => Promise.reject(new Error('no')) }],
  ['too many wait', { compare: async () => undefined }],
  ['comparing fails', { compare: () => Promise.reject(new Error('no')) }],
  ['it is turned off', { confirm: false }],
])('%s: the alert goes out, and nothing is said of a second look', async (_, setup) => {
  const { clock, story, answers, ask } = visit(setup);
  ask();
  await clock.advance(1);
  expect(answers).toEqual([{ confirmed: true }]);
  expect(story.filter((line) => !line.startsWith('decode'))).toEqual([]);
});

test('a look that takes too long holds nothing back; what it finds later is still shown, but denies nothing', async () => {
  for (const confirmed of [true, false]) {
    const late = Promise.withResolvers<Looked>();
    const { clock, story, answers, ask } = visit({ compare: () => late.promise });
    ask();
    await clock.advance(LOOK_LIMIT_MS - 1);
    expect(answers).toEqual([]);
    await clock.advance(1);
    expect(answers).toEqual([{ confirmed: true }]);
    late.resolve(seen(confirmed));
    await clock.advance(1);
    expect(story.at(-1)).toBe(confirmed ? 'e at 600: true, picture 1' : 'e at 600: undefined, picture 0');
  }
});

test('a visit in which nothing is found keeps its alert waiting until it is over, and then there is none', async () => {
  const { clock, confirmation, story, answers, ask } = visit({ compare: async () => seen(false) });
  ask();
  await clock.advance(1);
  expect(story.at(-1)).toBe('e at 600: false, picture 0');
  expect(answers).toEqual([]);
  confirmation.end('e', 600);
  await clock.advance(1);
  expect(answers).toEqual([{ confirmed: false }]);
});

test('while it goes on it is looked at again, ever more seldom; somebody who comes then is told of, with that moment', async () => {
  const { clock, confirmation, story, answers, ask } = visit({ compare: async (look) => seen(look === 4) });
  ask();
  await clock.advance(1);
  const againAt: number[] = [];
  while (answers.length === 0 && clock.monotonicMs() < 60_000) {
    if (confirmation.wantsAnotherLook('e')) {
      againAt.push(Math.round(clock.monotonicMs() / 1000));
      confirmation.claim('e', clock.monotonicMs(), signal, frame);
      confirmation.lookAgain('e', clock.monotonicMs());
    }
    await clock.advance(200);
  }
  expect(againAt).toEqual([2, 6, 14]);
  expect(answers).toEqual([{ confirmed: true, atMs: expect.any(Number), difference: expect.any(Promise) }]);
  expect(Math.round(answers[0]!.atMs! / 1000)).toBe(14);
  expect(story.at(-1)).toEndWith('true, picture 1');
  expect(confirmation.wantsAnotherLook('e')).toBe(false);
});

test('a visit that is over before anybody looked is looked at then; of one that nobody knows nothing is held back', async () => {
  const { clock, confirmation, answers, ask } = visit({ compare: async () => seen(false) });
  confirmation.end('e', 600);
  ask();
  await clock.advance(1);
  expect(answers).toEqual([{ confirmed: false }]);
  expect(await confirmation.answerFor('other', 5)).toEqual({ confirmed: true });
});
