// Factory reset: says what is destroyed, and asks for the name of the box to be typed, so that nobody does it in passing.

import { useState } from 'preact/hooks';
import { describe } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { usePassphraseFirst } from '../parts/passphrase-first.tsx';
import { session } from '../session.ts';
import { useStore } from '../store.ts';
import { resetBox } from '../system.ts';
import { TextField } from './gate-fields.tsx';
import { isName } from './system-words.ts';

export function ResetCard() {
  const [asking, setAsking] = useState(false);
  const { passphraseFirst, ask } = usePassphraseFirst('Type your passphrase to reset the box.');
  return (
    <section class="card card-danger" aria-labelledby="reset-title">
      <h2 id="reset-title">Factory reset</h2>
      <p>
        Destroys everything on the box for good and begins anew, as on its first day. For a box that you sell or give
        away.
      </p>
      <Button kind="danger" onClick={() => passphraseFirst(() => setAsking(true))}>
        Reset the box
      </Button>
      {ask}
      {asking ? <ResetDialog onClose={() => setAsking(false)} /> : null}
    </section>
  );
}

function ResetDialog({ onClose }: { readonly onClose: () => void }) {
  const state = useStore(session);
  const boxName = state.kind === 'known' ? state.view.boxName : '';
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const reset = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await resetBox(typed.trim());
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Destroy everything on this box?" onClose={busy ? () => {} : onClose}>
      <form class="reset-form" onSubmit={reset}>
        <p>
          All recordings, all keys and people, all settings and passwords are destroyed. Nobody can bring them back: not
          you, not with the recovery sheet. Save first what you want to keep.
        </p>
        <TextField
          label={`Type the name of the box: ${boxName}`}
          value={typed}
          onInput={setTyped}
          autoComplete="off"
          first
        />
        {error ? <Notice level="error" message={error} /> : null}
        <div class="actions actions-end">
          <Button disabled={busy} onClick={onClose}>
            Cancel
          </Button>
          <Button kind="danger" type="submit" busy={busy} disabled={!isName(typed, boxName)}>
            {busy ? 'One moment…' : 'Destroy everything'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
