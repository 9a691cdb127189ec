// A recording that this browser cannot decode: its still, why, and what to do instead.

import type { RecordingDetail } from '../../src/http/api.ts';
import { Notice } from '../parts/button.tsx';

export function Unplayable({ recording }: { readonly recording: RecordingDetail }) {
  const [segment] = recording.segments;
  const isH265 = /hvc1|hev1/.test(segment?.mimeType ?? '');
  return (
    <section class="player" aria-label="Player">
      {recording.hasStill ? (
        <div class="player-picture" style={segment ? { '--shape': `${segment.width} / ${segment.height}` } : {}}>
          <img src={`/api/v1/recordings/${encodeURIComponent(recording.id)}/still.jpg`} alt="From this recording" />
        </div>
      ) : null}
      <Notice
        level="info"
        message={
          isH265
            ? 'This browser cannot play this recording: the camera films in H.265.'
            : 'This browser cannot play this recording.'
        }
        advice="Download it and play it with another program, such as VLC, or set the camera to H.264."
      />
    </section>
  );
}
