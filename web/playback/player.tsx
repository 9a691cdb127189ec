// A recording, or a camera's day, with buttons, keys and a seek bar that shows wall time, where something moved and what is missing.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { EventView, SegmentView } from '../../src/http/api.ts';
import { canPlay } from '../live/media-source.ts';
import { IconButton, Notice } from '../parts/button.tsx';
import { clockTime, length } from '../words.ts';
import { actionOfKey, nextSpeed, speeds } from './keys.ts';
import type { Lost } from './load-plan.ts';
import { LostNotice } from './lost-notice.tsx';
import { RecordingFeed } from './recording-feed.ts';
import { Scrubber } from './scrubber.ts';
import { SeekBar } from './seek-bar.tsx';
import { marksOf, secondsAt, timelineOf, wallAt } from './timeline.ts';
import { Unplayable } from './unplayable.tsx';

export interface Film {
  readonly id: string;
  readonly segments: readonly SegmentView[];
  readonly events: readonly EventView[];
  /** Path of a sealed picture of it, for browsers that cannot play it. */
  readonly still?: string;
}
/** Where to go; a new object goes there again. */
export interface GoTo {
  readonly atMs: number | undefined;
}

export function Player({ film, goTo }: { readonly film: Film; readonly goTo: GoTo }) {
  const video = useRef<HTMLVideoElement>(null);
  const frame = useRef<HTMLElement>(null);
  const feed = useRef<RecordingFeed | undefined>(undefined);
  const scrubber = useRef<Scrubber | undefined>(undefined);
  const gone = useRef<GoTo | undefined>(undefined);
  const timeline = useMemo(() => timelineOf(film.segments), [film.segments]);
  const marks = useMemo(() => marksOf(timeline, film.events), [timeline, film.events]);
  const [atS, setAtS] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [error, setError] = useState<string>();
  const [lost, setLost] = useState<readonly Lost[]>([]);
  const first = timeline.stretches[0];
  const exists = first !== undefined;
  const playable = useMemo(
    () => [...new Set(timeline.stretches.map((s) => s.mimeType))].some((mimeType) => canPlay(mimeType)),
    [timeline],
  );
  const placeOf = ({ atMs }: GoTo) =>
    atMs === undefined ? 0 : Math.max(0, Math.min(timeline.totalS - 0.5, secondsAt(timeline, atMs)));

  // One feed per film; growing and going elsewhere are the next effects' work.
  useEffect(() => {
    const element = video.current;
    if (!element || !exists || !playable) return;
    gone.current = goTo;
    setLost([]);
    setError(undefined);
    try {
      const opened = new RecordingFeed(element, timeline, placeOf(goTo), { lost: setLost, fault: setError });
      feed.current = opened;
      const seeking = new Scrubber(element);
      scrubber.current = seeking;
      setAtS(placeOf(goTo));
      void element.play().catch(() => {});
      return () => {
        feed.current = undefined;
        seeking.close();
        opened.close();
      };
    } catch {
      setError('This browser cannot play recordings in the page. Download it instead.');
      return;
    }
  }, [film.id, exists, playable]);
  useEffect(() => feed.current?.grow(timeline), [timeline]);
  useEffect(() => {
    if (gone.current === goTo || goTo.atMs === undefined) return;
    gone.current = goTo;
    seek(placeOf(goTo));
    void video.current?.play().catch(() => {});
  }, [goTo]);

  const inside = (toS: number) => Math.max(0, Math.min(timeline.totalS - 0.05, toS));
  const seek = (toS: number) => {
    scrubber.current?.seek(inside(toS));
    setAtS(inside(toS));
  };
  const drag = (toS: number, phase: 'begin' | 'move' | 'end') => {
    if (phase === 'begin') scrubber.current?.hold();
    if (phase === 'end') scrubber.current?.release(inside(toS));
    else scrubber.current?.seek(inside(toS), true);
    setAtS(inside(toS));
  };
  const toggle = () => {
    const element = video.current;
    if (!element) return;
    if (element.ended) seek(0);
    if (element.paused || element.ended) void element.play().catch(() => {});
    else element.pause();
  };
  const changeSpeed = (to: number) => {
    if (video.current) video.current.playbackRate = to;
    setSpeed(to);
  };
  const toMotion = (direction: 1 | -1) => {
    const lead = 1;
    const starts = marks.map((m) => Math.max(0, m.fromS - lead));
    const target = direction > 0 ? starts.find((s) => s > atS + 0.5) : starts.findLast((s) => s < atS - 1.5);
    if (target !== undefined) seek(target);
  };
  const fullscreen = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (frame.current?.requestFullscreen) void frame.current.requestFullscreen();
    else
      (video.current as (HTMLVideoElement & { webkitEnterFullscreen?: () => void }) | null)?.webkitEnterFullscreen?.();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Space and arrows belong to a button or the seek bar that has the focus.
    const target = event.target as HTMLElement;
    if (target.closest('button, select') && event.key === ' ') return;
    if (target.getAttribute('role') === 'slider' && /^(Arrow|Home|End|Page)/.test(event.key)) return;
    const action = actionOfKey(event.key, event.shiftKey);
    if (!action) return;
    event.preventDefault();
    if (action.kind === 'toggle') toggle();
    else if (action.kind === 'seek-by') seek(atS + action.seconds);
    else if (action.kind === 'seek-to') seek(timeline.totalS * action.share);
    else if (action.kind === 'step') {
      video.current?.pause();
      seek(atS + action.frames * 0.04);
    } else if (action.kind === 'motion') toMotion(action.direction);
    else if (action.kind === 'speed') changeSpeed(nextSpeed(speed, action.direction));
    else fullscreen();
  };

  if (!first) {
    return (
      <Notice
        level="info"
        message="Nothing of this recording is on the disk yet."
        advice="It appears here within a minute."
      />
    );
  }
  if (!playable) return <Unplayable film={film} />;
  const segment = film.segments[0];
  const wall = wallAt(timeline, atS);
  return (
    <section ref={frame} class="player" aria-label="Player" onKeyDown={onKey}>
      <div class="player-picture" style={segment ? { '--shape': `${segment.width} / ${segment.height}` } : {}}>
        <video
          ref={video}
          playsInline
          muted
          tabIndex={-1}
          onClick={toggle}
          onTimeUpdate={(event) => event.currentTarget.seeking || setAtS(event.currentTarget.currentTime)}
          onPlay={() => setPlaying(true)}
          onPause={() => setPlaying(false)}
          onEnded={() => setPlaying(false)}
          onWaiting={() => setWaiting(true)}
          onPlaying={() => setWaiting(false)}
          onSeeked={() => setWaiting(false)}
        />
        {waiting && !error ? <span class="spinner player-spinner" role="status" aria-label="Loading" /> : null}
        {wall === undefined ? null : <span class="player-clock numbers">{clockTime(wall)}</span>}
      </div>
      {error ? <Notice level="error" message={error} /> : null}
      <SeekBar timeline={timeline} marks={marks} lost={lost} atS={atS} onSeek={seek} onDrag={drag} />
      <LostNotice lost={lost} timeline={timeline} />
      <div class="player-bar">
        <IconButton icon={playing ? 'pause' : 'play'} label={playing ? 'Pause' : 'Play'} onClick={toggle} />
        <span class="numbers">
          {length(atS * 1000)} / {length(timeline.totalS * 1000)}
        </span>
        <span class="spacer" />
        {marks.length > 0 ? (
          <>
            <IconButton icon="back" label="Motion before this" onClick={() => toMotion(-1)} />
            <IconButton icon="next" label="Next motion" onClick={() => toMotion(1)} />
          </>
        ) : null}
        <select
          class="speed"
          aria-label="Speed"
          value={String(speed)}
          onChange={(event) => changeSpeed(Number(event.currentTarget.value))}
        >
          {speeds.map((value) => (
            <option key={value} value={String(value)}>
              {value}×
            </option>
          ))}
        </select>
        <IconButton icon="expand" label="Full screen" onClick={fullscreen} />
      </div>
    </section>
  );
}
