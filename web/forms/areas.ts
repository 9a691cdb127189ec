// Zones and masks of one camera as they are edited: adding, changing and removing one of them, and the way back. Pure.

import type { MotionSettings, Point } from '../../src/http/api.ts';

export type Areas = Pick<MotionSettings, 'zones' | 'masks'>;
export type AreaKind = keyof Areas;
export type Area = Areas['zones'][number];
export type LimitName = keyof NonNullable<Area['limits']>;
export interface Chosen {
  readonly kind: AreaKind;
  readonly index: number;
}

export const areaKinds: readonly AreaKind[] = ['zones', 'masks'];
export const areaWord: Readonly<Record<AreaKind, string>> = { zones: 'Zone', masks: 'Mask' };
/** As the settings have it. */
export const mostAreas = 16;

export const areaAt = (areas: Areas, { kind, index }: Chosen): Area | undefined => areas[kind][index];

const withList = ({ zones, masks }: Areas, kind: AreaKind, list: readonly Area[]): Areas => ({
  zones,
  masks,
  [kind]: list,
});

export const withArea = (areas: Areas, { kind, index }: Chosen, area: Area): Areas =>
  withList(
    areas,
    kind,
    areas[kind].map((old, i) => (i === index ? area : old)),
  );

export const withPoints = (areas: Areas, chosen: Chosen, points: readonly Point[]): Areas => {
  const area = areaAt(areas, chosen);
  return area ? withArea(areas, chosen, { ...area, points: [...points] }) : areas;
};

export const withoutArea = (areas: Areas, { kind, index }: Chosen): Areas =>
  withList(
    areas,
    kind,
    areas[kind].filter((_, i) => i !== index),
  );

/** A new one, with a name that none of its kind has. */
export function withNewArea(areas: Areas, kind: AreaKind, points: readonly Point[]): Areas {
  const names = new Set(areas[kind].map((area) => area.name));
  let number = areas[kind].length + 1;
  while (names.has(`${areaWord[kind]} ${number}`)) number++;
  return withList(areas, kind, [...areas[kind], { name: `${areaWord[kind]} ${number}`, points: [...points] }]);
}

/** Its own sensitivity; undefined: none of its own. */
export function withSensitivity(area: Area, sensitivity: number | undefined): Area {
  const { sensitivity: _, ...rest } = area;
  return sensitivity === undefined ? rest : { ...rest, sensitivity };
}

/** One of its own limits; undefined: as for the camera. What is typed is kept as it is, the box says what is wrong with it. */
export function withLimit(area: Area, name: LimitName, value: unknown): Area {
  const { limits: { [name]: _, ...others } = {}, ...rest } = area;
  const limits = value === undefined ? others : { ...others, [name]: value };
  return Object.keys(limits).length === 0 ? rest : { ...rest, limits };
}

const MOST_STEPS = 100;

/** What was before, newest last. Changes of the same `stroke` (one drag, one name being typed) are one step back. */
export interface History {
  readonly steps: readonly Areas[];
  readonly stroke: string | undefined;
}
export const noHistory: History = { steps: [], stroke: undefined };

export const remembered = ({ steps, stroke }: History, before: Areas, next: string | undefined): History =>
  next !== undefined && next === stroke
    ? { steps, stroke }
    : { steps: [...steps, before].slice(-MOST_STEPS), stroke: next };
