// A camera's day on one axis: everything that was recorded, one after the other, from the moment that was asked for.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { TimelineSegment } from '../../src/http/api.ts';
import { Link, navigate } from '../navigation.tsx';
import { Loading, Notice } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { Unlock } from '../parts/unlock.tsx';
import { dayAxis, joinedSpans } from '../playback/day-axis.ts';
import { DayStrip, type LaneData } from '../playback/day-strip.tsx';
import { type Film, type GoTo, Player } from '../playback/player.tsx';
import { useDay } from '../playback/use-day.ts';
import { addressOf } from '../router.ts';
import { cameras } from '../session.ts';
import { useStore } from '../store.ts';
import { vault } from '../vault/client.ts';
import { dayName } from '../words.ts';

export function DayPage({
  cameraId,
  day,
  atMs,
}: {
  readonly cameraId: string;
  readonly day: string;
  readonly atMs: number | undefined;
}) {
  const axis = useMemo(() => dayAxis(day), [day]);
  const { segments, events, error } = useDay(cameraId, axis);
  const isOpen = useStore(vault.state) === 'open';
  const camera = useStore(cameras)?.find((one) => one.id === cameraId);
  const name = camera?.name ?? cameraId;
  const [goTo, setGoTo] = useState<GoTo>({ atMs });
  useEffect(() => setGoTo((old) => (old.atMs === atMs ? old : { atMs })), [atMs]);
  const film = useMemo<Film | undefined>(
    () => segments && { id: `${cameraId}/${day}`, segments, events },
    [cameraId, day, segments, events],
  );
  const lane = useMemo<LaneData>(
    () => laneOf(cameraId, name, segments ?? [], events),
    [cameraId, name, segments, events],
  );
  const pick = (toMs: number) => {
    setGoTo({ atMs: toMs });
    navigate(addressOf.day(cameraId, day, toMs), { replace: true });
  };
  const recorded = recordedOf(segments ?? []);
  return (
    <div class="page">
      <div class="page-head">
        <div>
          <h1>{name}</h1>
          <p class="note">{dayName(day)}</p>
        </div>
        <Link class="button button-quiet" href={addressOf.recordings({ day })}>
          <Icon name="back" size={18} /> Recordings
        </Link>
      </div>
      {error ? <Notice level="error" message={error} /> : null}
      {!isOpen ? <Unlock /> : null}
      {!film && !error ? <Loading what="the day" /> : null}
      {film?.segments.length === 0 ? <Notice level="info" message="Nothing was recorded on this day." /> : null}
      {film && film.segments.length > 0 && recorded ? (
        <div class="day-film">
          {isOpen ? <Player film={film} goTo={goTo} /> : null}
          <DayStrip key={day} day={axis} recorded={recorded} lanes={[lane]} onPick={(_, toMs) => pick(toMs)} />
        </div>
      ) : null}
    </div>
  );
}

function recordedOf(segments: readonly TimelineSegment[]) {
  const [first, last] = [segments[0], segments.at(-1)];
  return first && last && { fromMs: first.startMs, toMs: last.startMs + last.durationMs };
}

function laneOf(
  cameraId: string,
  name: string,
  segments: readonly TimelineSegment[],
  events: readonly { readonly id: string; readonly startMs: number; readonly endMs?: number }[],
): LaneData {
  const recordings = new Set(segments.map((segment) => segment.recordingId)).size;
  const recorded = joinedSpans(
    segments.map(({ id, startMs, durationMs }) => ({ id, startMs, endMs: startMs + durationMs })),
  );
  const moved = events.map(({ id, startMs, endMs }) => ({ id, startMs, endMs: endMs ?? startMs + 1000 }));
  return { cameraId, name, recordings, recorded, moved };
}
