// One camera's day on the strip: what was recorded, where something moved, and what a tap there plays.

import { useRef } from 'preact/hooks';
import { count } from '../words.ts';
import { bars, type DayAxis, type DaySpan, momentAt } from './day-axis.ts';

export const percent = (share: number) => `${(share * 100).toFixed(3)}%`;

export interface LaneData {
  readonly cameraId: string;
  readonly name: string;
  readonly recordings: number;
  readonly recorded: readonly DaySpan[];
  readonly moved: readonly DaySpan[];
}

export function Lane({
  axis,
  lane,
  onPick,
}: {
  readonly axis: DayAxis;
  readonly lane: LaneData;
  readonly onPick: (atMs: number) => void;
}) {
  const track = useRef<HTMLButtonElement>(null);
  const { name, recordings } = lane;
  const open = (event: MouseEvent) => {
    const box = track.current!.getBoundingClientRect();
    // Pressed by keyboard: there is no place, so the newest.
    const isByKeyboard = event.detail === 0;
    const atMs = axis.fromMs + ((event.clientX - box.left) / box.width) * (axis.toMs - axis.fromMs);
    const found = isByKeyboard ? newest(lane.recorded) : momentAt(lane.recorded, atMs);
    if (found !== undefined) onPick(found);
  };
  return (
    <div class="lane">
      <span class="lane-name">{name}</span>
      <button
        ref={track}
        type="button"
        class="lane-track"
        onClick={open}
        aria-label={`${name}: ${count(recordings, 'recording')}. Play the newest`}
      >
        {bars(axis, lane.recorded).map((bar) => (
          <span key={bar.id} class="lane-recorded" style={{ left: percent(bar.left), width: percent(bar.width) }} />
        ))}
        {bars(axis, lane.moved).map((bar) => (
          <span key={bar.id} class="lane-moved" style={{ left: percent(bar.left), width: percent(bar.width) }} />
        ))}
      </button>
    </div>
  );
}

const newest = (recorded: readonly DaySpan[]): number | undefined =>
  recorded.reduce<number | undefined>((latest, { startMs }) => Math.max(latest ?? startMs, startMs), undefined);
