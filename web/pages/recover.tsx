// A forgotten passphrase: the recovery sheet's words, or the text of its QR code, and a new passphrase. Nothing of the sheet goes to the
// box: the page proves that it holds the key (`people.ts`).

import { useId, useState } from 'preact/hooks';
import { describe } from '../api.ts';
import { Link, navigate } from '../navigation.tsx';
import { Button, Notice } from '../parts/button.tsx';
import { Icon, Mark } from '../parts/icons.tsx';
import { toast } from '../parts/toast.tsx';
import { recover } from '../people.ts';
import { addressOf } from '../router.ts';
import { loadSession, usePerson } from '../session.ts';
import { PassphraseField, TextField } from './gate-fields.tsx';
import { passphraseHint } from './passphrase-hint.ts';
import { readTyped, type TypedRecovery, withWord, wordsOnSheet } from './recovery-words.ts';

export function RecoverPage({ boxName }: { readonly boxName: string }) {
  const person = usePerson();
  const [sheet, setSheet] = useState('');
  const [name, setName] = useState(person?.name ?? '');
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const typed = readTyped(sheet);
  const names = [name, boxName];
  const submit = async (event: Event) => {
    event.preventDefault();
    const { enough, words } = passphraseHint(passphrase, names);
    if (!isComplete(typed)) return setError(`Type all ${wordsOnSheet} words first.`);
    if (!enough) return setError(words);
    setBusy(true);
    setError(undefined);
    try {
      await recover(sheet, name.trim(), passphrase);
      navigate(addressOf.live(), { replace: true });
      await loadSession();
      toast.ok('You are in, and the new passphrase counts');
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <main class="gate" id="main">
      <form class="gate-card gate-wide" onSubmit={submit}>
        <Mark size={56} />
        <h1>Back in with the recovery sheet</h1>
        <p class="gate-intro">
          For an owner of {boxName}. Everybody else gets a new passphrase from the owner, under Settings, People.
        </p>
        <WordsField value={sheet} onInput={setSheet} typed={typed} />
        <TextField
          label="Your name"
          value={name}
          onInput={setName}
          autoComplete="username"
          help="May stay empty if the box has one owner."
          optional
        />
        <PassphraseField label="New passphrase" value={passphrase} onInput={setPassphrase} judge={names} />
        <p class="gate-note">A second factor is switched off by this. Switch it on again afterwards, under “You”.</p>
        {error ? <Notice level="error" message={error} /> : null}
        <Button kind="primary" type="submit" busy={busy}>
          {busy ? 'Opening. This takes a few seconds.' : 'Open with the sheet'}
        </Button>
        <Link class="button button-quiet" href={addressOf.live()}>
          <Icon name="back" size={18} /> Back
        </Link>
      </form>
    </main>
  );
}

const isComplete = (typed: TypedRecovery) =>
  typed.kind === 'code' || (typed.kind === 'words' && typed.count === wordsOnSheet && typed.unknown.length === 0);

function WordsField({
  value,
  onInput,
  typed,
}: {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly typed: TypedRecovery;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Words of the sheet</label>
      <textarea
        id={id}
        rows={4}
        value={value}
        required
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellcheck={false}
        aria-describedby={`${id}-help`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <p id={`${id}-help`} class="field-help" role="status">
        {progress(typed)}
      </p>
      {typed.kind === 'words'
        ? typed.unknown.slice(0, 3).map(({ place, typed: word, suggestions }) => (
            <div key={place} class="word-unknown" role="status">
              <p>
                Word {place}, “{word}”, is not on the list.
                {suggestions.length > 0 ? ' Did you mean' : ' Look at it again.'}
              </p>
              {suggestions.map((better) => (
                <Button key={better} small onClick={() => onInput(withWord(value, place, better))}>
                  {better}
                </Button>
              ))}
            </div>
          ))
        : null}
    </div>
  );
}

function progress(typed: TypedRecovery): string {
  if (typed.kind === 'nothing')
    return 'In order; capitals, numbers and commas do not matter. Or paste what your phone reads from the QR code.';
  if (typed.kind === 'code') return 'This is the text of a QR code.';
  const { count, unknown } = typed;
  if (count > wordsOnSheet) return `${count} words; the sheet has ${wordsOnSheet}.`;
  if (count < wordsOnSheet) return `${count} of ${wordsOnSheet} words.`;
  return unknown.length === 0 ? `All ${wordsOnSheet} words.` : `${wordsOnSheet} words.`;
}
