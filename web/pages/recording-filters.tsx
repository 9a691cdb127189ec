// Day, camera and reason.

import { useId } from 'preact/hooks';
import type { CameraView, DayView } from '../../src/http/api.ts';
import { IconButton } from '../parts/button.tsx';
import { count, dayName, reasonWords } from '../words.ts';

export function RecordingFilters({
  days,
  day,
  camera,
  reason,
  cameras,
  onChange,
}: {
  readonly days: readonly DayView[];
  readonly day: string;
  readonly camera: string;
  readonly reason: string;
  readonly cameras: readonly CameraView[];
  readonly onChange: (part: Readonly<Record<string, string>>) => void;
}) {
  const id = useId();
  const index = days.findIndex((d) => d.day === day);
  const [newer, older] = [days[index - 1], days[index + 1]];
  return (
    <fieldset class="filters" aria-label="What to show">
      <div class="filter filter-day">
        <label for={`${id}-day`}>Day</label>
        <div class="field-row">
          <IconButton icon="back" label="The day before" onClick={() => older && onChange({ day: older.day })} />
          <select id={`${id}-day`} value={day} onChange={(event) => onChange({ day: event.currentTarget.value })}>
            {days.map((d) => (
              <option key={d.day} value={d.day}>
                {dayName(d.day)} ({count(d.recordings, 'recording')})
              </option>
            ))}
          </select>
          <IconButton icon="next" label="The day after" onClick={() => newer && onChange({ day: newer.day })} />
        </div>
      </div>
      <div class="filter">
        <label for={`${id}-camera`}>Camera</label>
        <select
          id={`${id}-camera`}
          value={camera}
          onChange={(event) => onChange({ camera: event.currentTarget.value })}
        >
          <option value="">All cameras</option>
          {cameras.map((c) => (
            <option key={c.id} value={c.id}>
              {c.name}
            </option>
          ))}
        </select>
      </div>
      <div class="filter">
        <label for={`${id}-reason`}>Reason</label>
        <select
          id={`${id}-reason`}
          value={reason}
          onChange={(event) => onChange({ reason: event.currentTarget.value })}
        >
          <option value="">All reasons</option>
          {Object.entries(reasonWords).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      </div>
    </fieldset>
  );
}
