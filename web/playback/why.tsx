// Why a recording was made: for each event the picture that shows what differed, with one sentence. Loaded only when opened.

import { useState } from 'preact/hooks';
import type { RecordingDetail } from '../../src/http/api.ts';
import { SealedPicture } from '../parts/sealed-picture.tsx';
import { whyWords } from './why-words.ts';

export function Why({ recording }: { readonly recording: RecordingDetail }) {
  const [open, setOpen] = useState(false);
  const events = recording.events.filter((event) => event.difference);
  if (events.length === 0) return null;
  const path = `/recordings/${encodeURIComponent(recording.id)}`;
  return (
    <details class="card fold why" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>Why did this trigger?</h2>
      </summary>
      {open ? (
        <ul class="why-events">
          {events.map((event, i) => (
            <li key={event.id}>
              <p>{whyWords(event)}</p>
              <div class="why-pictures">
                {/* The still is of the last event's best moment. */}
                {recording.hasStill && i === events.length - 1 ? (
                  <figure>
                    <SealedPicture path={`${path}/still`} alt="The moment in which most was to be seen" />
                    <figcaption class="note">The best moment</figcaption>
                  </figure>
                ) : null}
                <figure>
                  <SealedPicture
                    path={`/events/${encodeURIComponent(event.id)}/difference`}
                    mimeType="image/png"
                    alt="What differs, in red"
                  />
                  <figcaption class="note">
                    Red: what differs from the picture before. Blue: what was seen to move
                  </figcaption>
                </figure>
              </div>
            </li>
          ))}
        </ul>
      ) : null}
    </details>
  );
}
