// Links that let other players see a camera without signing in; each can be taken back.

import { useId, useState } from 'preact/hooks';
import type { StreamTokenView } from '../../src/http/api.ts';
import { api } from '../api.ts';
import { copyText } from '../live/tile-actions.tsx';
import { Button, IconButton, Loading, Notice } from '../parts/button.tsx';
import { Confirm, Dialog } from '../parts/dialog.tsx';
import { usePassphraseFirst } from '../parts/passphrase-first.tsx';
import { withToast } from '../parts/toast.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { makeStreamToken } from '../people.ts';
import { cameras } from '../session.ts';
import { useStore } from '../store.ts';
import { dateTime } from '../words.ts';

export function StreamTokens() {
  const tokens = useLoaded<readonly StreamTokenView[]>('/stream-tokens');
  const all = useStore(cameras) ?? [];
  const [name, setName] = useState('');
  const [cameraId, setCameraId] = useState('');
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<StreamTokenView>();
  const [revoking, setRevoking] = useState<StreamTokenView>();
  const id = useId();
  const { passphraseFirst, ask } = usePassphraseFirst('Type your passphrase to make a link that needs none.');
  const create = async () => {
    setBusy(true);
    const token = await withToast({ busy: 'Making the link…' }, () =>
      makeStreamToken(name.trim(), cameraId === '' ? null : cameraId),
    );
    setBusy(false);
    if (!token) return;
    setMade(token);
    setName('');
    tokens.reload();
  };
  const cameraName = (of: string | null) => (of === null ? 'Every camera' : (all.find((c) => c.id === of)?.name ?? of));
  return (
    <section class="card" id="tokens" aria-labelledby="tokens-title">
      <h2 id="tokens-title">Stream links</h2>
      <p>For players that cannot sign in, such as VLC or a wall display. Whoever has the link sees the camera.</p>
      {tokens.error ? <Notice level="error" message={tokens.error} /> : null}
      {tokens.data ? null : tokens.error ? null : <Loading what="links" />}
      <ul class="rows">
        {tokens.data?.map((token) => (
          <li key={token.id} class="row">
            <span class="row-name">{token.name}</span>
            <span class="row-note">
              {cameraName(token.cameraId)},{' '}
              {token.lastUsedMs ? `last used ${dateTime(token.lastUsedMs)}` : 'never used'}
            </span>
            <IconButton icon="trash" label={`Take back ${token.name}`} onClick={() => setRevoking(token)} />
          </li>
        ))}
      </ul>
      {ask}
      <form
        class="inline-form"
        onSubmit={(event) => {
          event.preventDefault();
          passphraseFirst(() => void create());
        }}
      >
        <div class="field">
          <label for={`${id}-name`}>What it is for</label>
          <input
            id={`${id}-name`}
            type="text"
            required
            maxLength={60}
            placeholder="Kitchen display"
            autoComplete="off"
            value={name}
            onInput={(e) => setName(e.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label for={`${id}-camera`}>Camera</label>
          <select id={`${id}-camera`} value={cameraId} onChange={(e) => setCameraId(e.currentTarget.value)}>
            <option value="">Every camera</option>
            {all.map((c) => (
              <option key={c.id} value={c.id}>
                {c.name}
              </option>
            ))}
          </select>
        </div>
        <Button type="submit" icon="plus" busy={busy}>
          Make a link
        </Button>
      </form>
      {made ? (
        <MadeToken
          token={made}
          cameraIds={made.cameraId === null ? all.map((c) => c.id) : [made.cameraId]}
          onClose={() => setMade(undefined)}
        />
      ) : null}
      {revoking ? (
        <Confirm
          title={`Take back ${revoking.name}?`}
          text="Players that use this link stop showing the camera at once."
          action="Take it back"
          busy="Taking it back…"
          onConfirm={() =>
            withToast({ busy: 'Taking the link back…', done: 'The link is taken back' }, async () => {
              await api.delete(`/stream-tokens/${encodeURIComponent(revoking.id)}`);
              tokens.reload();
            })
          }
          onClose={() => setRevoking(undefined)}
        />
      ) : null}
    </section>
  );
}

/** The only time that the token is shown. */
function MadeToken({
  token,
  cameraIds,
  onClose,
}: {
  readonly token: StreamTokenView;
  readonly cameraIds: readonly string[];
  readonly onClose: () => void;
}) {
  const links = cameraIds.map(
    (id) => `${location.origin}/stream.mjpg?camera=${encodeURIComponent(id)}&token=${token.token ?? ''}`,
  );
  return (
    <Dialog title="Copy it now" onClose={onClose}>
      <p>This is shown once. Lost? Take it back and make another.</p>
      {links.map((link) => (
        <div key={link} class="copy-row">
          <code>{link}</code>
          <Button small onClick={() => copyText(link, 'The link')}>
            Copy
          </Button>
        </div>
      ))}
      <div class="actions actions-end">
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
