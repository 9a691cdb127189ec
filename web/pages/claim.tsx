// The first visit: whoever has the code from the box's console becomes its owner; on the appliance, in the first hour after it
// was switched on, without a code. Mistakes in nightjar.toml are shown here. The keys are made in the page; the recovery sheet
// follows (`recovery-sheet.tsx`).

import { useRef, useState } from 'preact/hooks';
import type { SessionView } from '../../src/http/api.ts';
import type { PresetProblem } from '../../src/http/api-system.ts';
import { ApiError, describe } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';
import { Icon, Mark } from '../parts/icons.tsx';
import { PresetProblems } from '../parts/preset-problems.tsx';
import { claimBox } from '../people.ts';
import { loadSession } from '../session.ts';
import { type NewVault, vault } from '../vault/client.ts';
import { PassphraseField, TextField } from './gate-fields.tsx';
import { passphraseHint } from './passphrase-hint.ts';
import { sheetToKeep } from './recovery-sheet.tsx';

export function ClaimPage({ view }: { readonly view: SessionView }) {
  const { boxName, deviceKey, setup } = view;
  const codeNeeded = setup?.codeNeeded ?? true;
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
      await claimBox(codeNeeded ? code : undefined, name.trim(), made.current.vault);
      sheetToKeep.set(made.current.vault.recovery);
      await loadSession();
    } catch (failure) {
      const isLate = !codeNeeded && failure instanceof ApiError && failure.kind === 'denied';
      setError(isLate ? lateWords : describe(failure));
      // The field for the code appears.
      if (isLate) await loadSession();
    }
    setBusy(undefined);
  };
  return (
    <main class="gate" id="main">
      <form class="gate-card" onSubmit={claim}>
        <Mark size={56} />
        <h1>Make this box yours</h1>
        <p class="gate-intro">
          {boxName} belongs to nobody yet, and records nothing until it does.{' '}
          {!codeNeeded
            ? 'For an hour after it was switched on, no code is needed.'
            : setup
              ? 'Its claim code is on the screen of the box. No screen? Unplug it, plug it in again, and claim it within an hour: then no code is needed.'
              : 'When it started, it printed a claim code on its console.'}
        </p>
        {setup?.preset ? <PresetMistakes problems={setup.preset.problems} /> : null}
        {codeNeeded ? (
          <TextField
            label="Claim code"
            value={code}
            onInput={setCode}
            autoComplete="one-time-code"
            first
            help="For example K7QF-3MHD. Capitals and dashes do not matter."
          />
        ) : null}
        <TextField label="Your name" value={name} onInput={setName} autoComplete="username" first={!codeNeeded} />
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

const lateWords =
  'The hour is over. Type the code from the screen of the box, or unplug the box, plug it in again, and claim it within the hour.';

function PresetMistakes({ problems }: { readonly problems: readonly PresetProblem[] }) {
  return (
    <div class="notice notice-warn preset-mistakes" role="status">
      <Icon name="warn" />
      <div>
        <p class="notice-message">
          {problems.length === 1 ? 'There is a mistake' : 'There are mistakes'} in nightjar.toml on the card
        </p>
        <PresetProblems problems={problems} />
        <p class="notice-advice">
          What it says rightly was taken. Mend the file on a computer and start the box again, or set the rest on the
          pages.
        </p>
      </div>
    </div>
  );
}
