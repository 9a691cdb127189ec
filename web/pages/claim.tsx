// The first visit: whoever has the code from the box's console becomes its owner. The keys are made here, in the page; the
// recovery sheet follows (`recovery-sheet.tsx`).

import { useRef, useState } from 'preact/hooks';
import { describe } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';
import { Mark } from '../parts/icons.tsx';
import { claimBox } from '../people.ts';
import { loadSession } from '../session.ts';
import { type NewVault, vault } from '../vault/client.ts';
import { PassphraseField, TextField } from './gate-fields.tsx';
import { passphraseHint } from './passphrase-hint.ts';
import { sheetToKeep } from './recovery-sheet.tsx';

export function ClaimPage({ boxName, deviceKey }: { readonly boxName: string; readonly deviceKey: string }) {
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState<string>();
  const [error, setError] = useState<string>();
  // Kept for another try when the code was wrong: making keys takes seconds.
  const made = useRef<{ readonly passphrase: string; readonly vault: NewVault }>(null);
  const names = [name, boxName];
  const claim = async (event: Event) => {
    event.preventDefault();
    const { enough, words } = passphraseHint(passphrase, names);
    if (!enough) return setError(words);
    setError(undefined);
    try {
      if (made.current?.passphrase !== passphrase) {
        setBusy('Making your keys. This takes a few seconds.');
        made.current = { passphrase, vault: await vault.claim(passphrase, deviceKey) };
      }
      setBusy('Claiming the box…');
      await claimBox(code, name.trim(), made.current.vault);
      sheetToKeep.set(made.current.vault.recovery);
      await loadSession();
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(undefined);
  };
  return (
    <main class="gate" id="main">
      <form class="gate-card" onSubmit={claim}>
        <Mark size={56} />
        <h1>Make this box yours</h1>
        <p class="gate-intro">
          {boxName} belongs to nobody yet, and records nothing until it does. When it started, it printed a claim code
          on its console.
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
        <PassphraseField label="Passphrase" value={passphrase} onInput={setPassphrase} judge={names} />
        <p class="gate-note">
          It opens your recordings, and never leaves this page. Nobody can send you a new one; on the next page you get
          a recovery sheet for the day you forget it.
        </p>
        {error ? <Notice level="error" message={error} /> : null}
        <Button kind="primary" type="submit" busy={busy !== undefined}>
          {busy ? 'One moment…' : 'Claim this box'}
        </Button>
        <p class="gate-progress" role="status">
          {busy}
        </p>
      </form>
    </main>
  );
}
