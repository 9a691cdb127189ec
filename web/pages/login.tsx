// Signing in. The address stays as it is, so that one is back where one was.

import { useState } from 'preact/hooks';
import { api, describe } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';
import { Mark } from '../parts/icons.tsx';
import { loadSession } from '../session.ts';
import { PassphraseField, TextField } from './gate-fields.tsx';

export function LoginPage({ boxName }: { readonly boxName: string }) {
  const [name, setName] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const login = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await api.post('/login', { name: name.trim(), passphrase });
      await loadSession();
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <main class="gate" id="main">
      <form class="gate-card" onSubmit={login}>
        <Mark size={56} />
        <h1>{boxName}</h1>
        <TextField label="Your name" value={name} onInput={setName} autoComplete="username" first />
        <PassphraseField label="Passphrase" value={passphrase} onInput={setPassphrase} />
        {error ? <Notice level="error" message={error} /> : null}
        <Button kind="primary" type="submit" busy={busy}>
          {busy ? 'One moment…' : 'Sign in'}
        </Button>
      </form>
    </main>
  );
}
