import { expect, test } from 'bun:test';
import { sampleHeader } from '../vault/fixture-file.ts';
import type { SealedHeader } from '../vault/head.ts';
import { camerasOf, chooseFiles, dated, type Listed } from './clip-choice.ts';

const T0 = Date.UTC(2026, 10, 21, 18);

const file = (sequence: number | undefined, fromS: number, toS: number, over: Partial<SealedHeader> = {}): Listed => ({
  name: over.fileId ?? `f${sequence}`,
  header: sampleHeader({
    ...{ fileId: `f${sequence}`, startMs: T0 + fromS * 1000, startSinceBootMs: 50_000 + fromS * 1000 },
    ...over,
  }),
  durationMs: (toS - fromS) * 1000,
  ...(sequence === undefined ? {} : { sequence }),
});

const names = (files: readonly Listed[], fromS: number, toS: number, cameraId = 'cam1') => {
  const choice = chooseFiles(dated(files), {
    cameraId,
    stream: 'main',
    fromMs: T0 + fromS * 1000,
    toMs: T0 + toS * 1000,
  });
  return [choice.before?.file.name, choice.chosen.map((one) => one.file.name).join(' '), choice.after?.file.name];
};

const row = [file(3, 120, 180), file(1, 0, 60), file(2, 60, 120), file(4, 180, 240)];

test.each([
  [60, 120, ['f1', 'f2', 'f3']],
  [90, 121, ['f1', 'f2 f3', 'f4']],
  [0, 1000, [undefined, 'f1 f2 f3 f4', undefined]],
  [239.9, 300, ['f3', 'f4', undefined]],
  [240, 300, [undefined, '', undefined]],
])('from %d to %d s: what overlaps it, in order, and the files next to it', (fromS, toS, expected) => {
  expect(names(row, fromS, toS)).toEqual(expected as never);
});

test('other cameras, the other stream and pictures are not in it', () => {
  const others = [
    file(1, 0, 60, { cameraId: 'yard' }),
    file(1, 0, 60, { stream: 'sub' }),
    file(0, 0, 60, { kind: 'still', fileId: 'still' }),
  ];
  expect(names([...row, ...others], 0, 60)[1]).toBe('f1');
  expect(camerasOf([...row, ...others])).toEqual(['cam1', 'yard']);
});

test('a file that is there twice is taken once, the signed one first', () => {
  const copy = { ...file(undefined, 60, 119, { fileId: 'f2' }), name: 'copy' };
  expect(names([copy, ...row], 60, 119)[1]).toBe('f2');
  expect(names([...row, copy], 60, 119)[1]).toBe('f2');
});

test('where the clock stepped back, files stay in the order in which the box counted them', () => {
  const stepped = [file(1, 0, 60), file(2, 60, 120), file(3, 30, 90, { fileId: 'f3' })];
  expect(names(stepped, 0, 200)[1]).toBe('f1 f2 f3');
});

test('a torn file has no number, and is chosen by its time', () => {
  expect(names([...row, file(undefined, 240, 250, { fileId: 'torn' })], 200, 300)).toEqual([
    'f3',
    'f4 torn',
    undefined,
  ]);
});

test('what was recorded before the time was known is dated by another file of the same boot, or told to be a guess', () => {
  const early = file(1, 0, 60, { startMs: Date.UTC(2020, 0, 1), wallSynchronised: false });
  const later = file(2, 60, 120, { wallSynchronised: true });
  const [one] = dated([early], (header) => header, [early, later]);
  expect([one!.startMs, one!.dating]).toEqual([T0, 'afterwards']);
  expect(dated([early])[0]).toMatchObject({ startMs: Date.UTC(2020, 0, 1), dating: 'guess' });
  const otherBoot = { ...later, header: { ...later.header, bootId: 'boot2' } };
  expect(dated([early], undefined, [early, otherBoot])[0]!.dating).toBe('guess');
});

test('what the box has noted of its boots counts most', () => {
  const early = file(1, 0, 60, { startMs: Date.UTC(2020, 0, 1), wallSynchronised: false });
  expect(dated([early], () => ({ startMs: T0 + 5, wallSynchronised: true }))[0]).toMatchObject({
    startMs: T0 + 5,
    dating: 'afterwards',
  });
  const slewed = file(2, 0, 60, { wallSynchronised: true });
  expect(dated([slewed], () => ({ startMs: T0 + 90, wallSynchronised: true }))[0]!.dating).toBe('known');
});
