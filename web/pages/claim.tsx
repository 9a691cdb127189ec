// The first visit: whoever has the code from the box's console becomes its owner.

import { useState } from 'preact/hooks';
import type { SessionView } from '../../src/http/api.ts';
import { api, describe } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';
import { Mark } from '../parts/icons.tsx';
import { loadSession } from '../session.ts';
import { PassphraseField, passphraseHint, TextField } from './gate-fields.tsx';

export function ClaimPage({ boxName }: { readonly boxName: string }) {
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const claim = async (event: Event) => {
    event.preventDefault();
    if (!passphraseHint(passphrase).enough) return setError(passphraseHint(passphrase).words);
    setBusy(true);
    setError(undefined);
    try {
      await api.post<SessionView>('/claim', { code, name: name.trim(), passphrase });
      await loadSession();
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <main class="gate" id="main">
      <form class="gate-card" onSubmit={claim}>
        <Mark size={56} />
        <h1>Make this box yours</h1>
        <p class="gate-intro">
          {boxName} belongs to nobody yet. When it started, it printed a claim code on its console.
        </p>
        <TextField
          label="Claim code"
          value={code}
          onInput={setCode}
          autoComplete="one-time-code"
          first
          help="For example K7QF-3MHD. Capitals and dashes do not matter."
        />
        <TextField label="Your name" value={name} onInput={setName} autoComplete="username" />
        <PassphraseField label="Passphrase" value={passphrase} onInput={setPassphrase} judge />
        <p class="gate-note">Write it down somewhere safe: nobody can send you a new one.</p>
        {error ? <Notice level="error" message={error} /> : null}
        <Button kind="primary" type="submit" busy={busy}>
          {busy ? 'One moment…' : 'Claim this box'}
        </Button>
      </form>
    </main>
  );
}
