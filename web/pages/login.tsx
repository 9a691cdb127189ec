// Signing in, with the code of a second factor where it is asked for. The address stays as it is, so that one is back where one was.

import { useState } from 'preact/hooks';
import { ApiError, describe } from '../api.ts';
import { Link } from '../navigation.tsx';
import { Button, Notice } from '../parts/button.tsx';
import { Mark } from '../parts/icons.tsx';
import { signIn, signInWith } from '../people.ts';
import { addressOf } from '../router.ts';
import { loadSession } from '../session.ts';
import { PassphraseField, TextField } from './gate-fields.tsx';

export function LoginPage({ boxName }: { readonly boxName: string }) {
  const [name, setName] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [code, setCode] = useState('');
  /** What the passphrase was stretched to, while the code is asked for. */
  const [secret, setSecret] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const attempt = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      if (secret === undefined) {
        const step = await signIn(name.trim(), passphrase);
        if (step.kind === 'code') setSecret(step.signIn);
        else await loadSession();
      } else {
        await signInWith(name.trim(), secret, code.replace(/\s/g, ''));
        await loadSession();
      }
    } catch (failure) {
      setError(secret !== undefined && isDenied(failure) ? wrongCode : describe(failure));
      setCode('');
    }
    setBusy(false);
  };
  return (
    <main class="gate" id="main">
      <form class="gate-card" onSubmit={attempt} key={secret === undefined ? 'passphrase' : 'code'}>
        <Mark size={56} />
        <h1>{boxName}</h1>
        {secret === undefined ? (
          <>
            <TextField label="Your name" value={name} onInput={setName} autoComplete="username" first />
            <PassphraseField label="Passphrase" value={passphrase} onInput={setPassphrase} />
          </>
        ) : (
          <TextField
            label="Code from your authenticator"
            value={code}
            onInput={setCode}
            autoComplete="one-time-code"
            help="Six digits. A new one comes every thirty seconds."
            digits
            first
          />
        )}
        {error ? <Notice level="error" message={error} /> : null}
        <Button kind="primary" type="submit" busy={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </Button>
        {secret === undefined ? (
          <Link class="button button-quiet" href={addressOf.recover()}>
            I forgot my passphrase
          </Link>
        ) : (
          <Button
            kind="quiet"
            onClick={() => {
              setSecret(undefined);
              setError(undefined);
            }}
          >
            Back
          </Button>
        )}
      </form>
    </main>
  );
}

const isDenied = (error: unknown) => error instanceof ApiError && error.kind === 'denied';
const wrongCode =
  'That code is not right, or was used already. Wait for the next one, and see that the clock of your phone is right.';
