import { expect, test } from 'bun:test';
import { type DataPlan, planData } from './data-plan.ts';
import { parseTable } from './partition-table.ts';

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** As `sfdisk --json` of a flashed Pi image prints it, with the third partition where there is one. */
const recorded = (third: string, label = 'dos') => `{
   "partitiontable": {
      "label": "${label}", "id": "0x1234abcd", "device": "/dev/mmcblk0", "unit": "sectors", "sectorsize": 512,
      "partitions": [
         { "node": "/dev/mmcblk0p1", "start": 16384, "size": 1048576, "type": "c" },
         { "node": "/dev/mmcblk0p2", "start": 1064960, "size": 8388608, "type": "83" }${third && `,\n${third}`}
      ]
   }
}`;
const p3 = (start: number, size: number, type: string) =>
  `{ "node": "/dev/mmcblk0p3", "start": ${start}, "size": ${size}, "type": "${type}" }`;
const p4 = (start: number, size: number) =>
  `{ "node": "/dev/mmcblk0p4", "start": ${start}, "size": ${size}, "type": "83" }`;

/** 4 MiB after the end of root: 9453568 sectors, itself a boundary. */
const START = 9453568;
const end = (bytes: number) => bytes / 512;

const plans: readonly (readonly [string, string, number, DataPlan | Partial<DataPlan>])[] = [
  [
    'a flashed card gets all that is behind root',
    recorded(''),
    32 * GiB,
    { kind: 'make', start: START, sectors: end(32 * GiB) - START },
  ],
  [
    'an odd end of the card is rounded to whole MiB',
    recorded(''),
    32 * GiB + 700 * 1024,
    { kind: 'make', start: START, sectors: end(32 * GiB) - START },
  ],
  ['a card as small as the image has no room', recorded(''), 5 * GiB - 300 * MiB, { kind: 'none', reason: 'no-room' }],
  ['255 MiB are no room', recorded(''), START * 512 + 255 * MiB, { kind: 'none', reason: 'no-room' }],
  ['256 MiB are', recorded(''), START * 512 + 256 * MiB, { kind: 'make', start: START, sectors: (256 * MiB) / 512 }],
  [
    'what was begun and not finished is made again, where it was begun',
    recorded(p3(START + 8192, 2048, 'da')),
    32 * GiB,
    { kind: 'make', start: START + 8192, sectors: end(32 * GiB) - START - 8192 },
  ],
  [
    'what fills the card is used as it is',
    recorded(p3(START, end(32 * GiB) - START, '83')),
    32 * GiB,
    { kind: 'use', start: START, sectors: end(32 * GiB) - START },
  ],
  [
    'less than 16 MiB behind it is rounding',
    recorded(p3(START, end(32 * GiB) - START - end(15 * MiB), '83')),
    32 * GiB,
    { kind: 'use', start: START, sectors: end(32 * GiB) - START - end(15 * MiB) },
  ],
  [
    'on a larger card it grows',
    recorded(p3(START, end(16 * GiB) - START, '83')),
    64 * GiB,
    { kind: 'use', start: START, sectors: end(16 * GiB) - START, growTo: end(64 * GiB) - START },
  ],
  [
    'a fourth partition is where it ends',
    recorded(`${p3(START, end(GiB), '83')},\n${p4(START + end(2 * GiB), 2048)}`),
    64 * GiB,
    { kind: 'use', start: START, sectors: end(GiB), growTo: end(2 * GiB) },
  ],
  [
    'an MBR ends at 2 TiB',
    recorded(''),
    4096 * GiB,
    { kind: 'make', start: START, sectors: Math.floor((2 ** 32 - 1 - START) / 2048) * 2048 },
  ],
  [
    'a card that shrank keeps what it has',
    recorded(p3(START, end(64 * GiB), '83')),
    16 * GiB,
    { kind: 'use', start: START, sectors: end(64 * GiB) },
  ],
  [
    'somebody’s own partition is left alone',
    recorded(p3(START, end(GiB), '7')),
    64 * GiB,
    { kind: 'none', reason: 'unreadable' },
  ],
  [
    'what lies over root is neither checked nor made',
    recorded(p3(START - 8192, end(GiB), '83')),
    64 * GiB,
    { kind: 'none', reason: 'unreadable' },
  ],
  [
    'also when it was begun there',
    recorded(p3(8192, end(GiB), 'da')),
    64 * GiB,
    { kind: 'none', reason: 'unreadable' },
  ],
  ['another kind of table is not ours', recorded('', 'gpt'), 64 * GiB, { kind: 'none', reason: 'no-disk' }],
];

test.each(plans)('%s', (_, json, bytes, plan) => {
  const found = planData({ bytes, rootNumber: 2 }, parseTable(json)!);
  if (plan.kind === 'none') expect(found).toMatchObject(plan);
  else expect(found).toEqual(plan as DataPlan);
});

test('every plan to make begins on a boundary of 4 MiB behind root and ends on the card', () => {
  for (let rootSectors = 8_000_000; rootSectors < 8_100_000; rootSectors += 7919) {
    const table = parseTable(recorded('').replace('8388608', String(rootSectors)))!;
    const plan = planData({ bytes: 16 * GiB, rootNumber: 2 }, table);
    if (plan.kind !== 'make') throw new Error(`it is ${plan.kind}`);
    expect(plan.start % 8192).toBe(0);
    expect(plan.start).toBeGreaterThanOrEqual(1_064_960 + rootSectors);
    expect(plan.start + plan.sectors).toBeLessThanOrEqual(end(16 * GiB));
  }
});

test('a root that is not the second partition is not our layout', () => {
  expect(planData({ bytes: GiB, rootNumber: 1 }, parseTable(recorded(''))!)).toMatchObject({ reason: 'no-disk' });
});

test('every reason is a sentence for the owner, without the words of tools', () => {
  for (const [, json, bytes] of plans) {
    const plan = planData({ bytes, rootNumber: 2 }, parseTable(json)!);
    if (plan.kind === 'none') expect(plan.message).not.toMatch(/partition|sector|ext4|mount|MBR|GPT|!/i);
  }
});

test.each(['', 'null', '{}', '[]', '{"partitiontable":{"label":1}}', 'sfdisk: cannot open /dev/vda'])(
  'what sfdisk did not print is no table: %p',
  (text) => {
    expect(parseTable(text)).toBeUndefined();
  },
);
