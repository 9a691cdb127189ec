// Somebody new: name, what they may do, a first passphrase, and whether they may see the past. Their keys are made here, in the page.

import { useState } from 'preact/hooks';
import type { Role } from '../../src/http/api.ts';
import { describe } from '../api.ts';
import { copyText } from '../live/tile-actions.tsx';
import { Button, Notice } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { addPerson } from '../people.ts';
import { FirstPassphrase } from './first-passphrase.tsx';
import { TextField } from './gate-fields.tsx';
import { passphraseHint } from './passphrase-hint.ts';
import { roles, roleWords } from './role-words.ts';

export function AddPersonDialog({ onAdded, onClose }: { readonly onAdded: () => void; readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [passphrase, setPassphrase] = useState('');
  const [earlier, setEarlier] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const [added, setAdded] = useState(false);
  const add = async (event: Event) => {
    event.preventDefault();
    const { enough, words } = passphraseHint(passphrase, [name]);
    if (!enough) return setError(words);
    setBusy(true);
    setError(undefined);
    try {
      await addPerson({ name: name.trim(), role, passphrase, earlier: role === 'viewer' && earlier });
      onAdded();
      setAdded(true);
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  if (added) return <AddedDialog name={name.trim()} passphrase={passphrase} onClose={onClose} />;
  return (
    <Dialog title="Add somebody" onClose={onClose}>
      <form onSubmit={add}>
        <TextField label="Name" value={name} onInput={setName} autoComplete="off" first />
        <fieldset class="roles">
          <legend>May</legend>
          {roles.map((each) => (
            <label key={each} class="kind">
              <input type="radio" name="role" checked={role === each} onChange={() => setRole(each)} />
              <span class="kind-name">{roleWords[each].name}</span>
              <span class="kind-text">{roleWords[each].what}</span>
            </label>
          ))}
        </fieldset>
        {role === 'viewer' ? (
          <label class="choice past-choice">
            <input type="checkbox" checked={earlier} onChange={(event) => setEarlier(event.currentTarget.checked)} />
            May also see what was recorded before
          </label>
        ) : null}
        {role === 'owner' ? (
          <p class="note past-choice">An owner also opens everything that was recorded before, and can remove you.</p>
        ) : null}
        <FirstPassphrase label="First passphrase" value={passphrase} onInput={setPassphrase} names={[name]} />
        {error ? <Notice level="error" message={error} /> : null}
        <div class="actions actions-end">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            {busy ? 'Making a key…' : 'Add'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function AddedDialog({
  name,
  passphrase,
  onClose,
}: {
  readonly name: string;
  readonly passphrase: string;
  readonly onClose: () => void;
}) {
  const message = `${location.origin}\nName: ${name}\nPassphrase: ${passphrase}`;
  return (
    <Dialog title={`${name} can come in`} onClose={onClose}>
      <p>Tell {name} these three, best face to face. The passphrase is not shown again.</p>
      <dl class="facts">
        <div>
          <dt>Address</dt>
          <dd>{location.origin}</dd>
        </div>
        <div>
          <dt>Name</dt>
          <dd>{name}</dd>
        </div>
        <div>
          <dt>Passphrase</dt>
          <dd>{passphrase}</dd>
        </div>
      </dl>
      <p class="note">Ask {name} to change the passphrase under “You”: then nobody else knows it.</p>
      <div class="actions actions-end">
        <Button onClick={() => copyText(message, 'It')}>Copy</Button>
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
