// What one can do with a live camera: record by hand, save a picture.

import { useState } from 'preact/hooks';
import type { CameraView } from '../../src/http/api.ts';
import { api } from '../api.ts';
import { toast, withToast } from '../parts/toast.tsx';
import { replaceCamera } from '../session.ts';
import { length } from '../words.ts';

export function RecordButton({ camera }: { readonly camera: CameraView }) {
  const [busy, setBusy] = useState(false);
  const running = camera.recording.includes('manual');
  const press = async () => {
    setBusy(true);
    const path = `/cameras/${encodeURIComponent(camera.id)}/recording`;
    const view = await withToast(
      running
        ? { busy: `Stopping the recording of ${camera.name}…`, done: `${camera.name}: the recording is kept` }
        : {
            busy: `Starting to record ${camera.name}…`,
            done: `${camera.name} is being recorded, for ${length(camera.settings.record.manualLimitS * 1000)} at most`,
          },
      () => (running ? api.delete<CameraView>(path) : api.post<CameraView>(path)),
    );
    if (view) replaceCamera(view);
    setBusy(false);
  };
  const label = running ? `Stop recording ${camera.name}` : `Record ${camera.name}`;
  return (
    <button
      type="button"
      class={`icon-button record${running ? ' record-on' : ''}`}
      aria-label={label}
      title={label}
      aria-pressed={running}
      aria-busy={busy}
      disabled={busy}
      onClick={() => void press()}
    >
      {busy ? <span class="spinner" aria-hidden="true" /> : <span class="record-dot" aria-hidden="true" />}
    </button>
  );
}

/** Fetches a picture of now and hands it to the browser's downloads. */
export async function saveSnapshot(camera: CameraView): Promise<void> {
  await withToast({ busy: 'Taking a picture…', done: 'The picture is in your downloads' }, async () => {
    const response = await fetch(`/snapshot.jpg?camera=${encodeURIComponent(camera.id)}`);
    if (!response.ok) throw new Error('There is no picture at the moment: the camera is not live.');
    const url = URL.createObjectURL(await response.blob());
    const link = document.createElement('a');
    link.href = url;
    link.download = `${camera.id}_${new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-')}.jpg`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
}

export const copyText = async (text: string, what: string) => {
  try {
    await navigator.clipboard.writeText(text);
    toast.ok(`${what} is copied`);
  } catch {
    toast.error('This browser does not let the page copy. Select the text and copy it.');
  }
};
