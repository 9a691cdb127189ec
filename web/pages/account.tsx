// Oneself: passphrase, second factor, recovery sheet, the colours of the page, and signing out.

import { useState } from 'preact/hooks';
import type { SignedInPerson } from '../../src/http/api.ts';
import { describe } from '../api.ts';
import { Link } from '../navigation.tsx';
import { Button, Notice } from '../parts/button.tsx';
import { applyTheme, type Theme, theme } from '../parts/theme.ts';
import { toast, withToast } from '../parts/toast.tsx';
import { changePassphrase } from '../people.ts';
import { forgetSheet, uncheckedSheet } from '../recovery-reminder.ts';
import { addressOf } from '../router.ts';
import { signOut, usePerson } from '../session.ts';
import { useStore } from '../store.ts';
import { KnownName, PassphraseField } from './gate-fields.tsx';
import { NewSheetDialog } from './new-sheet.tsx';
import { passphraseHint } from './passphrase-hint.ts';
import { UncheckedSheetNotice } from './recovery-sheet.tsx';
import { roleWords } from './role-words.ts';
import { SecondFactorCard } from './second-factor.tsx';

export function AccountPage() {
  const person = usePerson();
  const unchecked = useStore(uncheckedSheet);
  const [newSheet, setNewSheet] = useState(false);
  if (!person) return null;
  return (
    <div class="page narrow">
      <div class="page-head">
        <h1>You</h1>
      </div>
      {person.role === 'owner' && unchecked ? (
        <UncheckedSheetNotice onNew={() => setNewSheet(true)} onKept={forgetSheet} />
      ) : null}
      <SignedInCard person={person} />
      <PassphraseCard person={person} />
      <SecondFactorCard person={person} />
      {person.role === 'owner' ? (
        <section class="card" aria-labelledby="sheet-card-title">
          <h2 id="sheet-card-title">Recovery sheet</h2>
          <p>
            Fifteen words on paper that open the recordings when the passphrase is forgotten. Lost it, or has somebody
            seen it? Make a new one; the old one then opens this box no more.
          </p>
          <div class="actions">
            <Button onClick={() => setNewSheet(true)}>Make a new recovery sheet</Button>
          </div>
        </section>
      ) : null}
      <ColoursCard />
      {newSheet ? <NewSheetDialog onClose={() => setNewSheet(false)} /> : null}
    </div>
  );
}

function SignedInCard({ person }: { readonly person: SignedInPerson }) {
  const [leaving, setLeaving] = useState(false);
  const { name, what } = roleWords[person.role];
  return (
    <section class="card" aria-labelledby="signed-in-title">
      <h2 id="signed-in-title">{person.name}</h2>
      <p>
        {name}. {what}
      </p>
      <div class="actions">
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
        {person.role === 'owner' ? (
          <Link class="button button-plain" href={addressOf.people()}>
            People
          </Link>
        ) : null}
      </div>
    </section>
  );
}

function PassphraseCard({ person }: { readonly person: SignedInPerson }) {
  const [open, setOpen] = useState(false);
  return (
    <section class="card" aria-labelledby="passphrase-title">
      <h2 id="passphrase-title">Passphrase</h2>
      {open ? (
        <PassphraseForm person={person} onDone={() => setOpen(false)} />
      ) : (
        <>
          <p>
            {person.role === 'live-only'
              ? 'It signs you in. Only you know it: change it if somebody else chose it.'
              : 'It signs you in and opens the recordings. Only you should know it: change it if somebody else chose it.'}
          </p>
          <div class="actions">
            <Button onClick={() => setOpen(true)}>Change the passphrase</Button>
          </div>
        </>
      )}
    </section>
  );
}

function PassphraseForm({ person, onDone }: { readonly person: SignedInPerson; readonly onDone: () => void }) {
  const [before, setBefore] = useState('');
  const [after, setAfter] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const save = async (event: Event) => {
    event.preventDefault();
    const { enough, words } = passphraseHint(after, [person.name]);
    if (!enough) return setError(words);
    setBusy(true);
    setError(undefined);
    try {
      await changePassphrase(person.id, before, after);
      toast.ok('The passphrase is changed');
      onDone();
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={save}>
      <KnownName name={person.name} />
      <PassphraseField label="Passphrase until now" value={before} onInput={setBefore} first />
      <PassphraseField label="New passphrase" value={after} onInput={setAfter} judge={[person.name]} />
      <p class="note">You stay signed in here; other devices ask for the new one.</p>
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

const themes: readonly (readonly [Theme, string])[] = [
  ['system', 'As this device'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

function ColoursCard() {
  const chosen = useStore(theme);
  return (
    <section class="card" aria-labelledby="colours-title">
      <h2 id="colours-title">Colours</h2>
      <fieldset class="choices" aria-labelledby="colours-title">
        {themes.map(([value, word]) => (
          <label key={value} class="choice">
            <input type="radio" name="theme" checked={chosen === value} onChange={() => applyTheme(value)} />
            {word}
          </label>
        ))}
      </fieldset>
    </section>
  );
}
