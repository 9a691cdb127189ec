// Tuning the motion detection of one camera: what it sees now, what other settings would have made of the last minutes, and
// the settings themselves. Nothing changes before it is saved.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CameraView, MotionSettings } from '../../src/http/api.ts';
import { ApiError, api, describe, type Issue, sentence } from '../api.ts';
import { issueFor, sameDraft } from '../forms/draft.ts';
import { PresetButtons } from '../forms/preset-buttons.tsx';
import { ZonesEditor } from '../forms/zones-editor.tsx';
import { Link } from '../navigation.tsx';
import { Loading, Notice } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { SaveBar } from '../parts/save-bar.tsx';
import { toast } from '../parts/toast.tsx';
import { addressOf } from '../router.ts';
import { cameras, replaceCamera } from '../session.ts';
import { useStore } from '../store.ts';
import { GreyPictures } from './grey-pictures.ts';
import { stepAt } from './replay-axis.ts';
import { ReplayStrip } from './replay-strip.tsx';
import { TuningPicture } from './tuning-picture.tsx';
import { TuningSliders } from './tuning-sliders.tsx';
import { useReplay, useTuningFeed } from './use-tuning.ts';

export function TuningPage({ id }: { readonly id: string }) {
  const all = useStore(cameras);
  const camera = all?.find((c) => c.id === id);
  if (all && !camera)
    return <Notice level="error" message="There is no such camera." advice="It may have been deleted." />;
  if (!camera) return <Loading what="the camera" />;
  return <TuningDesk camera={camera} />;
}

function TuningDesk({ camera }: { readonly camera: CameraView }) {
  const saved = camera.settings.motion;
  const [before, setBefore] = useState(saved);
  const [draft, setDraft] = useState<MotionSettings>(saved);
  const [issues, setIssues] = useState<readonly Issue[]>([]);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [sizeHint, setSizeHint] = useState<number>();
  const changed = !sameDraft(draft, saved);
  // Somebody else saved: take it over unless there are changes here.
  if (before !== saved) {
    setBefore(saved);
    if (sameDraft(draft, before)) setDraft(saved);
  }
  const feed = useTuningFeed(camera.id);
  const hand = usePastMoments(camera.id);
  const replaying = useReplay(camera, feed.opened, draft, hand.atMs !== undefined);
  const { replay } = replaying;
  const past =
    hand.atMs === undefined || !replay
      ? undefined
      : {
          atMs: hand.atMs,
          picture: hand.pictures.at(hand.atMs, replay.toMs ?? 0),
          step: stepAt(replay.steps, hand.atMs),
        };
  const wrong = issues.length > 0 ? issues : replaying.issues;
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    setIssues([]);
    try {
      const view = await api.put<CameraView>(`/cameras/${encodeURIComponent(camera.id)}`, { motion: draft });
      setBefore(view.settings.motion);
      setDraft(view.settings.motion);
      replaceCamera(view);
      toast.ok(`${view.name} is saved`);
    } catch (failure) {
      if (failure instanceof ApiError) setIssues(failure.issues);
      setError(describe(failure));
    }
    setBusy(false);
  };
  const areasWrong = issueFor(wrong, 'zones', 'motion') ?? issueFor(wrong, 'masks', 'motion');
  return (
    <div class="page">
      <div class="page-head">
        <h1>Tune motion: {camera.name}</h1>
        <span class="actions">
          <Link class="button button-quiet" href={addressOf.live(camera.id)}>
            <Icon name="back" size={18} /> Live
          </Link>
          <Link class="button button-quiet" href={addressOf.camera(camera.id)}>
            <Icon name="settings" size={18} /> All settings
          </Link>
        </span>
      </div>
      {feed.problem ? <Notice level="warn" message={feed.problem} /> : null}
      {feed.opened && !feed.watching ? (
        <Notice
          level="info"
          message="This camera is not being watched at the moment."
          advice="Motion is turned off, or this is outside its hours. The replay tries the settings all the same."
        />
      ) : null}
      <form onSubmit={save}>
        <div class="tune">
          <div class="tune-left">
            <TuningPicture
              camera={camera}
              frames={feed.frames}
              areas={draft}
              past={past}
              changed={changed}
              sizeHint={sizeHint}
            />
            <ReplayStrip
              replay={replay}
              changed={changed}
              busy={replaying.busy}
              keepMs={feed.opened?.keepMs ?? 180_000}
              sinceMs={feed.sinceMs}
              atMs={hand.atMs}
              playing={hand.playing}
              onSeek={hand.seek}
              onPlay={() => hand.play(replay?.fromMs, replay?.toMs)}
              onLive={hand.leave}
            />
          </div>
          <div class="tune-right">
            <section class="card" aria-labelledby="tune-settings">
              <h2 id="tune-settings">Settings to try</h2>
              <TuningSliders draft={draft} issues={wrong} onChange={setDraft} onSize={setSizeHint} />
              <PresetButtons value={draft} onChoose={(params) => setDraft({ ...draft, ...params })} />
              {replaying.error && wrong.length === 0 ? <Notice level="error" message={replaying.error} /> : null}
            </section>
            <section class="card" aria-labelledby="tune-zones">
              <h2 id="tune-zones">Zones and masks</h2>
              <ZonesEditor
                value={draft}
                pictureUrl={`/snapshot.jpg?camera=${encodeURIComponent(camera.id)}`}
                onChange={({ zones, masks }) => setDraft({ ...draft, zones, masks })}
              />
              {areasWrong ? <p class="field-error">{sentence(areasWrong)}</p> : null}
            </section>
            {error ? <Notice level="error" message={error} /> : null}
            <SaveBar changed={changed} busy={busy} onReset={() => setDraft(saved)} />
          </div>
        </div>
      </form>
    </div>
  );
}

/** The moment of the past that is looked at, and the kept pictures around it. Undefined: now. */
function usePastMoments(cameraId: string) {
  const [atMs, setAtMs] = useState<number>();
  const [playing, setPlaying] = useState(false);
  const [, setNews] = useState(0);
  const end = useRef(0);
  const pictures = useMemo(
    () =>
      new GreyPictures(
        async (fromMs, toMs) => {
          const path = `/api/v1/cameras/${encodeURIComponent(cameraId)}/tuning/frames?from=${fromMs}&to=${toMs}`;
          const response = await fetch(path, { credentials: 'same-origin' });
          if (!response.ok) throw new Error(`no pictures: ${response.status}`);
          return await response.arrayBuffer();
        },
        () => setNews((n) => n + 1),
      ),
    [cameraId],
  );
  useEffect(() => {
    if (!playing) return;
    let lastMs = performance.now();
    const timer = setInterval(() => {
      const nowMs = performance.now();
      const passedMs = nowMs - lastMs;
      lastMs = nowMs;
      setAtMs((at) => {
        const next = (at ?? 0) + passedMs;
        if (next >= end.current) setPlaying(false);
        return Math.min(end.current, next);
      });
    }, 100);
    return () => clearInterval(timer);
  }, [playing]);
  return {
    atMs,
    playing,
    pictures,
    seek(toMs: number) {
      setPlaying(false);
      setAtMs(toMs);
    },
    play(fromMs: number | undefined, toMs: number | undefined) {
      if (playing || fromMs === undefined || toMs === undefined) return setPlaying(false);
      end.current = toMs;
      setAtMs((at) => (at === undefined || at >= toMs - 300 ? fromMs : at));
      setPlaying(true);
    },
    leave() {
      setPlaying(false);
      setAtMs(undefined);
    },
  };
}
