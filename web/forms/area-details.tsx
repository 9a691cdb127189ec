// What one zone or mask wants of its own: its sensitivity, and for a zone what a thing in it must be like. What it does not say is
// as for the camera.

import { useId } from 'preact/hooks';
import type { MotionSettings } from '../../src/http/api.ts';
import { type Area, type AreaKind, type LimitName, withLimit, withSensitivity } from './areas.ts';
import { NumberInput } from './inputs.tsx';
import { motionMoreGroups } from './layouts.ts';

const limitFields = motionMoreGroups.find((group) => group.pairs)?.fields ?? [];
/** What a mask asks for when it is first told to let something through: only what stands out a lot. */
const MASK_START = 20;

export function AreaDetails({
  kind,
  area,
  camera,
  onChange,
}: {
  readonly kind: AreaKind;
  readonly area: Area;
  readonly camera: Partial<MotionSettings>;
  /** Changes of one slider or field name the same stroke. */
  readonly onChange: (area: Area, stroke: string) => void;
}) {
  const id = useId();
  const isMask = kind === 'masks';
  const own = area.sensitivity;
  const cameras = camera.sensitivity ?? 50;
  return (
    <div class="area-details">
      <div class="field field-toggle">
        <input
          id={`${id}-own`}
          type="checkbox"
          role="switch"
          checked={own !== undefined}
          aria-checked={own !== undefined}
          onChange={(event) =>
            onChange(
              withSensitivity(area, event.currentTarget.checked ? (isMask ? MASK_START : cameras) : undefined),
              'own sensitivity',
            )
          }
        />
        <label for={`${id}-own`}>{isMask ? 'Let strong motion count' : 'Own sensitivity'}</label>
        {own === undefined ? (
          <p class="field-help">{isMask ? 'Nothing counts here.' : `As for the camera: ${cameras}.`}</p>
        ) : null}
      </div>
      {own === undefined ? null : (
        <div class="field">
          <label for={`${id}-sensitivity`}>
            Sensitivity {isMask ? 'under' : 'in'} {area.name}
          </label>
          <div class="slider">
            <input
              id={`${id}-sensitivity`}
              type="range"
              min={1}
              max={100}
              value={own}
              onInput={(event) => onChange(withSensitivity(area, event.currentTarget.valueAsNumber), 'sensitivity')}
            />
            <output for={`${id}-sensitivity`} class="numbers">
              {own}
            </output>
            <span class="slider-ends" aria-hidden="true">
              <span>Little</span>
              <span>Much</span>
            </span>
          </div>
        </div>
      )}
      {isMask ? null : <ZoneLimits area={area} camera={camera} onChange={onChange} />}
    </div>
  );
}

function ZoneLimits({
  area,
  camera,
  onChange,
}: {
  readonly area: Area;
  readonly camera: Partial<MotionSettings>;
  readonly onChange: (area: Area, stroke: string) => void;
}) {
  const id = useId();
  const named = Object.keys(area.limits ?? {}).length;
  return (
    <details class="fold">
      <summary>Own limits{named > 0 ? ` (${named})` : ''}</summary>
      <p id={`${id}-empty`} class="field-help area-limits-help">
        Empty: as for the camera.
      </p>
      <div class="field-pairs">
        {limitFields.map(({ path, label, unit }) => {
          const name = path.split('.').at(-1) as LimitName;
          const typed: unknown = area.limits?.[name];
          return (
            <div key={name} class="field">
              <label for={`${id}-${name}`}>{label}</label>
              <div class="field-row">
                <NumberInput
                  id={`${id}-${name}`}
                  disabled={false}
                  aria-invalid={typeof typed === 'string'}
                  aria-describedby={`${id}-empty`}
                  value={typed}
                  placeholder={String(camera[name] ?? '')}
                  onChange={(wanted) =>
                    onChange(withLimit(area, name, wanted === '' ? undefined : wanted), `limit ${name}`)
                  }
                />
                {unit === '%' ? <span class="unit">%</span> : null}
              </div>
            </div>
          );
        })}
      </div>
    </details>
  );
}
