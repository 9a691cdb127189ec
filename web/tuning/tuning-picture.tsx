// The large picture of a tuning page: live, or a kept one, with what detection sees drawn over it at the moment it was seen.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { CameraView, MotionSettings, TuningFrame, TuningStep } from '../../src/http/api.ts';
import { liveWord } from '../live/live-state.ts';
import { useLiveCamera } from '../live/use-live-camera.ts';
import { clockTime, movedShare } from '../words.ts';
import type { GreyPicture } from './grey-pictures.ts';
import { drawOverlay, type Layers, type OverlayScene } from './overlay.ts';

/** A picture that was kept, and what the draft settings see in it. */
export interface PastMoment {
  readonly atMs: number;
  readonly picture: GreyPicture | undefined;
  readonly step: TuningStep | undefined;
}

const layerWords: readonly (readonly [keyof Layers, string])[] = [
  ['things', 'Things'],
  ['differing', 'What differs'],
  ['areas', 'Zones and masks'],
  ['restless', 'Restless places'],
];
/** A picture of detection may be this much newer than the one on the screen and still belong to it. */
const slackMs = 60;
const lateMs = 400;

export function TuningPicture({
  camera,
  frames,
  areas,
  past,
  changed,
  sizeHint,
}: {
  readonly camera: CameraView;
  readonly frames: readonly TuningFrame[];
  readonly areas: Pick<MotionSettings, 'zones' | 'masks'>;
  readonly past: PastMoment | undefined;
  /** The draft is not what is saved, and what is seen live is. */
  readonly changed: boolean;
  readonly sizeHint: number | undefined;
}) {
  const { video, live, stats } = useLiveCamera(camera.id);
  const [layers, setLayers] = useState<Layers>({ areas: true, differing: true, things: true, restless: false });
  const [shown, setShown] = useState<TuningStep>();
  const [late, setLate] = useState(false);
  const canvas = useRef<HTMLCanvasElement>(null);
  const now = useRef({ frames, areas, past, sizeHint, layers, stats });
  now.current = { frames, areas, past, sizeHint, layers, stats };

  useEffect(() => {
    const element = canvas.current;
    const ctx = element?.getContext('2d');
    if (!element || !ctx) return;
    let drawn: readonly unknown[] = [];
    let latencyMs: number | undefined;
    let latencyAtMs = Number.NEGATIVE_INFINITY;
    let request = 0;
    const draw = () => {
      request = requestAnimationFrame(draw);
      const { frames, areas, past, sizeHint, layers, stats } = now.current;
      const nowMs = Date.now();
      if (nowMs - latencyAtMs > 250) {
        latencyMs = stats()?.rawLatencyMs;
        latencyAtMs = nowMs;
      }
      // Both times are the box's: how far this device's clock is off falls out.
      const pictureMs = latencyMs === undefined ? Number.POSITIVE_INFINITY : nowMs - latencyMs;
      const frame = past ? undefined : frames.findLast((f) => f.atMs <= pictureMs + slackMs);
      const step = past ? past.step : frame;
      const ratio = Math.min(2, devicePixelRatio || 1);
      const { width, height } = element.getBoundingClientRect();
      const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
      const key = [step, past?.picture, areas, layers, sizeHint, w, h];
      if (key.every((part, i) => part === drawn[i]) && key.length === drawn.length) return;
      drawn = key;
      if (element.width !== w) element.width = w;
      if (element.height !== h) element.height = h;
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      const size = past?.picture ?? frame ?? { width: 16, height: 9 };
      const scene: OverlayScene = { layers, areas, size, step, cells: frame?.cells, picture: past?.picture, sizeHint };
      drawOverlay(ctx, width, height, scene);
      setShown(step);
      if (frame && latencyMs !== undefined) setLate(pictureMs - frame.atMs > lateMs);
    };
    request = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(request);
  }, []);

  const { health } = camera;
  const size = health.video;
  const word = liveWord({
    fresh: live.fresh,
    connected: live.connected,
    health: live.health ?? health,
    asImage: live.unsupported,
    hadPicture: live.lastPictureMs !== undefined,
  });
  const hidden = word.kind !== 'live' && !past;
  const level = shown?.level ?? 0;
  return (
    <div class="tune-seen">
      <div class="tune-frame">
        <div class="tile-picture" style={size ? { '--shape': `${size.width} / ${size.height}` } : {}}>
          {live.unsupported ? (
            <img class="tile-video" src={`/stream.mjpg?camera=${encodeURIComponent(camera.id)}`} alt="" />
          ) : null}
          <video
            ref={video}
            class={`tile-video${hidden && !live.unsupported ? ' tile-video-hidden' : ''}`}
            muted
            playsInline
            autoPlay
            tabIndex={-1}
            aria-hidden="true"
          />
          <canvas ref={canvas} class="tune-overlay" role="img" aria-label="What detection sees in the picture" />
          {hidden ? (
            <div class={`tile-word tile-word-${word.kind}`}>
              <p class="tile-message">{word.message}</p>
              {word.kind === 'lost' ? <p class="tile-advice">{word.advice}</p> : null}
            </div>
          ) : null}
          <div class="tile-marks">
            {past ? (
              <span class="mark-past numbers">Replay {clockTime(past.atMs)}</span>
            ) : hidden ? null : (
              <span class="mark-live">Live</span>
            )}
            {shown?.global && !hidden ? <span class="mark-past">Learning</span> : null}
          </div>
        </div>
      </div>
      <div class="tune-level">
        <span class={`tune-lamp${shown?.moving ? ' tune-lamp-on' : ''}`}>
          {shown?.moving ? 'Moving' : 'Nothing moves'}
        </span>
        <meter min={0} max={100} value={level} aria-label="How much moves" />
        <span class="numbers tune-share">{shown?.moving ? movedShare(level) : ''}</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a row of switches, not a form */}
      <div class="tune-layers" role="group" aria-label="What is drawn over the picture">
        {layerWords.map(([name, text]) => (
          <button
            key={name}
            type="button"
            class={`chip chip-${name}`}
            aria-pressed={layers[name]}
            onClick={() => setLayers({ ...layers, [name]: !layers[name] })}
          >
            {text}
          </button>
        ))}
      </div>
      {past ? null : live.unsupported ? (
        <p class="note">This browser cannot play the camera’s video; the marks may be a second off its pictures.</p>
      ) : late ? (
        <p class="note">The marks are a little behind the picture at the moment.</p>
      ) : changed ? (
        <p class="note">The live marks follow the saved settings. Play the replay to see the draft.</p>
      ) : null}
    </div>
  );
}
