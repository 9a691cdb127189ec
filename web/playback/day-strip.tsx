// A day at a glance: one lane per camera with what was recorded and where something moved. A tap plays it; buttons, a
// pinch on a touch pad and the wheel with Ctrl show more or less of the day.

import { useEffect, useRef, useState } from 'preact/hooks';
import { Button, IconButton } from '../parts/button.tsx';
import { hourOf, minuteOf } from '../words.ts';
import type { DayAxis } from './day-axis.ts';
import { Lane, type LaneData, percent } from './day-lane.tsx';
import { activePart, moved, scaleMarks, zoomed } from './day-zoom.ts';

export type { LaneData };

export function DayStrip({
  day,
  recorded,
  lanes,
  onPick,
}: {
  readonly day: DayAxis;
  /** From the first to the last recording of the day. */
  readonly recorded: DayAxis;
  readonly lanes: readonly LaneData[];
  readonly onPick: (cameraId: string, atMs: number) => void;
}) {
  const [part, setPart] = useState<DayAxis>(() => activePart(day, recorded));
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = strip.current;
    const onWheel = (event: WheelEvent) => {
      const box = element?.querySelector('.lane-track')?.getBoundingClientRect();
      if (!box) return;
      const pinched = event.ctrlKey || event.metaKey;
      // Without a key the page scrolls, as everywhere.
      if (!pinched && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
      event.preventDefault();
      const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      setPart((old) =>
        pinched
          ? zoomed(day, old, 1.0025 ** event.deltaY, old.fromMs + share * (old.toMs - old.fromMs))
          : moved(day, old, event.deltaX / box.width),
      );
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [day]);
  const length = part.toMs - part.fromMs;
  const middle = part.fromMs + length / 2;
  const isWhole = length >= day.toMs - day.fromMs;
  const marks = scaleMarks(day, part);
  const word = length > 9 * 3_600_000 ? hourOf : minuteOf;
  return (
    <div class="strip" ref={strip}>
      <div class="strip-tools">
        <span class="numbers">{isWhole ? 'The whole day' : `${minuteOf(part.fromMs)} to ${minuteOf(part.toMs)}`}</span>
        {isWhole ? null : (
          <>
            <IconButton icon="back" label="Earlier" onClick={() => setPart(moved(day, part, -0.5))} />
            <IconButton icon="next" label="Later" onClick={() => setPart(moved(day, part, 0.5))} />
          </>
        )}
        <IconButton icon="minus" label="Show more of the day" onClick={() => setPart(zoomed(day, part, 2, middle))} />
        <IconButton icon="plus" label="Show less of the day" onClick={() => setPart(zoomed(day, part, 0.5, middle))} />
        {isWhole ? null : (
          <Button small kind="quiet" onClick={() => setPart(day)}>
            Whole day
          </Button>
        )}
      </div>
      {lanes.map((lane) => (
        <Lane key={lane.cameraId} axis={part} lane={lane} onPick={(atMs) => onPick(lane.cameraId, atMs)} />
      ))}
      <div class="strip-hours numbers" aria-hidden="true">
        {marks.map((ms) => {
          const share = (ms - part.fromMs) / length;
          return (
            <span
              key={ms}
              class={share < 0.03 ? 'strip-start' : share > 0.97 ? 'strip-end' : ''}
              style={{ left: percent(share) }}
            >
              {word(ms)}
            </span>
          );
        })}
      </div>
    </div>
  );
}
