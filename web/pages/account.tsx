// One's own passphrase, the colours of the page, and signing out.

import { useState } from 'preact/hooks';
import { api, describe } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';
import { applyTheme, type Theme, theme } from '../parts/theme.ts';
import { toast, withToast } from '../parts/toast.tsx';
import { session, signOut } from '../session.ts';
import { useStore } from '../store.ts';
import { PassphraseField, passphraseHint } from './gate-fields.tsx';

const themes: readonly (readonly [Theme, string])[] = [
  ['system', 'As this device'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

export function AccountCard() {
  const state = useStore(session);
  const chosen = useStore(theme);
  const [open, setOpen] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const name = state.kind === 'known' ? state.view.person?.name : undefined;
  return (
    <section class="card" id="account" aria-labelledby="account-title">
      <h2 id="account-title">You</h2>
      {name ? <p>Signed in as {name}.</p> : null}
      <fieldset class="field choices">
        <legend>Colours</legend>
        {themes.map(([value, word]) => (
          <label key={value} class="choice">
            <input type="radio" name="theme" checked={chosen === value} onChange={() => applyTheme(value)} />
            {word}
          </label>
        ))}
      </fieldset>
      {open ? <PassphraseForm onDone={() => setOpen(false)} /> : null}
      <div class="actions">
        {open ? null : <Button onClick={() => setOpen(true)}>Change the passphrase</Button>}
        <Button
          busy={leaving}
          onClick={async () => {
            setLeaving(true);
            await withToast({ busy: 'Signing out…' }, signOut);
            setLeaving(false);
          }}
        >
          Sign out
        </Button>
      </div>
    </section>
  );
}

function PassphraseForm({ onDone }: { readonly onDone: () => void }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const save = async (event: Event) => {
    event.preventDefault();
    if (!passphraseHint(next).enough) return setError(passphraseHint(next).words);
    setBusy(true);
    setError(undefined);
    try {
      await api.post('/passphrase', { current, next });
      toast.ok('The passphrase is changed');
      onDone();
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <form class="inset" onSubmit={save}>
      <PassphraseField label="Passphrase until now" value={current} onInput={setCurrent} />
      <PassphraseField label="New passphrase" value={next} onInput={setNext} judge />
      {error ? <Notice level="error" message={error} /> : null}
      <div class="actions">
        <Button kind="primary" type="submit" busy={busy}>
          {busy ? 'Changing…' : 'Change it'}
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  );
}
