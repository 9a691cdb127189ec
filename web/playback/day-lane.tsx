// One camera's day on the strip: what was recorded, where something moved, and what a tap there plays.

import { useRef } from 'preact/hooks';
import type { RecordingView } from '../../src/http/api.ts';
import { navigate } from '../navigation.tsx';
import { addressOf } from '../router.ts';
import { count } from '../words.ts';
import { bars, type DayAxis, recordingAt } from './day-axis.ts';

export const percent = (share: number) => `${(share * 100).toFixed(3)}%`;

export function Lane({
  axis,
  cameraId,
  name,
  recordings,
}: {
  readonly axis: DayAxis;
  readonly cameraId: string;
  readonly name: string;
  readonly recordings: readonly RecordingView[];
}) {
  const track = useRef<HTMLButtonElement>(null);
  const recorded = bars(
    axis,
    recordings.map((r) => ({ id: r.id, startMs: r.startMs, endMs: r.endMs ?? r.startMs + r.durationMs })),
  );
  const moved = bars(
    axis,
    recordings.flatMap((r) =>
      r.events.map((e) => ({ id: e.id, startMs: e.startMs, endMs: e.endMs ?? e.startMs + 1000 })),
    ),
  );
  const open = (event: MouseEvent) => {
    const box = track.current!.getBoundingClientRect();
    // Pressed by keyboard: there is no place, so the newest.
    const byKeyboard = event.detail === 0;
    const atMs = axis.fromMs + ((event.clientX - box.left) / box.width) * (axis.toMs - axis.fromMs);
    const found = byKeyboard ? recordings[0] : recordingAt(recordings, cameraId, atMs);
    if (!found) return;
    const inside = !byKeyboard && atMs >= found.startMs && atMs <= (found.endMs ?? found.startMs + found.durationMs);
    navigate(addressOf.recording(found.id, inside ? atMs : undefined));
  };
  return (
    <div class="lane">
      <span class="lane-name">{name}</span>
      <button
        ref={track}
        type="button"
        class="lane-track"
        onClick={open}
        aria-label={`${name}: ${count(recordings.length, 'recording')}. Play the newest`}
      >
        {recorded.map((bar) => (
          <span key={bar.id} class="lane-recorded" style={{ left: percent(bar.left), width: percent(bar.width) }} />
        ))}
        {moved.map((bar) => (
          <span key={bar.id} class="lane-moved" style={{ left: percent(bar.left), width: percent(bar.width) }} />
        ))}
      </button>
    </div>
  );
}
