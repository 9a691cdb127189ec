// One recording: play it, keep a copy, or delete it. Grows while it is still being recorded.

import { useEffect, useState } from 'preact/hooks';
import type { EventView, RecordingDetail } from '../../src/http/api.ts';
import { api } from '../api.ts';
import { onChange } from '../changes.ts';
import { Link, navigate } from '../navigation.tsx';
import { Button, Loading, Notice } from '../parts/button.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { Icon } from '../parts/icons.tsx';
import { Star } from '../parts/star.tsx';
import { toast, withToast } from '../parts/toast.tsx';
import { Unlock } from '../parts/unlock.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { type Film, type GoTo, Player } from '../playback/player.tsx';
import { Why } from '../playback/why.tsx';
import { addressOf } from '../router.ts';
import { useIsOwner } from '../session.ts';
import { useStore } from '../store.ts';
import { vault } from '../vault/client.ts';
import { clockTime, dateTime, length, movedWords, size, span } from '../words.ts';
import { DownloadButton } from './download-button.tsx';
import { reasonsOf } from './recording-cards.tsx';

const refreshRunningMs = 5000;

export function RecordingPage({ id, atMs }: { readonly id: string; readonly atMs: number | undefined }) {
  const path = `/recordings/${encodeURIComponent(id)}`;
  const loaded = useLoaded<RecordingDetail>(path);
  const [deleting, setDeleting] = useState(false);
  const [goTo, setGoTo] = useState<GoTo>({ atMs });
  const isOwner = useIsOwner();
  const locked = useStore(vault.state) !== 'open';
  const recording = loaded.data;
  const running = recording !== undefined && recording.endMs === undefined;
  useEffect(() => {
    const stopChange = onChange('recording', (changed) => changed.id === id && loaded.reload());
    const stopRemoved = onChange('recording-removed', (removed) => {
      if (removed.id !== id) return;
      toast.ok('This recording was deleted');
      navigate(addressOf.recordings(), { replace: true });
    });
    // News come when something is decided; finished parts of a long recording appear in between.
    const timer = running ? setInterval(loaded.reload, refreshRunningMs) : undefined;
    return () => {
      stopChange();
      stopRemoved();
      clearInterval(timer);
    };
  }, [id, loaded.reload, running]);
  if (!recording)
    return loaded.error ? <Notice level="error" message={loaded.error} /> : <Loading what="the recording" />;
  const remove = () =>
    withToast({ busy: 'Deleting…', done: 'The recording is deleted' }, async () => {
      await api.delete(path);
      navigate(addressOf.recordings(), { replace: true });
    });
  return (
    <div class="page">
      <div class="page-head">
        <div>
          <h1>{recording.cameraName}</h1>
          <p class="note">{dateTime(recording.startMs)}</p>
        </div>
        <Link class="button button-quiet" href={addressOf.recordings()}>
          <Icon name="back" size={18} /> Recordings
        </Link>
      </div>
      {running ? (
        <Notice level="info" message="This is still being recorded." advice="What is finished can be played already." />
      ) : null}
      {recording.interrupted ? (
        <Notice level="warn" message="This recording was cut short by a fault of the camera or a power cut." />
      ) : null}
      <div class="recording">
        {locked ? <Unlock /> : <Player film={filmOf(recording)} goTo={goTo} />}
        <aside class="card">
          <dl class="facts">
            <Fact name="Reason" value={reasonsOf(recording)} />
            <Fact name="Length" value={length(recording.durationMs)} />
            <Fact name="Size" value={size(recording.bytes)} />
            {recording.peakLevel > 0 ? (
              <Fact name="What moved" value={capital(movedWords(recording.peakLevel))} />
            ) : null}
            {recording.segments[0] ? (
              <Fact name="Picture" value={`${recording.segments[0].width} × ${recording.segments[0].height}`} />
            ) : null}
          </dl>
          {recording.events.length > 0 ? (
            <>
              <h2>Motion</h2>
              <ul class="rows">
                {recording.events.map((event) => (
                  <li key={event.id}>
                    <button type="button" class="row row-two" onClick={() => setGoTo({ atMs: event.startMs - 1000 })}>
                      <span class="row-name numbers">{clockTime(event.startMs)}</span>
                      <span class="row-note">{eventNote(event)}</span>
                      <Icon name="play" size={18} />
                    </button>
                  </li>
                ))}
              </ul>
            </>
          ) : null}
          <div class="actions">
            {locked || recording.segments.length === 0 ? null : <DownloadButton recording={recording} />}
            {isOwner ? <Star recording={recording} onChanged={loaded.reload} /> : null}
            {isOwner ? (
              <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
                Delete
              </Button>
            ) : null}
          </div>
        </aside>
        {locked ? null : <Why recording={recording} />}
      </div>
      {deleting ? (
        <Confirm
          title="Delete this recording?"
          text="It is gone for good."
          action="Delete"
          busy="Deleting…"
          onConfirm={remove}
          onClose={() => setDeleting(false)}
        />
      ) : null}
    </div>
  );
}

const filmOf = ({ id, segments, events, hasStill }: RecordingDetail): Film => ({
  ...{ id, segments, events },
  ...(hasStill ? { still: `/recordings/${encodeURIComponent(id)}/still` } : {}),
});

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="numbers">{value}</dd>
    </div>
  );
}

const mailWords: Readonly<Record<NonNullable<EventView['mail']>, string>> = {
  waiting: 'mail waiting',
  sent: 'mail sent',
  failed: 'mail failed',
  'held-back': 'no mail, too soon after the last one',
};
function eventNote(event: EventView): string {
  const parts = [
    event.endMs === undefined ? 'goes on' : span(event.endMs - event.startMs),
    movedWords(event.level),
    ...mailNote(event),
  ];
  return capital(parts.join(', '));
}

function mailNote({ mail, confirmed }: EventView): readonly string[] {
  if (confirmed === false && mail !== 'sent') return [mail ? 'not confirmed, so no mail' : 'not confirmed'];
  return mail ? [mailWords[mail]] : [];
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
