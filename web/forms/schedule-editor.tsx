// A weekly schedule: spans of time on some days. None means always; a span may run past midnight.

import type { WeekSchedule } from '../../src/config/schedule.ts';
import { Button, IconButton } from '../parts/button.tsx';

type Span = WeekSchedule[number];
type Day = Span['days'][number];
const days: readonly (readonly [Day, string, string])[] = [
  ['mon', 'Mo', 'Monday'],
  ['tue', 'Tu', 'Tuesday'],
  ['wed', 'We', 'Wednesday'],
  ['thu', 'Th', 'Thursday'],
  ['fri', 'Fr', 'Friday'],
  ['sat', 'Sa', 'Saturday'],
  ['sun', 'Su', 'Sunday'],
];

export function ScheduleEditor({
  value,
  onChange,
}: {
  readonly value: WeekSchedule;
  readonly onChange: (value: WeekSchedule) => void;
}) {
  const change = (index: number, part: Partial<Span>) =>
    onChange(value.map((span, i) => (i === index ? { ...span, ...part } : span)));
  const add = () => onChange([...value, { days: days.map(([day]) => day), from: '22:00', to: '06:00' }]);
  return (
    <div class="schedule">
      {value.length === 0 ? <p class="schedule-always">Always.</p> : null}
      {value.map((span, index) => (
        <fieldset key={index} class="schedule-span" aria-label={`Span ${index + 1}`}>
          <div class="schedule-days">
            {days.map(([day, short, long]) => (
              <button
                key={day}
                type="button"
                class="day"
                aria-pressed={span.days.includes(day)}
                aria-label={long}
                onClick={() => {
                  const next = days
                    .map(([d]) => d)
                    .filter((d) => (d === day ? !span.days.includes(d) : span.days.includes(d)));
                  // A span without days would never be; the last day stays.
                  if (next.length > 0) change(index, { days: next });
                }}
              >
                {short}
              </button>
            ))}
          </div>
          <div class="schedule-times">
            <input
              type="time"
              aria-label="From"
              value={span.from}
              required
              onInput={(e) => e.currentTarget.value && change(index, { from: e.currentTarget.value })}
            />
            <span aria-hidden="true">–</span>
            <input
              type="time"
              aria-label="To"
              value={span.to}
              required
              onInput={(e) => e.currentTarget.value && change(index, { to: e.currentTarget.value })}
            />
            <IconButton
              icon="trash"
              label={`Remove span ${index + 1}`}
              onClick={() => onChange(value.filter((_, i) => i !== index))}
            />
          </div>
          <p class="schedule-note">{spanNote(span)}</p>
        </fieldset>
      ))}
      <Button small icon="plus" onClick={add}>
        {value.length === 0 ? 'Only at certain times' : 'Another span'}
      </Button>
    </div>
  );
}

/** What the two times mean together, where that is not plain. */
export function spanNote(span: Pick<Span, 'from' | 'to'>): string {
  if (span.from === span.to) return 'The whole day.';
  return span.from > span.to ? 'Until the next morning.' : '';
}
