// One camera on the wall: its picture, what is to be said over it, and what can be done with it.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { CameraView } from '../../src/http/api.ts';
import { Link, navigate } from '../navigation.tsx';
import { IconButton } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { useNow } from '../parts/use-loaded.ts';
import { addressOf } from '../router.ts';
import { useIsOwner } from '../session.ts';
import { clockTime, length } from '../words.ts';
import { LiveDetails } from './live-details.tsx';
import { liveWord } from './live-state.ts';
import { RecordButton, saveSnapshot } from './tile-actions.tsx';
import { useLiveCamera } from './use-live-camera.ts';

export function CameraTile({ camera, focused }: { readonly camera: CameraView; readonly focused: boolean }) {
  const { video, live, stats } = useLiveCamera(camera.id);
  const isOwner = useIsOwner();
  const [details, setDetails] = useState(false);
  const figure = useRef<HTMLElement>(null);
  const health = newest(live.health, camera.health);
  const motion = live.motion ?? camera.motion;
  const word = liveWord({
    fresh: live.fresh,
    connected: live.connected,
    health,
    asImage: live.unsupported,
    hadPicture: live.lastPictureMs !== undefined,
  });
  const shown = word.kind === 'live';
  const open = () => navigate(focused ? addressOf.live() : addressOf.live(camera.id));
  const size = health.video;
  return (
    <article ref={figure} class={`tile${focused ? ' tile-focused' : ''}`} aria-label={camera.name}>
      <div class="tile-picture" style={size ? { '--shape': `${size.width} / ${size.height}` } : {}}>
        {live.unsupported ? (
          <img class="tile-video" src={`/stream.mjpg?camera=${encodeURIComponent(camera.id)}`} alt="" />
        ) : null}
        <video
          ref={video}
          class={`tile-video${shown && !live.unsupported ? '' : ' tile-video-hidden'}`}
          muted
          playsInline
          autoPlay
          tabIndex={-1}
          aria-hidden="true"
        />
        {shown ? null : (
          <div class={`tile-word tile-word-${word.kind}`}>
            {word.kind === 'waiting' ? <span class="spinner" aria-hidden="true" /> : null}
            {word.kind === 'lost' ? <Icon name="warn" size={28} /> : null}
            <p class="tile-message">{word.message}</p>
            {word.kind === 'lost' ? <p class="tile-advice">{word.advice}</p> : null}
            {live.lastPictureMs && word.kind !== 'off' ? (
              <p class="tile-advice">Last picture at {clockTime(live.lastPictureMs)}</p>
            ) : null}
          </div>
        )}
        <button
          type="button"
          class="tile-open"
          onClick={open}
          aria-label={focused ? 'Back to all cameras' : `Enlarge ${camera.name}`}
        />
        <div class="tile-marks">
          {shown ? <span class="mark-live">Live</span> : null}
          {camera.recording.length > 0 ? <RecMark camera={camera} /> : null}
          {motion.moving && shown ? (
            <span class="mark-motion">
              Motion
              <meter min={0} max={100} value={motion.level} aria-label="How much moves" />
            </span>
          ) : null}
        </div>
      </div>
      <div class="tile-bar">
        <h2 class="tile-name">
          <span class={`dot dot-${word.kind}`} aria-hidden="true" />
          {camera.name}
          <span class="visually-hidden" role="status">
            {word.kind === 'live' ? 'live' : word.message}
          </span>
        </h2>
        <div class="tile-actions">
          {isOwner ? <RecordButton camera={camera} /> : null}
          <IconButton icon="snapshot" label={`Save a picture of ${camera.name}`} onClick={() => saveSnapshot(camera)} />
          {isOwner ? (
            <Link class="icon-button" href={addressOf.tune(camera.id)} aria-label={`Tune motion of ${camera.name}`}>
              <Icon name="tune" />
            </Link>
          ) : null}
          <IconButton
            icon="info"
            label={`Details of ${camera.name}`}
            pressed={details}
            onClick={() => setDetails(!details)}
          />
          {focused ? <FullscreenButton target={figure} /> : null}
        </div>
      </div>
      {live.unsupported ? (
        <p class="tile-note">This browser cannot play {codecName(health)}, so you see single pictures.</p>
      ) : null}
      {details ? <LiveDetails camera={camera} health={health} stats={live.unsupported ? undefined : stats} /> : null}
    </article>
  );
}

const newest = (a: CameraView['health'] | undefined, b: CameraView['health']) => (a && a.sinceMs >= b.sinceMs ? a : b);
const codecName = (health: CameraView['health']) => (health.video?.codec === 'h265' ? 'H.265 video' : 'this video');

/** REC, and for how long already (or how long a recording by hand has left). */
function RecMark({ camera }: { readonly camera: CameraView }) {
  const now = useNow(1000);
  const left = camera.manualUntilMs === undefined ? undefined : camera.manualUntilMs - now;
  return (
    <span class="mark-rec">
      Rec{' '}
      {left !== undefined ? (
        <span class="numbers">−{length(left)}</span>
      ) : camera.recordingSinceMs !== undefined ? (
        <span class="numbers">{length(now - camera.recordingSinceMs)}</span>
      ) : null}
    </span>
  );
}

function FullscreenButton({ target }: { readonly target: { readonly current: HTMLElement | null } }) {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const onChange = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', onChange);
    return () => document.removeEventListener('fullscreenchange', onChange);
  }, []);
  const toggle = () => {
    if (document.fullscreenElement) return document.exitFullscreen();
    const element = target.current;
    if (element?.requestFullscreen) return element.requestFullscreen();
    // iPhones only give the whole screen to the video element itself.
    const video = element?.querySelector('video') as (HTMLVideoElement & { webkitEnterFullscreen?: () => void }) | null;
    video?.webkitEnterFullscreen?.();
    return undefined;
  };
  return (
    <IconButton icon={full ? 'shrink' : 'expand'} label={full ? 'Leave full screen' : 'Full screen'} onClick={toggle} />
  );
}
