// The picture with zones and masks over it, and the hand on them: mouse, finger or keys. Says what was done; what becomes of it
// is decided in zones-editor.tsx.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Point } from '../../src/http/api.ts';
import { type AreaKind, type Areas, areaAt, areaKinds, type Chosen } from './areas.ts';
import { useFreshPicture } from './fresh-picture.ts';
import { asPoint, type Grip, gripAt, insertAfter, isInside, middleAfter, moveAll, movePoint } from './zones.ts';

/** Pixels around a point that belong to it: a finger is 40 pixels wide, whatever is drawn. */
const REACH = 22;
const SEEN = 8;

/** An outline that is not closed yet. */
export interface Outline {
  readonly kind: AreaKind;
  readonly points: readonly Point[];
}

export interface ZonesDrawingProps {
  readonly areas: Areas;
  readonly pictureUrl: string;
  readonly chosen: Chosen | undefined;
  readonly onChoose: (chosen: Chosen | undefined) => void;
  /** The point of the chosen one that was touched last. */
  readonly point: number | undefined;
  readonly onPoint: (index: number | undefined) => void;
  readonly outline: Outline | undefined;
  readonly onOutline: (points: readonly Point[]) => void;
  /** The first corner was tapped again. */
  readonly onClose: () => void;
  /** All calls of one drag name the same stroke. */
  readonly onPoints: (points: readonly Point[], stroke?: string) => void;
  readonly onRemovePoint: (index: number) => void;
}

interface Hold {
  readonly grip: Grip;
  readonly from: Point;
  readonly points: readonly Point[];
  readonly stroke: string;
}

let strokes = 0;

export function ZonesDrawing(props: ZonesDrawingProps) {
  const { areas, chosen, outline, point } = props;
  const picture = useFreshPicture(props.pictureUrl);
  const svg = useRef<SVGSVGElement>(null);
  const hold = useRef<Hold | undefined>(undefined);
  const [size, setSize] = useState({ width: 640, height: 360 });
  const [cursor, setCursor] = useState<Point>({ x: 0.5, y: 0.5 });
  const polygon = chosen ? areaAt(areas, chosen) : undefined;
  const { width, height } = size;
  const shape = picture.shape ?? { width: 16, height: 9 };

  useEffect(() => {
    const element = svg.current;
    if (!element) return;
    const watch = new ResizeObserver(() =>
      setSize({ width: element.clientWidth || 1, height: element.clientHeight || 1 }),
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const at = (event: PointerEvent): Point => {
    const box = svg.current!.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };
  const inReach = (a: Point, b: Point) => Math.hypot((a.x - b.x) * width, (a.y - b.y) * height) <= REACH;
  /** Another corner of the outline, or its end when it is the first one again. */
  const setCorner = (to: Point) => {
    const points = outline?.points ?? [];
    if (points.length >= 3 && inReach(points[0]!, to)) return props.onClose();
    props.onOutline([...points, asPoint(to.x, to.y)]);
  };
  const onDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const from = at(event);
    if (outline) return setCorner(from);
    const grip = polygon && gripAt(polygon.points, from, size, REACH);
    if (!polygon || !grip) return props.onChoose(areaUnder(areas, from, chosen));
    svg.current?.setPointerCapture(event.pointerId);
    const stroke = `drag ${++strokes}`;
    const index = grip.kind === 'middle' ? grip.index + 1 : grip.kind === 'point' ? grip.index : undefined;
    const points = grip.kind === 'middle' ? insertAfter(polygon.points, grip.index, from) : polygon.points;
    hold.current = { grip: index === undefined ? grip : { kind: 'point', index }, from, points, stroke };
    props.onPoint(index);
    if (grip.kind === 'middle') props.onPoints(points, stroke);
  };
  const onMove = (event: PointerEvent) => {
    if (!hold.current) return;
    const { grip, from, points, stroke } = hold.current;
    const to = at(event);
    if (Math.hypot((to.x - from.x) * width, (to.y - from.y) * height) < 2) return;
    props.onPoints(
      grip.kind === 'point' ? movePoint(points, grip.index, to) : moveAll(points, to.x - from.x, to.y - from.y),
      stroke,
    );
  };
  const release = () => {
    hold.current = undefined;
  };
  const onPointKey = (event: KeyboardEvent, index: number) => {
    if (!polygon) return;
    const { points } = polygon;
    const move = moveOf(event);
    if (move)
      props.onPoints(
        movePoint(points, index, { x: points[index]!.x + move.x, y: points[index]!.y + move.y }),
        `key ${index}`,
      );
    else if (event.key === 'Delete' || event.key === 'Backspace') props.onRemovePoint(index);
    else if (event.key === '+' || event.key === 'Insert')
      props.onPoints(insertAfter(points, index, middleAfter(points, index)));
    else return;
    event.preventDefault();
  };
  const onCursorKey = (event: KeyboardEvent) => {
    const move = moveOf(event);
    if (move) setCursor((old) => asPoint(old.x + move.x, old.y + move.y));
    else if (event.key === 'Enter' || event.key === ' ') setCorner(cursor);
    else return;
    event.preventDefault();
  };
  const place = (points: readonly Point[]) => points.map((p) => `${p.x * width},${p.y * height}`).join(' ');
  const active = outline !== undefined || polygon !== undefined;
  return (
    <div
      class={`zones-picture${active ? ' zones-active' : ''}`}
      style={{ aspectRatio: `${shape.width} / ${shape.height}` }}
    >
      {picture.url ? <img src={picture.url} alt="What the camera sees" /> : null}
      {picture.missing ? <p class="zones-nothing">No picture at the moment. You can draw all the same.</p> : null}
      {/* biome-ignore lint/a11y/useSemanticElements: there is no fieldset inside a drawing */}
      <svg
        ref={svg}
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="group"
        aria-label="Zones and masks"
        class={outline ? 'zones-aiming' : ''}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={release}
        onPointerCancel={release}
      >
        {areaKinds.map((kind) =>
          areas[kind].map((area, index) => {
            const isChosen = chosen?.kind === kind && chosen.index === index;
            const [x, y] = middleOf(area.points);
            return (
              <g key={`${kind}${index}`} class={isChosen ? 'area-chosen' : ''}>
                <polygon points={place(area.points)} class={`area area-${kind}`} />
                {isChosen ? null : (
                  <text class="area-name" x={x * width} y={y * height}>
                    {area.name}
                  </text>
                )}
              </g>
            );
          }),
        )}
        {outline ? <polyline points={place(outline.points)} class={`area area-${outline.kind} area-open`} /> : null}
        {outline?.points.map((p, index) => (
          <g key={index} class={`area-point${index === 0 && outline.points.length >= 3 ? ' area-first' : ''}`}>
            <circle cx={p.x * width} cy={p.y * height} r={SEEN} />
          </g>
        ))}
        {/* In a drawing the name of the attribute is written small: tabIndex would be another one. */}
        {outline ? (
          // biome-ignore lint/a11y/useSemanticElements: there is no button inside a drawing
          <g
            class="area-cursor"
            tabindex={0}
            role="button"
            aria-label="Cursor. Arrow keys move it, Enter sets a corner, Enter on the first corner closes the outline"
            onKeyDown={onCursorKey}
          >
            <path
              d={`M${cursor.x * width - 16} ${cursor.y * height}h32M${cursor.x * width} ${cursor.y * height - 16}v32`}
            />
          </g>
        ) : null}
        {!outline && polygon && polygon.points.length < 64
          ? polygon.points.map((_, index) => {
              const middle = middleAfter(polygon.points, index);
              return (
                <circle key={`m${index}`} class="area-middle" cx={middle.x * width} cy={middle.y * height} r={5} />
              );
            })
          : null}
        {outline
          ? null
          : polygon?.points.map((p, index) => (
              // biome-ignore lint/a11y/useSemanticElements: there is no button inside a drawing
              <g
                key={index}
                class={`area-point${index === point ? ' area-touched' : ''}`}
                tabindex={0}
                role="button"
                aria-label={`Point ${index + 1}. Arrow keys move it, plus adds one behind it, Delete removes it`}
                onFocus={() => props.onPoint(index)}
                onKeyDown={(event) => onPointKey(event, index)}
              >
                <circle class="area-reach" cx={p.x * width} cy={p.y * height} r={REACH} />
                <circle cx={p.x * width} cy={p.y * height} r={SEEN} />
              </g>
            ))}
      </svg>
    </div>
  );
}

/** The topmost one under a finger; the chosen one only when there is no other, so that one below it can be reached. */
function areaUnder(areas: Areas, at: Point, chosen: Chosen | undefined): Chosen | undefined {
  const under = areaKinds
    .flatMap((kind) => areas[kind].map((area, index) => ({ kind, index, area })))
    .filter(({ area }) => isInside(area.points, at))
    .toReversed();
  const other = under.find(({ kind, index }) => kind !== chosen?.kind || index !== chosen.index);
  return other && { kind: other.kind, index: other.index };
}

function middleOf(points: readonly Point[]): readonly [x: number, y: number] {
  const middle = (all: readonly number[]) => (Math.min(...all) + Math.max(...all)) / 2;
  return [middle(points.map((p) => p.x)), middle(points.map((p) => p.y))];
}

function moveOf({ key, shiftKey }: KeyboardEvent): Point | undefined {
  const step = shiftKey ? 0.05 : 0.01;
  switch (key) {
    case 'ArrowLeft':
      return { x: -step, y: 0 };
    case 'ArrowRight':
      return { x: step, y: 0 };
    case 'ArrowUp':
      return { x: 0, y: -step };
    case 'ArrowDown':
      return { x: 0, y: step };
    default:
      return undefined;
  }
}
