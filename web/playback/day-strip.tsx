// A day at a glance: one lane per camera with what was recorded and where something moved. A tap plays it.

import { useMemo, useRef } from 'preact/hooks';
import type { RecordingView } from '../../src/http/api.ts';
import { navigate } from '../navigation.tsx';
import { addressOf } from '../router.ts';
import { count, hourOf } from '../words.ts';
import { bars, type DayAxis, hourMarks, recordingAt } from './day-axis.ts';

const percent = (share: number) => `${(share * 100).toFixed(3)}%`;

export function DayStrip({
  axis,
  recordings,
}: {
  readonly axis: DayAxis;
  readonly recordings: readonly RecordingView[];
}) {
  const lanes = useMemo(() => {
    const names = new Map(recordings.map((r) => [r.cameraId, r.cameraName]));
    return [...names].sort((a, b) => a[1].localeCompare(b[1]));
  }, [recordings]);
  const whole = axis.toMs - axis.fromMs;
  return (
    <div class="strip">
      {lanes.map(([cameraId, name]) => (
        <Lane
          key={cameraId}
          axis={axis}
          cameraId={cameraId}
          name={name}
          recordings={recordings.filter((r) => r.cameraId === cameraId)}
        />
      ))}
      <div class="strip-hours numbers" aria-hidden="true">
        {hourMarks(axis).map((ms) => (
          <span key={ms} style={{ left: percent((ms - axis.fromMs) / whole) }}>
            {hourOf(ms)}
          </span>
        ))}
      </div>
    </div>
  );
}

function Lane({
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
