// A recording that this browser cannot decode: its still, why, and what to do instead.

import { Notice } from '../parts/button.tsx';
import { SealedPicture } from '../parts/sealed-picture.tsx';
import type { Film } from './player.tsx';

export function Unplayable({ film }: { readonly film: Film }) {
  const [segment] = film.segments;
  const isH265 = /hvc1|hev1/.test(segment?.mimeType ?? '');
  return (
    <section class="player" aria-label="Player">
      {film.still ? (
        <div class="player-picture" style={segment ? { '--shape': `${segment.width} / ${segment.height}` } : {}}>
          <SealedPicture path={film.still} alt="From this recording" />
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
