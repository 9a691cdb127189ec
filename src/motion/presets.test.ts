import { expect, test } from 'bun:test';
import { motionSettings } from '../config/camera.ts';
import { defaultMotionParams } from './params.ts';
import { isPresetName, motionPresets, presetOf } from './presets.ts';

test('the settings’ defaults and the detector’s are the same', () => {
  const { schedule, confirm, lowPower, ...params } = motionSettings.parse({});
  expect([schedule, confirm, lowPower]).toEqual([[], true, false]);
  expect(params).toEqual(defaultMotionParams as never);
});

test('every preset can be saved, and differs from the default and from the others', () => {
  const all = [defaultMotionParams, ...Object.values(motionPresets).map(({ params }) => params)];
  for (const params of all.slice(1)) expect(motionSettings.safeParse(params).success).toBe(true);
  const said = all.map((p) => [p.sensitivity, p.smallestAreaPercent, p.smallestDurationMs, p.mergeGapS].join());
  expect(new Set(said).size).toBe(4);
});

test('one preset after the other leaves nothing of the first behind', () => {
  const names = Object.values(motionPresets).map(({ params }) => Object.keys(params).sort());
  expect(names).toEqual([names[0]!, names[0]!, names[0]!]);
});

test('presets are what their places ask for: larger things indoors, longer ones outdoors, fainter ones at night', () => {
  const { indoor, outdoor, night } = motionPresets;
  expect(indoor.params.smallestAreaPercent).toBeGreaterThan(defaultMotionParams.smallestAreaPercent);
  expect(outdoor.params.smallestDurationMs).toBeGreaterThan(defaultMotionParams.smallestDurationMs);
  expect(night.params.sensitivity).toBeGreaterThan(defaultMotionParams.sensitivity);
});

test('settings know which preset they are', () => {
  expect(presetOf({ ...defaultMotionParams, ...motionPresets.night.params })).toBe('night');
  expect(presetOf({ ...defaultMotionParams, ...motionPresets.night.params, mergeGapS: 9 })).toBeUndefined();
  expect(presetOf(defaultMotionParams)).toBeUndefined();
  expect([isPresetName('indoor'), isPresetName('toString')]).toEqual([true, false]);
});
