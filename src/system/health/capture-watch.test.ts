import { expect, test } from 'bun:test';
import { type CaptureSign, CaptureWatch, provesCapture } from './capture-watch.ts';
import { proven } from './proof.ts';

const camera = (more: Partial<CaptureSign> = {}): CaptureSign => ({
  id: 'door',
  name: 'Front door',
  state: 'live',
  restarts: 0,
  packets: 0,
  ...more,
});

/** Looks every ten seconds; `at(turn)` is what the camera shows then. Answers the turns in which capture was not proven. */
function unprovenTurns(turns: number, at: (turn: number) => readonly CaptureSign[]): readonly number[] {
  const watch = new CaptureWatch();
  return Array.from({ length: turns }, (_, turn) => turn).filter((turn) => !watch.look(at(turn), turn * 10_000).ok);
}

test('a live camera proves itself by packets, however few', () => {
  expect(unprovenTurns(100, (turn) => [camera({ packets: turn })])).toEqual([]);
});

test('a live camera without packets proves nothing any more after twenty seconds, until one comes', () => {
  expect(unprovenTurns(8, (turn) => [camera({ packets: turn < 6 ? 5 : 6 })])).toEqual([2, 3, 4, 5]);
});

test('a camera that is unplugged for days is no reason to restart the box, as long as it is tried', () => {
  expect(unprovenTurns(1000, (turn) => [camera({ state: 'lost', restarts: Math.floor(turn / 6) })])).toEqual([]);
});

test('a lost camera that nobody tries to reach any more is', () => {
  expect(unprovenTurns(20, () => [camera({ state: 'lost', restarts: 7 })])).toEqual([18, 19]);
  expect(unprovenTurns(20, () => [camera({ state: 'starting' })])).toEqual([18, 19]);
});

test('a camera that is switched off, or no camera at all, is as it should be', () => {
  expect(unprovenTurns(100, () => [camera({ state: 'off' })])).toEqual([]);
  expect(unprovenTurns(100, () => [])).toEqual([]);
});

test('one camera that stands still among others is named', () => {
  const watch = new CaptureWatch();
  const look = (turn: number) => watch.look([camera(), camera({ id: 'yard', packets: turn })], turn * 10_000);
  look(0);
  expect(look(2)).toEqual({ ok: false, because: 'nothing came from Front door any more' });
});

test('a camera that was removed and added again starts anew', () => {
  const watch = new CaptureWatch();
  watch.look([camera()], 0);
  watch.look([], 60_000);
  expect(watch.look([camera()], 120_000)).toEqual(proven);
});

test('an update has to bring a picture, if there was one before it', () => {
  const lost = camera({ state: 'lost' });
  expect(provesCapture([lost, lost], 1).ok).toBe(false);
  expect(provesCapture([camera({ state: 'starting' })], 2).ok).toBe(false);
  expect(provesCapture([lost, camera()], 2).ok).toBe(true);
  expect(provesCapture([lost], 0).ok).toBe(true);
  expect(provesCapture([camera({ state: 'off' })], 1).ok).toBe(true);
  expect(provesCapture([], 1).ok).toBe(true);
});
