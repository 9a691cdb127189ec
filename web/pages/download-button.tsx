// Saves a recording as one MP4: opened and put together in the page, with how far it is and a way to stop.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { RecordingDetail } from '../../src/http/api.ts';
import { downloadName } from '../../src/playback/file-name.ts';
import { describe, reportSignedOut } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';
import { VaultError, vault } from '../vault/client.ts';
import { span } from '../words.ts';

export function DownloadButton({ recording }: { readonly recording: RecordingDetail }) {
  const [share, setShare] = useState<number>();
  const [said, setSaid] = useState<{ readonly level: 'warn' | 'error'; readonly message: string }>();
  const stop = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const download = async () => {
    const stopping = new AbortController();
    stop.current = stopping;
    setShare(0);
    setSaid(undefined);
    try {
      const { file, missingMs } = await vault.exportMp4(recording.segments, {
        createdAtMs: recording.startMs,
        signal: stopping.signal,
        onProgress: setShare,
      });
      save(file, downloadName(recording, Intl.DateTimeFormat().resolvedOptions().timeZone));
      if (missingMs >= 500)
        setSaid({ level: 'warn', message: `${span(missingMs)} of it could not be opened and is not in the file.` });
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (error instanceof VaultError && error.fault === 'signed-out') reportSignedOut();
      setSaid({ level: 'error', message: describe(error) });
    } finally {
      if (!stopping.signal.aborted) setShare(undefined);
    }
  };
  const cancel = () => {
    stop.current?.abort();
    setShare(undefined);
  };
  return (
    <>
      {share === undefined ? (
        <Button kind="primary" icon="download" onClick={download}>
          Download
        </Button>
      ) : (
        <>
          <progress class="download-progress" value={share} aria-label="How much is ready" />
          <span class="numbers" role="status">
            {Math.floor(share * 100)} %
          </span>
          <Button onClick={cancel}>Cancel</Button>
        </>
      )}
      {said ? <Notice level={said.level} message={said.message} /> : null}
    </>
  );
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser reads it while it saves.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
