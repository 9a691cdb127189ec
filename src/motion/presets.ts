// Settings for three kinds of place, to begin with: only what differs by its nature from place to place, each with its reason. All
// name the same settings, so that one after the other leaves nothing behind. What they mean in numbers is measured by
// `make bench-motion`.

import type { MotionParams } from './params.ts';

type PresetParams = Pick<MotionParams, 'sensitivity' | 'smallestAreaPercent' | 'smallestDurationMs' | 'mergeGapS'>;

export interface MotionPreset {
  readonly name: string;
  /** For the owner, under its button. */
  readonly line: string;
  readonly params: PresetParams;
}

export type PresetName = 'indoor' | 'outdoor' | 'night';

export const motionPresets: Readonly<Record<PresetName, MotionPreset>> = {
  indoor: {
    name: 'Indoor',
    line: 'Things are near and large. Who sits still for a while stays one visit.',
    params: {
      // As by default: lamps and screens are bright, but so are the people among them.
      sensitivity: 50,
      // Three metres away somebody fills some percent of the picture, a cat one; what is smaller is a fly, a curtain, a reflection.
      smallestAreaPercent: 0.3,
      // As by default: who crosses a doorway is gone within a second.
      smallestDurationMs: 400,
      // People indoors sit, read and wait. A short gap would make a visit of every page that is turned.
      mergeGapS: 15,
    },
  },
  outdoor: {
    name: 'Outdoor',
    line: 'Small and far things count. What is over within a second, such as leaves and insects, does not.',
    params: {
      sensitivity: 50,
      // As by default: a walker thirty metres away.
      smallestAreaPercent: 0.05,
      // Gusts, drops, birds and insects before the lens are gone within a second; a walker takes several to cross the picture.
      smallestDurationMs: 1000,
      // Who walks behind a car or a tree comes out again some seconds later.
      mergeGapS: 8,
    },
  },
  night: {
    name: 'Night',
    line: 'Faint things in the dark count. Insects at the infra-red lamp mostly do not.',
    params: {
      // Asks for three quarters of the contrast: what a dark coat reflects beyond the lamp's reach is little more than noise. Noise
      // itself is measured, and asked for several times over, whatever the sensitivity.
      sensitivity: 60,
      smallestAreaPercent: 0.05,
      // Insects cross the light of the lamp in half a second and are bright. Nobody runs through the picture as fast.
      smallestDurationMs: 800,
      // Who leaves the cone of the lamp is dark for some seconds, and still there.
      mergeGapS: 8,
    },
  },
};

export const isPresetName = (text: string): text is PresetName => Object.hasOwn(motionPresets, text);

/** The preset that these settings are, whatever else they say; undefined when they are of their owner's own. */
export const presetOf = (params: PresetParams): PresetName | undefined =>
  (Object.keys(motionPresets) as PresetName[]).find((name) =>
    Object.entries(motionPresets[name].params).every(([key, value]) => params[key as keyof PresetParams] === value),
  );
