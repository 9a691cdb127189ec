// Where one is in a recording or a day, where something moved, what is missing, and what time it was there.

import { useMemo, useRef, useState } from 'preact/hooks';
import { clockTime } from '../words.ts';
import type { Lost } from './load-plan.ts';
import { breaksOf, type Mark, type Timeline, wallAt } from './timeline.ts';

const percent = (share: number) => `${(Math.min(1, Math.max(0, share)) * 100).toFixed(3)}%`;

export function SeekBar({
  timeline,
  marks,
  lost,
  atS,
  onSeek,
  onDrag,
}: {
  readonly timeline: Timeline;
  readonly marks: readonly Mark[];
  readonly lost: readonly Lost[];
  readonly atS: number;
  readonly onSeek: (toS: number) => void;
  readonly onDrag: (toS: number, phase: 'begin' | 'move' | 'end') => void;
}) {
  const bar = useRef<HTMLDivElement>(null);
  const [hoverS, setHoverS] = useState<number>();
  const total = Math.max(0.001, timeline.totalS);
  const breaks = useMemo(() => breaksOf(timeline), [timeline]);
  const secondsOf = (event: PointerEvent) => {
    const box = bar.current!.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * total;
  };
  const onKey = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: -5,
      ArrowDown: -5,
      ArrowRight: 5,
      ArrowUp: 5,
      PageDown: -30,
      PageUp: 30,
    };
    const step = steps[event.key];
    if (step !== undefined) onSeek(atS + step);
    else if (event.key === 'Home') onSeek(0);
    else if (event.key === 'End') onSeek(total);
    else return;
    event.preventDefault();
  };
  const wall = wallAt(timeline, atS);
  return (
    <div class="seek">
      <div
        ref={bar}
        class="seek-bar"
        role="slider"
        tabIndex={0}
        aria-label="Place in the recording"
        aria-valuemin={0}
        aria-valuemax={Math.round(total)}
        aria-valuenow={Math.round(atS)}
        aria-valuetext={wall === undefined ? '' : clockTime(wall)}
        onKeyDown={onKey}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          onDrag(secondsOf(event), 'begin');
        }}
        onPointerMove={(event) => {
          setHoverS(secondsOf(event));
          if (event.currentTarget.hasPointerCapture(event.pointerId)) onDrag(secondsOf(event), 'move');
        }}
        onLostPointerCapture={(event) => onDrag(secondsOf(event), 'end')}
        onPointerLeave={() => setHoverS(undefined)}
      >
        <div class="seek-track">
          <div class="seek-done" style={{ width: percent(atS / total) }} />
          {marks.map((mark) => (
            <div
              key={mark.fromS}
              class="seek-mark"
              style={{ left: percent(mark.fromS / total), width: percent((mark.toS - mark.fromS) / total) }}
            />
          ))}
          {breaks.map((breakS) => (
            <div key={breakS} class="seek-break" style={{ left: percent(breakS / total) }} />
          ))}
          {lost.map(({ fromS, toS, message }) => (
            <div
              key={fromS}
              class="seek-lost"
              title={message}
              style={{ left: percent(fromS / total), width: percent((toS - fromS) / total) }}
            />
          ))}
        </div>
        <div class="seek-thumb" style={{ left: percent(atS / total) }} />
        {hoverS === undefined ? null : (
          <span class="seek-tip numbers" style={{ left: percent(hoverS / total) }}>
            {clockTime(wallAt(timeline, hoverS) ?? 0)}
          </span>
        )}
      </div>
      <div class="seek-ends numbers">
        <span>{clockTime(wallAt(timeline, 0) ?? 0)}</span>
        <span>{clockTime(wallAt(timeline, timeline.totalS) ?? 0)}</span>
      </div>
    </div>
  );
}
