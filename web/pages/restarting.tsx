// What is shown while the box restarts, goes through an update or a reset, or switches itself off. It goes away by itself.

import { Button } from '../parts/button.tsx';
import { Mark } from '../parts/icons.tsx';
import { useNow } from '../parts/use-loaded.ts';
import type { Going, RestartWatch } from '../restart-watch.ts';

/** A Pi 3 with a slow card is back after a minute. */
const LONG_MS = 120_000;

const words: Readonly<Record<Going, { readonly title: string; readonly text: string }>> = {
  restart: {
    title: 'The box restarts',
    text: 'This takes about a minute. Nothing is recorded meanwhile. The page comes back by itself.',
  },
  update: {
    title: 'The update starts',
    text: 'The box starts the new version. This takes a few seconds; the page comes back by itself.',
  },
  reset: {
    title: 'Everything is being destroyed',
    text: 'The box erases what it kept and starts as on its first day. This takes a few minutes. Leave it plugged in.',
  },
  'power-off': {
    title: 'The box switches itself off',
    text: 'Wait half a minute before you unplug it. To switch it on again, unplug it and plug it in.',
  },
};

export function RestartingPage({ watch }: { readonly watch: RestartWatch }) {
  const { title, text } = words[watch.why];
  const nowMs = useNow(1000);
  const isOff = watch.why === 'power-off' && watch.phase === 'away';
  const isLong = !isOff && nowMs - watch.toldAtMs > LONG_MS;
  if (watch.phase === 'stayed') return <StayedPage why={watch.why} />;
  return (
    <main class="gate" id="main">
      <div class="gate-card restarting" role="status">
        <Mark size={56} />
        <h1>{isOff ? 'The box is off, or nearly' : title}</h1>
        <p>{text}</p>
        {isOff ? null : (
          <p class="restarting-phase">
            <span class="spinner" aria-hidden="true" /> {phaseWords(watch)}
          </p>
        )}
        {isLong ? (
          <>
            <p class="gate-note">{longWords(watch.why)}</p>
            <Button onClick={() => location.assign(watch.why === 'reset' ? '/' : location.href)}>
              Load the page now
            </Button>
          </>
        ) : null}
      </div>
    </main>
  );
}

const phaseWords = ({ why, phase }: RestartWatch): string =>
  phase === 'going'
    ? 'It finishes what it is recording.'
    : phase === 'back' || phase === 'other'
      ? 'It is back.'
      : why === 'reset'
        ? 'It is at work.'
        : 'Waiting for it.';

const longWords = (why: Going): string =>
  why === 'reset' && location.protocol === 'https:'
    ? 'A box that was reset has a new certificate: load the page now, and the browser asks you about it.'
    : 'This takes longer than usual. See that the box has power, and that this device is on the same network.';

function StayedPage({ why }: { readonly why: Going }) {
  return (
    <main class="gate" id="main">
      <div class="gate-card" role="alert">
        <Mark size={56} />
        <h1>{why === 'power-off' ? 'The box did not switch itself off' : 'The box did not restart'}</h1>
        <p class="gate-intro">
          It runs on as before; its log, on the status page, says why.
          {why === 'reset' ? ' It is reset when it restarts the next time.' : ''}
        </p>
        <Button kind="primary" onClick={() => location.assign('/status')}>
          Go to the status page
        </Button>
      </div>
    </main>
  );
}
