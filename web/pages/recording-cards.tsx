// Recordings as stills with time, length, reason and how much moved; as pictures or as a list.

import type { RecordingView } from '../../src/http/api.ts';
import { Link } from '../navigation.tsx';
import { Icon } from '../parts/icons.tsx';
import { SealedPicture } from '../parts/sealed-picture.tsx';
import { useNow } from '../parts/use-loaded.ts';
import { addressOf } from '../router.ts';
import { clockTime, length, movedShare, movedWords, reasonWords, size } from '../words.ts';

export function RecordingCards({
  recordings,
  asList,
  choosing,
  chosen,
  onToggle,
}: {
  readonly recordings: readonly RecordingView[];
  readonly asList: boolean;
  readonly choosing: boolean;
  readonly chosen: ReadonlySet<string>;
  readonly onToggle: (id: string) => void;
}) {
  return (
    <ul class={asList ? 'cards cards-list' : 'cards'}>
      {recordings.map((recording) => (
        <li key={recording.id} class={`clip${chosen.has(recording.id) ? ' clip-chosen' : ''}`}>
          <Link href={addressOf.recording(recording.id)} class="clip-link" aria-label={label(recording)}>
            <Still recording={recording} />
            <ClipText recording={recording} />
          </Link>
          {choosing ? (
            <label class="clip-choose">
              <input type="checkbox" checked={chosen.has(recording.id)} onChange={() => onToggle(recording.id)} />
              <span class="visually-hidden">Select {label(recording)}</span>
            </label>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

const label = (r: RecordingView) =>
  `${r.cameraName}, ${clockTime(r.startMs)}, ${r.endMs === undefined ? 'still recording' : length(r.durationMs)}, ${reasonsOf(r)}`;
export const reasonsOf = (r: Pick<RecordingView, 'reasons'>) =>
  r.reasons.map((reason) => reasonWords[reason]).join(', ');

function Still({ recording }: { readonly recording: RecordingView }) {
  const running = recording.endMs === undefined;
  const now = useNow(1000, running);
  return (
    <div class="clip-still">
      {recording.hasStill ? (
        <SealedPicture path={`/recordings/${encodeURIComponent(recording.id)}/still`} alt="" />
      ) : (
        <Icon name="recordings" size={32} />
      )}
      {running ? <span class="mark-rec">Rec</span> : null}
      <span class="clip-length numbers">{length(running ? now - recording.startMs : recording.durationMs)}</span>
    </div>
  );
}

function ClipText({ recording }: { readonly recording: RecordingView }) {
  return (
    <div class="clip-text">
      <span class="clip-time numbers">{clockTime(recording.startMs)}</span>
      <span class="clip-camera">{recording.cameraName}</span>
      <span class="clip-facts">
        {recording.reasons.map((reason) => (
          <span key={reason} class={`tag tag-${reason}`}>
            {reasonWords[reason]}
          </span>
        ))}
        {recording.peakLevel > 0 ? (
          <span title={`At most ${movedShare(recording.peakLevel)}`}>{movedWords(recording.peakLevel)}</span>
        ) : null}
        {recording.starred ? <span class="tag">Starred</span> : null}
        {recording.timeUnknown ? <span class="tag">Time was not known</span> : null}
        {recording.interrupted ? <span class="tag tag-warn">Cut short</span> : null}
        {recording.bytes > 0 ? <span class="clip-size numbers">{size(recording.bytes)}</span> : null}
      </span>
    </div>
  );
}
