// The last minutes at a glance: how much moved, which visits there would have been with the saved and with the draft
// settings. Dragging or playing looks at them again.

import { useRef } from 'preact/hooks';
import type { TuningReplay, TuningVisit } from '../../src/http/api.ts';
import { Button } from '../parts/button.tsx';
import { clockTime, count, length } from '../words.ts';
import { axisOf, compared, levelPath, momentAt, shareOf } from './replay-axis.ts';

const percent = (share: number) => `${(share * 100).toFixed(2)}%`;

export function ReplayStrip({
  replay,
  changed,
  busy,
  keepMs,
  sinceMs,
  atMs,
  playing,
  onSeek,
  onPlay,
  onLive,
}: {
  readonly replay: TuningReplay | undefined;
  /** The draft is not what is saved. */
  readonly changed: boolean;
  readonly busy: boolean;
  readonly keepMs: number;
  readonly sinceMs: number | undefined;
  /** The moment that is looked at; undefined: now. */
  readonly atMs: number | undefined;
  readonly playing: boolean;
  readonly onSeek: (atMs: number) => void;
  readonly onPlay: () => void;
  readonly onLive: () => void;
}) {
  const plot = useRef<HTMLDivElement>(null);
  const axis = replay && axisOf(replay);
  if (!replay || !axis) {
    return (
      <section class="card tune-replay" aria-labelledby="replay-title">
        <h2 id="replay-title">Replay</h2>
        <p class="note" role="status">
          Collecting pictures…
        </p>
      </section>
    );
  }
  const momentOf = (event: PointerEvent) => {
    const box = plot.current!.getBoundingClientRect();
    return Math.max(replay.fromMs ?? axis.fromMs, momentAt(axis, (event.clientX - box.left) / box.width));
  };
  const onKey = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: -1000,
      ArrowDown: -1000,
      ArrowRight: 1000,
      ArrowUp: 1000,
      PageDown: -10_000,
      PageUp: 10_000,
    };
    const step = steps[event.key];
    const inside = (ms: number) => Math.min(axis.toMs, Math.max(replay.fromMs ?? axis.fromMs, ms));
    if (step !== undefined) onSeek(inside((atMs ?? axis.toMs) + step));
    else if (event.key === 'Home') onSeek(inside(0));
    else if (event.key === 'End') onLive();
    else return;
    event.preventDefault();
  };
  const keptMs = axis.toMs - (sinceMs ?? replay.fromMs ?? axis.toMs);
  const full = keptMs > keepMs - 2000;
  return (
    <section class="card tune-replay" aria-labelledby="replay-title" aria-busy={busy}>
      <div class="replay-head">
        <h2 id="replay-title">Replay</h2>
        <p class="replay-words" role="status">
          {compared(replay, changed)}
        </p>
        <Button small icon={playing ? 'pause' : 'play'} onClick={onPlay}>
          {playing ? 'Pause' : 'Play'}
        </Button>
        {atMs === undefined ? null : (
          <Button small onClick={onLive}>
            Back to live
          </Button>
        )}
      </div>
      <div class="replay-lanes">
        <span class="replay-name">Level</span>
        <span class="replay-name">Saved</span>
        <span class="replay-name">Draft</span>
        <div class="replay-plot" ref={plot}>
          <svg class="replay-level" viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
            <path d={levelPath(replay.steps, axis)} />
          </svg>
          <Lane name="Saved settings" kind="saved" visits={replay.saved} axis={axis} />
          <Lane name="Draft settings" kind="draft" visits={replay.draft} axis={axis} />
          <div
            class="replay-scrub"
            role="slider"
            tabIndex={0}
            aria-label="Moment in the last minutes"
            aria-valuemin={0}
            aria-valuemax={Math.round((axis.toMs - axis.fromMs) / 1000)}
            aria-valuenow={Math.round(((atMs ?? axis.toMs) - axis.fromMs) / 1000)}
            aria-valuetext={atMs === undefined ? 'Now' : clockTime(atMs)}
            onKeyDown={onKey}
            onPointerDown={(event) => {
              if (event.button !== 0) return;
              event.currentTarget.setPointerCapture(event.pointerId);
              onSeek(momentOf(event));
            }}
            onPointerMove={(event) => {
              if (event.currentTarget.hasPointerCapture(event.pointerId)) onSeek(momentOf(event));
            }}
          >
            <span class="replay-hand" style={{ left: percent(shareOf(axis, atMs ?? axis.toMs)) }} />
          </div>
        </div>
      </div>
      <div class="replay-ends numbers" aria-hidden="true">
        <span>{clockTime(axis.fromMs)}</span>
        <span>{atMs === undefined ? 'now' : clockTime(axis.toMs)}</span>
      </div>
      <p class="note">
        {full
          ? `The last ${length(keepMs)} can be replayed, as long as this page is open.`
          : `The last ${length(keptMs)} can be replayed; up to ${length(keepMs)} are kept while this page is open.`}
      </p>
    </section>
  );
}

function Lane({
  name,
  kind,
  visits,
  axis,
}: {
  readonly name: string;
  readonly kind: 'saved' | 'draft';
  readonly visits: readonly TuningVisit[];
  readonly axis: NonNullable<ReturnType<typeof axisOf>>;
}) {
  return (
    <div class={`replay-lane replay-${kind}`} role="img" aria-label={`${name}: ${count(visits.length, 'visit')}`}>
      {visits.map((visit) => (
        <span
          key={visit.startMs}
          class={`replay-bar${visit.goesOn ? ' replay-bar-open' : ''}`}
          style={{
            left: percent(shareOf(axis, visit.startMs)),
            width: percent(shareOf(axis, visit.endMs) - shareOf(axis, visit.startMs)),
          }}
        />
      ))}
    </div>
  );
}
