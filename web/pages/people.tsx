// Who may come in, for owners: the list, and asking before somebody is removed or given a new passphrase. Adding is `add-person.tsx`.

import { useState } from 'preact/hooks';
import type { PersonView } from '../../src/http/api.ts';
import { describe } from '../api.ts';
import { Link } from '../navigation.tsx';
import { Button, Loading, Notice } from '../parts/button.tsx';
import { Confirm, Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icons.tsx';
import { toast, withToast } from '../parts/toast.tsx';
import { Unlock } from '../parts/unlock.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { removePerson, resetPassphrase } from '../people.ts';
import { addressOf } from '../router.ts';
import { usePerson } from '../session.ts';
import { useStore } from '../store.ts';
import { vault } from '../vault/client.ts';
import { dateTime } from '../words.ts';
import { AddPersonDialog } from './add-person.tsx';
import { FirstPassphrase } from './first-passphrase.tsx';
import { passphraseHint } from './passphrase-hint.ts';
import { removalWords, roleWords } from './role-words.ts';

export function PeoplePage() {
  const people = useLoaded<readonly PersonView[]>('/people');
  const me = usePerson();
  const locked = useStore(vault.state) === 'locked';
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<PersonView>();
  const [resetting, setResetting] = useState<PersonView>();
  return (
    <div class="page narrow">
      <div class="page-head">
        <h1>People</h1>
        <Link class="button button-quiet" href={addressOf.settings()}>
          <Icon name="back" size={18} /> Settings
        </Link>
      </div>
      {locked ? <Unlock reason="Type your passphrase to add or remove people: each gets a key of their own." /> : null}
      <section class="card" aria-labelledby="people-title">
        <h2 id="people-title">Who may come in</h2>
        {people.error ? <Notice level="error" message={people.error} /> : null}
        {people.data || people.error ? null : <Loading what="people" />}
        <ul class="rows">
          {people.data?.map((person) => (
            <li key={person.id} class="person">
              <div class="person-words">
                <p class="row-name">
                  {person.name}
                  {person.id === me?.id ? ' (you)' : ''}
                </p>
                <p class="note">
                  {roleWords[person.role].name}
                  {person.secondFactor ? ', second factor' : ''} ·{' '}
                  {person.lastSeenMs === undefined ? 'not here yet' : `here ${dateTime(person.lastSeenMs)}`}
                </p>
              </div>
              {person.id === me?.id ? (
                <Link class="button button-small" href={addressOf.account()}>
                  You
                </Link>
              ) : (
                <div class="actions">
                  <Button small disabled={locked} onClick={() => setResetting(person)}>
                    New passphrase<span class="visually-hidden"> for {person.name}</span>
                  </Button>
                  <Button small kind="danger" disabled={locked} onClick={() => setRemoving(person)}>
                    Remove<span class="visually-hidden"> {person.name}</span>
                  </Button>
                </div>
              )}
            </li>
          ))}
        </ul>
        <Button icon="plus" disabled={locked} onClick={() => setAdding(true)}>
          Add somebody
        </Button>
      </section>
      {adding ? <AddPersonDialog onAdded={people.reload} onClose={() => setAdding(false)} /> : null}
      {removing ? (
        <Confirm
          title={`Remove ${removing.name}?`}
          text={removalWords(removing)}
          action="Remove"
          busy="Removing…"
          onConfirm={() =>
            withToast({ busy: `Removing ${removing.name}…`, done: `${removing.name} is removed` }, async () => {
              await removePerson(removing.id);
              people.reload();
            })
          }
          onClose={() => setRemoving(undefined)}
        />
      ) : null}
      {resetting ? (
        <ResetDialog person={resetting} onDone={people.reload} onClose={() => setResetting(undefined)} />
      ) : null}
    </div>
  );
}

function ResetDialog({
  person,
  onDone,
  onClose,
}: {
  readonly person: PersonView;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const reset = async (event: Event) => {
    event.preventDefault();
    const { enough, words } = passphraseHint(passphrase, [person.name]);
    if (!enough) return setError(words);
    setBusy(true);
    setError(undefined);
    try {
      await resetPassphrase(person.id, passphrase);
      toast.ok(`${person.name} has a new passphrase`);
      onDone();
      onClose();
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog title={`A new passphrase for ${person.name}`} onClose={onClose}>
      <form onSubmit={reset}>
        <p class="dialog-text">
          The one before is worth nothing from now on, and {person.name} is signed out everywhere. What {person.name}{' '}
          could open stays open with the new one.
          {person.secondFactor ? ` The second factor of ${person.name} is switched off.` : ''}
        </p>
        <FirstPassphrase value={passphrase} onInput={setPassphrase} names={[person.name]} label="New passphrase" />
        {error ? <Notice level="error" message={error} /> : null}
        <div class="actions actions-end">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            {busy ? 'Making a new key…' : 'Set it'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
