// Updates: what runs, what the release address offers, and a file from this device. The box judges each; here it is only sent.

import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { ReleaseView, SystemView, UpdateView } from '../../src/http/api.ts';
import { ApiError, describe, sentence } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';
import { usePassphraseFirst } from '../parts/passphrase-first.tsx';
import { checkForUpdate, installOffered, uploadUpdate } from '../system.ts';
import { dateTime, longDate, size } from '../words.ts';
import { lastUpdateWords } from './system-words.ts';

interface Props {
  readonly now: SystemView;
  /** There is an address that can be asked; without one, only a file. */
  readonly hasAddress: boolean;
  readonly onUpdate: (update: UpdateView) => void;
}

export function UpdateCard({ now, hasAddress, onUpdate }: Props) {
  const { update, version } = now;
  const last = lastUpdateWords(update);
  const { state } = update;
  return (
    <section class="card" aria-labelledby="update-title">
      <h2 id="update-title">Version {version}</h2>
      {state.kind === 'trial' ? (
        <Notice
          level="info"
          message={`Version ${state.version} is on trial.`}
          advice="If it does not show within a minute and a half that all is well, the version before comes back by itself."
        />
      ) : last ? (
        <Notice level={last.level} message={last.message} advice={last.advice} />
      ) : null}
      {update.hasKeys ? (
        <>
          {state.kind === 'failed' ? <Notice level="error" message={sentence(state.message)} /> : null}
          {hasAddress ? <Offered update={update} onUpdate={onUpdate} /> : null}
          <FromFile update={update} onUpdate={onUpdate} />
        </>
      ) : (
        <Notice
          level="info"
          message="This box takes no updates: its card holds no key to judge them by."
          advice="To get a newer version, write a newer image to the card. That erases what is on it: save first what you want to keep."
        />
      )}
    </section>
  );
}

interface Parts {
  readonly update: UpdateView;
  readonly onUpdate: (update: UpdateView) => void;
}

function Offered({ update, onUpdate }: Parts) {
  const [busy, setBusy] = useState<'check' | 'install'>();
  const [error, setError] = useState<string>();
  const { passphraseFirst, ask } = usePassphraseFirst('Type your passphrase to install an update.');
  const run = async (what: 'check' | 'install', act: () => Promise<UpdateView>) => {
    setBusy(what);
    setError(undefined);
    try {
      onUpdate(await act());
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(undefined);
  };
  const { offered, checkedAtMs, checkProblem, state } = update;
  const idle = state.kind === 'idle' || state.kind === 'failed';
  return (
    <div class="update-part">
      {offered ? <Release release={offered} /> : checkProblem ? null : <p>{noneWords(checkedAtMs)}</p>}
      {checkedAtMs === undefined ? null : <p class="note">Looked for on {dateTime(checkedAtMs)}.</p>}
      {checkProblem ? <Notice level="warn" message={sentence(checkProblem)} /> : null}
      {error ? <Notice level="error" message={error} /> : null}
      {ask}
      <div class="actions">
        {offered && idle ? (
          <Button
            kind="primary"
            busy={busy === 'install'}
            onClick={() => passphraseFirst(() => void run('install', installOffered))}
          >
            Install {offered.version}
          </Button>
        ) : null}
        <Button busy={busy === 'check'} disabled={!idle} onClick={() => run('check', checkForUpdate)}>
          {busy === 'check' ? 'Looking…' : 'Look for a newer version'}
        </Button>
      </div>
    </div>
  );
}

const noneWords = (checkedAtMs: number | undefined) =>
  checkedAtMs === undefined ? 'The box has not looked for a newer version yet.' : 'There is no newer version.';

function Release({ release }: { readonly release: ReleaseView }) {
  return (
    <>
      <h3>Version {release.version} is there</h3>
      <p class="note">
        Of {longDate(release.releasedAtMs)}, {size(release.bytes)}
      </p>
      {release.notes.trim() === '' ? null : <div class="release-notes">{release.notes.trim()}</div>}
    </>
  );
}

function FromFile({ update, onUpdate }: Parts) {
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [allowOlder, setAllowOlder] = useState(false);
  const [sent, setSent] = useState<{ readonly bytes: number; readonly stop: () => void }>();
  const [error, setError] = useState<string>();
  const { passphraseFirst, ask } = usePassphraseFirst('Type your passphrase to install an update.');
  const { state } = update;
  const install = async (chosen: File) => {
    const stop = new AbortController();
    const { signal } = stop;
    const onProgress = (bytes: number) => setSent({ bytes, stop: () => stop.abort() });
    setError(undefined);
    onProgress(0);
    try {
      onUpdate(await uploadUpdate({ file: chosen, allowOlder, signal, onProgress }));
      setFile(undefined);
      if (input.current) input.current.value = '';
    } catch (failure) {
      if (!(failure instanceof ApiError && failure.kind === 'stopped')) setError(describe(failure));
    }
    setSent(undefined);
  };
  if (sent && file) {
    return (
      <Progress what={`Sending ${file.name}`} done={sent.bytes} of={file.size}>
        <Button onClick={sent.stop}>Stop</Button>
      </Progress>
    );
  }
  if (state.kind === 'receiving')
    return <Progress what="An update is coming in" done={state.bytes} of={state.ofBytes} />;
  return (
    <div class="update-part">
      <h3>From a file</h3>
      <p class="note">For a box without internet. The file is checked before anything changes.</p>
      <label class="file-field">
        <span class="visually-hidden">File of the update</span>
        <input
          ref={input}
          type="file"
          onChange={(event) => {
            setError(undefined);
            setFile(event.currentTarget.files?.[0]);
          }}
        />
      </label>
      {file ? (
        <label class="choice">
          <input type="checkbox" checked={allowOlder} onChange={() => setAllowOlder(!allowOlder)} />
          Also if it is older than what runs now
        </label>
      ) : null}
      {error ? <Notice level="error" message={error} /> : null}
      {ask}
      {file ? (
        <div class="actions">
          <Button
            kind="primary"
            disabled={state.kind !== 'idle' && state.kind !== 'failed'}
            onClick={() => passphraseFirst(() => void install(file))}
          >
            Install this file
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function Progress({
  what,
  done,
  of,
  children,
}: {
  readonly what: string;
  readonly done: number;
  readonly of: number;
  readonly children?: ComponentChildren;
}) {
  const all = done >= of;
  return (
    <div class="update-part update-progress">
      <p role="status">{all ? 'The box checks the file…' : `${what}…`}</p>
      <progress aria-label={what} max={Math.max(1, of)} value={all ? undefined : done} />
      <p class="note numbers">
        {size(Math.min(done, of))} of {size(of)}
      </p>
      {children && !all ? <div class="actions">{children}</div> : null}
    </div>
  );
}
