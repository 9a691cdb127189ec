// Draws zones (only here counts) and masks (never counts) over a picture of the camera, by touch, mouse or keyboard.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { MotionSettings, Point } from '../../src/http/api.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { asPoint, insertPoint, movePoint, removePoint, startPolygon } from './zones.ts';

type Areas = Pick<MotionSettings, 'zones' | 'masks'>;
type Kind = keyof Areas;
interface Chosen {
  readonly kind: Kind;
  readonly index: number;
}
const kindWord: Readonly<Record<Kind, string>> = { zones: 'Zone', masks: 'Mask' };

export function ZonesEditor({
  value,
  onChange,
  pictureUrl,
}: {
  readonly value: Areas;
  readonly onChange: (areas: Areas) => void;
  readonly pictureUrl: string;
}) {
  const [chosen, setChosen] = useState<Chosen>();
  const [shape, setShape] = useState({ width: 16, height: 9 });
  const [noPicture, setNoPicture] = useState(false);
  const svg = useRef<SVGSVGElement>(null);
  const dragging = useRef<number | undefined>(undefined);
  const polygon = chosen ? value[chosen.kind][chosen.index] : undefined;
  useEffect(() => {
    if (chosen && !polygon) setChosen(undefined);
  }, [chosen, polygon]);

  const setPoints = (points: readonly Point[]) => {
    if (!chosen) return;
    onChange({
      ...value,
      [chosen.kind]: value[chosen.kind].map((p, i) => (i === chosen.index ? { ...p, points: [...points] } : p)),
    });
  };
  const at = (event: PointerEvent): Point => {
    const box = svg.current!.getBoundingClientRect();
    return asPoint((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  const add = (kind: Kind) => {
    const index = value[kind].length;
    onChange({
      ...value,
      [kind]: [...value[kind], { name: `${kindWord[kind]} ${index + 1}`, points: [...startPolygon(index)] }],
    });
    setChosen({ kind, index });
  };
  const onPointKey = (event: KeyboardEvent, index: number) => {
    if (!polygon) return;
    const point = polygon.points[index]!;
    const step = event.shiftKey ? 0.05 : 0.01;
    const moves: Record<string, readonly [number, number]> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const move = moves[event.key];
    if (move) setPoints(movePoint(polygon.points, index, { x: point.x + move[0], y: point.y + move[1] }));
    else if (event.key === 'Delete' || event.key === 'Backspace') setPoints(removePoint(polygon.points, index));
    else return;
    event.preventDefault();
  };
  const [w, h] = [1000, (1000 * shape.height) / shape.width];
  const outline = (points: readonly Point[]) => points.map((p) => `${p.x * w},${p.y * h}`).join(' ');
  const kinds: readonly Kind[] = ['zones', 'masks'];
  return (
    <div class="zones">
      <div class="zones-picture" style={{ aspectRatio: `${shape.width} / ${shape.height}` }}>
        {noPicture ? (
          <p class="zones-nothing">No picture at the moment. You can draw all the same.</p>
        ) : (
          <img
            src={pictureUrl}
            alt="What the camera sees"
            onLoad={(event) =>
              setShape({ width: event.currentTarget.naturalWidth, height: event.currentTarget.naturalHeight })
            }
            onError={() => setNoPicture(true)}
          />
        )}
        {/* biome-ignore lint/a11y/useSemanticElements: there is no fieldset inside a drawing */}
        <svg
          ref={svg}
          viewBox={`0 0 ${w} ${h}`}
          preserveAspectRatio="none"
          role="group"
          aria-label="Zones and masks"
          onPointerDown={(event) => {
            if (!polygon || event.button !== 0) return;
            setPoints(insertPoint(polygon.points, at(event)));
          }}
          onPointerMove={(event) => {
            if (dragging.current !== undefined && polygon)
              setPoints(movePoint(polygon.points, dragging.current, at(event)));
          }}
          onPointerUp={() => {
            dragging.current = undefined;
          }}
          onPointerCancel={() => {
            dragging.current = undefined;
          }}
        >
          {kinds.map((kind) =>
            value[kind].map((area, index) => (
              <polygon
                key={`${kind}${index}`}
                points={outline(area.points)}
                class={`area area-${kind}${chosen?.kind === kind && chosen.index === index ? ' area-chosen' : ''}`}
                onPointerDown={(event) => {
                  if (chosen?.kind === kind && chosen.index === index) return;
                  event.stopPropagation();
                  setChosen({ kind, index });
                }}
              />
            )),
          )}
          {polygon?.points.map((point, index) => (
            // biome-ignore lint/a11y/useSemanticElements: there is no button inside a drawing
            <circle
              key={index}
              class="area-point"
              cx={point.x * w}
              cy={point.y * h}
              r={13}
              tabIndex={0}
              role="button"
              aria-label={`Point ${index + 1}. Arrow keys move it, Delete removes it`}
              onKeyDown={(event) => onPointKey(event, index)}
              onPointerDown={(event) => {
                event.stopPropagation();
                dragging.current = index;
                event.currentTarget.setPointerCapture(event.pointerId);
              }}
              onDblClick={() => setPoints(removePoint(polygon.points, index))}
            />
          ))}
        </svg>
      </div>
      <p class="field-help">
        {polygon
          ? 'Tap the picture to add a point, drag points to move them, tap one twice to remove it.'
          : 'Only motion inside a zone counts; without zones the whole picture does. Motion inside a mask never counts.'}
      </p>
      <ul class="zones-list">
        {kinds.flatMap((kind) =>
          value[kind].map((area, index) => {
            const isChosen = chosen?.kind === kind && chosen.index === index;
            return (
              <li key={`${kind}${index}`} class={isChosen ? 'zones-chosen' : ''}>
                <span class={`swatch swatch-${kind}`} aria-hidden="true" />
                <input
                  type="text"
                  aria-label={`Name of ${kindWord[kind].toLowerCase()} ${index + 1}`}
                  value={area.name}
                  maxLength={60}
                  onFocus={() => setChosen({ kind, index })}
                  onInput={(event) =>
                    onChange({
                      ...value,
                      [kind]: value[kind].map((a, i) => (i === index ? { ...a, name: event.currentTarget.value } : a)),
                    })
                  }
                />
                <IconButton
                  icon="trash"
                  label={`Delete ${area.name}`}
                  onClick={() => onChange({ ...value, [kind]: value[kind].filter((_, i) => i !== index) })}
                />
              </li>
            );
          }),
        )}
      </ul>
      <div class="actions">
        <Button small icon="plus" onClick={() => add('zones')}>
          Add a zone
        </Button>
        <Button small icon="plus" onClick={() => add('masks')}>
          Add a mask
        </Button>
      </div>
    </div>
  );
}
