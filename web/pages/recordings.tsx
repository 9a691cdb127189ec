// What was recorded, by day, camera and reason: a strip of the day, then stills. Filters live in the address.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { DayView, RecordingView } from '../../src/http/api.ts';
import { api, query } from '../api.ts';
import { onChange } from '../changes.ts';
import { address, navigate } from '../navigation.tsx';
import { Button, IconButton, Loading, Notice } from '../parts/button.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { Icon } from '../parts/icons.tsx';
import { withToast } from '../parts/toast.tsx';
import { Unlock } from '../parts/unlock.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { dayAxis, dayOf } from '../playback/day-axis.ts';
import { DayStrip, type LaneData } from '../playback/day-strip.tsx';
import { addressOf } from '../router.ts';
import { cameras, useIsOwner } from '../session.ts';
import { useStore } from '../store.ts';
import { vault } from '../vault/client.ts';
import { count, dayName, size } from '../words.ts';
import { RecordingCards } from './recording-cards.tsx';
import { RecordingFilters } from './recording-filters.tsx';
import { useRecordings } from './use-recordings.ts';

export function RecordingsPage() {
  const search = new URL(useStore(address), 'http://box').searchParams;
  const [camera, reason, wantedDay] = ['camera', 'reason', 'day'].map((name) => search.get(name) ?? '') as [
    string,
    string,
    string,
  ];
  const allCameras = useStore(cameras) ?? [];
  const days = useLoaded<readonly DayView[]>(`/recordings/days${query({ camera, reason })}`);
  const day = days.data?.find((d) => d.day === wantedDay) ?? days.data?.[0];
  const axis = useMemo(() => (day ? dayAxis(day.day, day) : undefined), [day?.day, day?.fromMs, day?.toMs]);
  const list = useRecordings(axis, camera, reason);
  const lanes = useMemo(() => lanesOf(list.recordings), [list.recordings]);
  const isOwner = useIsOwner();
  const isLocked = useStore(vault.state) === 'locked';
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [choosing, setChoosing] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [asList, setAsList] = useState(false);
  useEffect(
    () =>
      onChange('recording', (r) => {
        // A new day begins, or the first recording ever.
        if (!days.data?.some((d) => r.startMs >= d.fromMs - 86_400_000 && r.startMs <= d.toMs + 86_400_000))
          days.reload();
      }),
    [days.data, days.reload],
  );
  useEffect(() => setChosen(new Set()), [day?.day, camera, reason]);

  const filter = (part: Readonly<Record<string, string>>) =>
    navigate(addressOf.recordings({ camera, reason, day: day?.day ?? '', ...part }), { replace: true });
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const remove = () =>
    withToast({ busy: 'Deleting…', done: `${count(chosen.size, 'recording')} deleted` }, async () => {
      await api.post('/recordings/delete', { ids: [...chosen] });
      list.forget(chosen);
      setChosen(new Set());
      setChoosing(false);
      days.reload();
    });
  const chosenBytes = list.recordings.filter((r) => chosen.has(r.id)).reduce((sum, r) => sum + r.bytes, 0);
  return (
    <div class="page">
      <div class="page-head">
        <h1>Recordings</h1>
        <div class="actions">
          <IconButton
            icon={asList ? 'grid' : 'list'}
            label={asList ? 'Show as pictures' : 'Show as a list'}
            onClick={() => setAsList(!asList)}
          />
          {isOwner ? (
            <Button
              onClick={() => {
                setChoosing(!choosing);
                setChosen(new Set());
              }}
            >
              {choosing ? 'Done' : 'Select'}
            </Button>
          ) : null}
        </div>
      </div>
      <RecordingFilters
        days={days.data ?? []}
        day={day?.day ?? ''}
        camera={camera}
        reason={reason}
        cameras={allCameras}
        onChange={filter}
      />
      {days.error ? <Notice level="error" message={days.error} /> : null}
      {!days.data && !days.error ? <Loading what="recordings" /> : null}
      {days.data?.length === 0 ? <Nothing filtered={camera !== '' || reason !== ''} /> : null}
      {day && axis ? (
        <>
          <h2 class="day-title">
            {dayName(day.day)}{' '}
            <span class="note">
              {count(day.recordings, 'recording')}, {size(day.bytes)}
            </span>
          </h2>
          {isLocked && !choosing ? <Unlock /> : null}
          <DayStrip
            key={day.day}
            day={axis}
            recorded={day}
            lanes={lanes}
            onPick={(cameraId, atMs) => navigate(addressOf.day(cameraId, dayOf(atMs), atMs))}
          />
          <RecordingCards
            recordings={list.recordings}
            asList={asList}
            choosing={choosing}
            chosen={chosen}
            onToggle={toggle}
          />
          {list.error ? <Notice level="error" message={list.error} /> : null}
          {list.loading && list.recordings.length === 0 ? <Loading what="recordings" /> : null}
          {list.more ? (
            <div class="actions actions-center">
              <Button busy={list.loading} onClick={list.loadMore}>
                Earlier recordings
              </Button>
            </div>
          ) : null}
        </>
      ) : null}
      {choosing ? (
        <section class="choose-bar" aria-label="Selection">
          <span>{chosen.size === 0 ? 'Choose recordings' : `${chosen.size} chosen, ${size(chosenBytes)}`}</span>
          <Button
            small
            onClick={() =>
              setChosen(new Set(chosen.size === list.recordings.length ? [] : list.recordings.map((r) => r.id)))
            }
          >
            {chosen.size === list.recordings.length && chosen.size > 0 ? 'None' : 'All'}
          </Button>
          <Button small kind="danger" icon="trash" disabled={chosen.size === 0} onClick={() => setDeleting(true)}>
            Delete
          </Button>
        </section>
      ) : null}
      {deleting ? (
        <Confirm
          title={`Delete ${count(chosen.size, 'recording')}?`}
          text="They are gone for good."
          action="Delete"
          busy="Deleting…"
          onConfirm={remove}
          onClose={() => setDeleting(false)}
        />
      ) : null}
    </div>
  );
}

function lanesOf(recordings: readonly RecordingView[]): readonly LaneData[] {
  const names = new Map(recordings.map((r) => [r.cameraId, r.cameraName]));
  return [...names]
    .sort((a, b) => a[1].localeCompare(b[1]))
    .map(([cameraId, name]) => {
      const own = recordings.filter((r) => r.cameraId === cameraId);
      const recorded = own.map((r) => ({ id: r.id, startMs: r.startMs, endMs: r.endMs ?? r.startMs + r.durationMs }));
      const moved = own.flatMap((r) =>
        r.events.map((e) => ({ id: e.id, startMs: e.startMs, endMs: e.endMs ?? e.startMs + 1000 })),
      );
      return { cameraId, name, recordings: own.length, recorded, moved };
    });
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  return (
    <section class="empty">
      <Icon name="recordings" size={56} />
      <h2>{filtered ? 'Nothing of that kind' : 'Nothing was recorded yet'}</h2>
      <p>{filtered ? 'Choose another camera or reason.' : 'When something moves before a camera, it appears here.'}</p>
    </section>
  );
}
