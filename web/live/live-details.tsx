// Measured facts about one live camera, while one looks at them: what arrives, what is shown, how late it is.

import { useEffect, useState } from 'preact/hooks';
import type { CameraView, StatusView } from '../../src/http/api.ts';
import { api } from '../api.ts';
import { Link } from '../navigation.tsx';
import { addressOf } from '../router.ts';
import { useIsOwner } from '../session.ts';
import { span } from '../words.ts';
import type { LiveStats } from './live-player.ts';
import { lowPowerWords } from './low-power.ts';

/** This device's clock minus the box's, from one question: right to half of the way there and back. */
async function clockDifferenceMs(): Promise<number | undefined> {
  try {
    const sentMs = Date.now();
    const { nowMs } = await api.get<StatusView>('/status');
    return (sentMs + Date.now()) / 2 - nowMs;
  } catch {
    return undefined;
  }
}

export function LiveDetails({
  camera,
  health,
  stats,
}: {
  readonly camera: CameraView;
  readonly health: CameraView['health'];
  readonly stats: (() => LiveStats | undefined) | undefined;
}) {
  const isOwner = useIsOwner();
  const [difference, setDifference] = useState<number>();
  const [now, setNow] = useState<LiveStats>();
  useEffect(() => {
    if (isOwner) void clockDifferenceMs().then(setDifference);
    const timer = setInterval(() => setNow(stats?.()), 500);
    return () => clearInterval(timer);
  }, [stats, isOwner]);
  const latency =
    now?.rawLatencyMs === undefined || difference === undefined
      ? undefined
      : Math.max(0, now.rawLatencyMs - difference);
  const { video } = health;
  const power = lowPowerWords(health);
  const rows: readonly (readonly [string, string])[] = [
    // The box's clock is part of its status, which is for owners.
    ...(isOwner
      ? [['Delay, camera to screen', latency === undefined ? 'measuring…' : `${Math.round(latency)} ms`] as const]
      : []),
    ['Shown here', now ? `${now.shownFps.toFixed(0)} pictures/s, ${now.kbps} kbit/s` : '–'],
    [
      'From the camera',
      health.fps === undefined ? '–' : `${health.fps.toFixed(0)} pictures/s, ${Math.round(health.kbps ?? 0)} kbit/s`,
    ],
    ['Video', video ? `${video.width} × ${video.height}, ${video.codec === 'h265' ? 'H.265' : 'H.264'}` : '–'],
    [health.state === 'live' ? 'Live for' : 'In this state for', span(Date.now() - health.sinceMs)],
    ['Restarts', String(health.restarts)],
    ...(power ? [['Low power', power] as const] : []),
  ];
  return (
    <div class="tile-details">
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="numbers">{value}</dd>
          </div>
        ))}
      </dl>
      {isOwner ? (
        <p class="actions">
          <Link href={addressOf.tune(camera.id)}>Tune motion</Link>
          <Link href={addressOf.camera(camera.id)}>Settings of this camera</Link>
        </p>
      ) : null}
    </div>
  );
}
