// How the box is: what is wrong first, then cameras, space, mail, machine, logs.

import { useEffect } from 'preact/hooks';
import type { CameraView, StatusView } from '../../src/http/api.ts';
import { onChange } from '../changes.ts';
import { Link } from '../navigation.tsx';
import { Loading, Notice } from '../parts/button.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { addressOf } from '../router.ts';
import { cameras } from '../session.ts';
import { useStore } from '../store.ts';
import { count, dateTime, size, span } from '../words.ts';
import { cardNotes, cardWords } from './card-words.ts';
import { LogViewer } from './log-viewer.tsx';
import { UncheckedSheetLine } from './recovery-sheet.tsx';

const refreshMs = 15_000;

export function StatusPage() {
  const status = useLoaded<StatusView>('/status');
  const all = useStore(cameras);
  useEffect(() => {
    const stop = onChange('notice', status.reload);
    // Space, load and temperature have no news of their own.
    const timer = setInterval(() => {
      if (!document.hidden) status.reload();
    }, refreshMs);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [status.reload]);
  if (!status.data) return status.error ? <Notice level="error" message={status.error} /> : <Loading what="status" />;
  const now = status.data;
  return (
    <div class="page">
      <div class="page-head">
        <h1>Status</h1>
      </div>
      <div class="notices">
        <UncheckedSheetLine />
        {now.notices.length === 0 ? <Notice level="ok" message="All is well." /> : null}
        {now.notices.map((notice) => (
          <Notice key={notice.message} level={notice.level} message={notice.message} advice={notice.advice} />
        ))}
      </div>
      <div class="status-grid">
        <Cameras all={all ?? []} />
        <Disk disk={now.disk} />
        <section class="card" aria-labelledby="status-mail">
          <h2 id="status-mail">Mail</h2>
          <p>{now.outbox.waiting === 0 ? 'No mail is waiting.' : `${count(now.outbox.waiting, 'mail')} waiting.`}</p>
          {now.outbox.lastError ? <p class="quote">{now.outbox.lastError}</p> : null}
          {now.outbox.nextTryMs ? <p class="note">Next try: {dateTime(now.outbox.nextTryMs)}</p> : null}
        </section>
        <Machine now={now} />
      </div>
      <LogViewer />
    </div>
  );
}

function Cameras({ all }: { readonly all: readonly CameraView[] }) {
  return (
    <section class="card" aria-labelledby="status-cameras">
      <h2 id="status-cameras">Cameras</h2>
      {all.length === 0 ? <p>There is no camera yet.</p> : null}
      <ul class="rows">
        {all.map(({ id, name, health }) => (
          <li key={id}>
            <Link class="row" href={addressOf.camera(id)}>
              <span class={`dot dot-${health.state === 'starting' ? 'waiting' : health.state}`} aria-hidden="true" />
              <span class="row-name">{name}</span>
              <span class="row-note">{cameraLine(health)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function cameraLine(health: CameraView['health']): string {
  if (health.state === 'off') return 'Switched off';
  if (health.fault) return health.fault.message;
  if (health.state !== 'live') return health.state === 'lost' ? 'Lost' : 'Starting';
  const size = health.video ? `${health.video.width} × ${health.video.height}` : 'Live';
  return health.fps === undefined
    ? size
    : `${size}, ${Math.round(health.fps)} pictures/s, ${Math.round(health.kbps ?? 0)} kbit/s`;
}

function Disk({ disk }: { readonly disk: StatusView['disk'] }) {
  const other = Math.max(0, disk.totalBytes - disk.freeBytes - disk.recordingsBytes);
  const share = (bytes: number) => `${(100 * bytes) / Math.max(1, disk.totalBytes)}%`;
  const words = `${size(disk.freeBytes)} of ${size(disk.totalBytes)} free`;
  return (
    <section class="card" aria-labelledby="status-disk">
      <h2 id="status-disk">Disk</h2>
      <div class={`disk-bar${disk.full ? ' disk-full' : ''}`} role="img" aria-label={words}>
        <div class="disk-recordings" style={{ width: share(disk.recordingsBytes) }} />
        <div class="disk-other" style={{ width: share(other) }} />
        <div class="disk-keep" style={{ width: share(Math.min(disk.keepFreeBytes, disk.freeBytes)) }} />
      </div>
      <ul class="legend">
        <li>
          <span class="swatch disk-recordings" aria-hidden="true" /> Recordings {size(disk.recordingsBytes)}
        </li>
        <li>
          <span class="swatch disk-other" aria-hidden="true" /> Other {size(other)}
        </li>
        <li>
          <span class="swatch disk-keep" aria-hidden="true" /> Kept free {size(disk.keepFreeBytes)}
        </li>
      </ul>
      <p>{words}.</p>
      {disk.daysHeld === undefined ? (
        <p class="note">How many days fit is known after a day of recording.</p>
      ) : (
        <p>At the rate of the last day it holds about {count(Math.max(1, Math.round(disk.daysHeld)), 'day')}.</p>
      )}
      {disk.card ? <Card card={disk.card} /> : null}
    </section>
  );
}

function Card({ card }: { readonly card: NonNullable<StatusView['disk']['card']> }) {
  const [words, notes] = [cardWords(card), cardNotes(card)];
  return (
    <>
      {words ? <p>{words}</p> : null}
      {notes ? <p class="note">{notes}</p> : null}
    </>
  );
}

function Machine({ now }: { readonly now: StatusView }) {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Version', now.version],
    ['Running for', span(now.nowMs - now.startedAtMs)],
    ['Memory', size(now.memoryBytes)],
    ['Load', now.load.toFixed(2)],
    ['Temperature', now.temperatureC === undefined ? undefined : `${Math.round(now.temperatureC)} °C`],
    ['Time of the box', dateTime(now.nowMs)],
  ];
  return (
    <section class="card" aria-labelledby="status-machine">
      <h2 id="status-machine">{now.boxName}</h2>
      <dl class="facts">
        {rows.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd class="numbers">{value}</dd>
            </div>
          ),
        )}
      </dl>
      <h3>Addresses</h3>
      <ul class="plain">
        {now.addresses.map((a) => (
          <li key={a}>
            <a href={a}>{a}</a>
          </li>
        ))}
      </ul>
      {now.tlsFingerprint ? (
        <>
          <h3>Fingerprint of the certificate</h3>
          <p class="note">When a browser warns about the certificate, compare it with this.</p>
          <code class="fingerprint">{now.tlsFingerprint}</code>
        </>
      ) : null}
    </section>
  );
}
