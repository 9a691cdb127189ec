// After a reload the session goes on, but the keys are gone with the page: this asks for the passphrase and opens them again. The pages that
// need keys show it while `vault.state` is `locked`.

import { useState } from 'preact/hooks';
import { describe } from '../api.ts';
import { Link } from '../navigation.tsx';
import { KnownName, PassphraseField } from '../pages/gate-fields.tsx';
import { unlock } from '../people.ts';
import { addressOf } from '../router.ts';
import { usePerson } from '../session.ts';
import { Button, Notice } from './button.tsx';
import { Icon } from './icons.tsx';

export function Unlock({ reason }: { readonly reason?: string }) {
  const person = usePerson();
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const open = async (event: Event) => {
    event.preventDefault();
    if (!person) return;
    setBusy(true);
    setError(undefined);
    try {
      await unlock(person.id, passphrase);
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <form class="card unlock" aria-labelledby="unlock-title" onSubmit={open}>
      <h2 id="unlock-title">
        <Icon name="lock" /> Locked
      </h2>
      <p class="unlock-reason">{reason ?? 'Type your passphrase to open your recordings.'}</p>
      <KnownName name={person?.name ?? ''} />
      <PassphraseField label="Passphrase" value={passphrase} onInput={setPassphrase} />
      {error ? <Notice level="error" message={error} /> : null}
      <div class="actions">
        <Button kind="primary" type="submit" busy={busy}>
          {busy ? 'Opening…' : 'Open'}
        </Button>
        <Link class="button button-quiet" href={addressOf.recover()}>
          I forgot it
        </Link>
      </div>
      <p class="note">Only this page holds the keys, so it asks again after each reload.</p>
    </form>
  );
}
