// Keeps a recording: neither age nor lack of room removes it while it has a star.

import { useState } from 'preact/hooks';
import type { RecordingView } from '../../src/http/api.ts';
import { api } from '../api.ts';
import { IconButton } from './button.tsx';
import { withToast } from './toast.tsx';

export function Star({
  recording,
  onChanged,
}: {
  readonly recording: Pick<RecordingView, 'id' | 'starred'>;
  readonly onChanged: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const { id, starred } = recording;
  const path = `/recordings/${encodeURIComponent(id)}/star`;
  const toggle = async () => {
    setBusy(true);
    const done = starred ? 'It may go again when it is old or room is needed' : 'It stays until you delete it';
    await withToast({ busy: 'Saving…', done }, async () => {
      if (starred) await api.delete(path);
      else await api.put(path, {});
      onChanged();
    });
    setBusy(false);
  };
  return (
    <IconButton
      icon={starred ? 'starred' : 'star'}
      label={starred ? 'Starred: it stays. Take the star away' : 'Star it, so that it stays'}
      pressed={starred}
      busy={busy}
      onClick={toggle}
    />
  );
}
