// Draws zones (only here counts) and masks (here does not) over the picture of a camera, by touch, mouse or keys, and says what
// each of them wants of its own. Every change can be taken back.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { MotionSettings, Point } from '../../src/http/api.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { AreaDetails } from './area-details.tsx';
import {
  type AreaKind,
  type Areas,
  areaAt,
  areaKinds,
  areaWord,
  type Chosen,
  type History,
  mostAreas,
  noHistory,
  remembered,
  withArea,
  withNewArea,
  withoutArea,
  withPoints,
} from './areas.ts';
import { minPoints, removePoint, startPolygon } from './zones.ts';
import { type Outline, ZonesDrawing } from './zones-drawing.tsx';

export function ZonesEditor({
  value,
  onChange,
  pictureUrl,
}: {
  /** The camera's own settings stand for what a zone does not say. */
  readonly value: Areas & Partial<MotionSettings>;
  readonly onChange: (areas: Areas) => void;
  readonly pictureUrl: string;
}) {
  const [chosen, setChosen] = useState<Chosen>();
  const [point, setPoint] = useState<number>();
  const [outline, setOutline] = useState<Outline>();
  const [history, setHistory] = useState<History>(noHistory);
  const ours = useRef<Areas | undefined>(undefined);
  const area = chosen && areaAt(value, chosen);
  // Not after the next paint, as effects would be: by then a quick hand has changed something again.
  useLayoutEffect(() => {
    if (chosen && !area) choose(undefined);
  }, [chosen, area]);
  useLayoutEffect(() => {
    // Saved and answered, or reset: the way back would lead to something else.
    if (ours.current && (ours.current.zones !== value.zones || ours.current.masks !== value.masks))
      setHistory(noHistory);
  }, [value.zones, value.masks]);

  const choose = (next: Chosen | undefined) => {
    setChosen(next);
    setPoint(undefined);
  };
  const tell = (areas: Areas) => {
    ours.current = areas;
    onChange(areas);
  };
  const change = (areas: Areas, stroke?: string) => {
    setHistory(remembered(history, { zones: value.zones, masks: value.masks }, stroke));
    tell(areas);
  };
  const add = (kind: AreaKind, points: readonly Point[]) => {
    setOutline(undefined);
    change(withNewArea(value, kind, points));
    choose({ kind, index: value[kind].length });
  };
  const undo = () => {
    if (outline && outline.points.length > 0) return setOutline({ ...outline, points: outline.points.slice(0, -1) });
    const before = history.steps.at(-1);
    if (!before) return;
    setHistory({ steps: history.steps.slice(0, -1), stroke: undefined });
    setPoint(undefined);
    tell(before);
  };
  const draw = (kind: AreaKind) => {
    choose(undefined);
    setOutline({ kind, points: [] });
  };
  const removeTouched = (index: number) => {
    if (!chosen || !area) return;
    change(withPoints(value, chosen, removePoint(area.points, index)));
    setPoint(undefined);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement && event.target.type === 'text') return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') undo();
    else if (event.key === 'Escape' && (outline || chosen)) {
      setOutline(undefined);
      choose(undefined);
    } else return;
    event.preventDefault();
  };
  const corners = outline?.points.length ?? 0;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of what is inside
    <div class="zones" onKeyDown={onKey}>
      <ZonesDrawing
        areas={value}
        pictureUrl={pictureUrl}
        chosen={chosen}
        onChoose={choose}
        point={point}
        onPoint={setPoint}
        outline={outline}
        onOutline={(points) => outline && setOutline({ ...outline, points })}
        onClose={() => outline && add(outline.kind, outline.points)}
        onPoints={(points, stroke) => chosen && change(withPoints(value, chosen, points), stroke)}
        onRemovePoint={removeTouched}
      />
      <p class="field-help zones-hint" role="status">
        {hint(outline, area !== undefined)}
      </p>
      <div class="actions zones-tools">
        {outline ? (
          <>
            <Button
              small
              kind="primary"
              icon="ok"
              disabled={corners < minPoints}
              onClick={() => add(outline.kind, outline.points)}
            >
              Done
            </Button>
            {corners === 0 ? (
              <Button small onClick={() => add(outline.kind, startPolygon(value[outline.kind].length))}>
                A rectangle instead
              </Button>
            ) : null}
            <Button small disabled={corners === 0} onClick={undo}>
              Step back
            </Button>
            <Button small kind="quiet" onClick={() => setOutline(undefined)}>
              Cancel
            </Button>
          </>
        ) : (
          <>
            {areaKinds.map((kind) => (
              <Button
                key={kind}
                small
                icon="plus"
                disabled={value[kind].length >= mostAreas}
                onClick={() => draw(kind)}
              >
                Add a {areaWord[kind].toLowerCase()}
              </Button>
            ))}
            {point !== undefined && area ? (
              <Button
                small
                icon="minus"
                disabled={area.points.length <= minPoints}
                onClick={() => removeTouched(point)}
              >
                Remove point {point + 1}
              </Button>
            ) : null}
            {history.steps.length > 0 ? (
              <Button small onClick={undo}>
                Step back
              </Button>
            ) : null}
          </>
        )}
      </div>
      <ul class="zones-list">
        {areaKinds.flatMap((kind) =>
          value[kind].map((each, index) => {
            const own: Chosen = { kind, index };
            const isChosen = chosen?.kind === kind && chosen.index === index;
            return (
              <li key={`${kind}${index}`} class={isChosen ? 'zones-chosen' : ''}>
                <div class="zones-row">
                  <span class={`swatch swatch-${kind}`} aria-hidden="true" />
                  <input
                    type="text"
                    aria-label={`Name of ${areaWord[kind].toLowerCase()} ${index + 1}`}
                    value={each.name}
                    maxLength={60}
                    onFocus={() => !isChosen && choose(own)}
                    onInput={(event) =>
                      change(
                        withArea(value, own, { ...each, name: event.currentTarget.value }),
                        `name ${kind} ${index}`,
                      )
                    }
                  />
                  <IconButton
                    icon="settings"
                    label={`${isChosen ? 'Hide' : 'Show'} what ${each.name} wants`}
                    pressed={isChosen}
                    onClick={() => choose(isChosen ? undefined : own)}
                  />
                  <IconButton
                    icon="trash"
                    label={`Delete ${each.name}`}
                    onClick={() => {
                      choose(undefined);
                      change(withoutArea(value, own));
                    }}
                  />
                </div>
                {isChosen ? (
                  <AreaDetails
                    kind={kind}
                    area={each}
                    camera={value}
                    onChange={(next, stroke) => change(withArea(value, own, next), `${stroke} ${kind} ${index}`)}
                  />
                ) : null}
              </li>
            );
          }),
        )}
      </ul>
    </div>
  );
}

function hint(outline: Outline | undefined, isChosen: boolean): string {
  if (outline) {
    const left = minPoints - outline.points.length;
    if (outline.points.length === 0) return 'Tap the corners on the picture, one after another.';
    return left > 0
      ? `${left} more ${left === 1 ? 'corner' : 'corners'} at least.`
      : 'Tap the first corner again to close it, or add more.';
  }
  return isChosen
    ? 'Drag points to move them, the small dots between to add one, the inside to move all of it.'
    : 'Only motion inside a zone counts; without zones the whole picture does. Motion inside a mask does not.';
}
