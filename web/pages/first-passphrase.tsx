// A passphrase that one person chooses for another, who changes it later: shown while it is typed, and suggested on request.

import { Button } from '../parts/button.tsx';
import { TextField } from './gate-fields.tsx';
import { passphraseHint } from './passphrase-hint.ts';
import { suggestPassphrase } from './recovery-words.ts';

export function FirstPassphrase({
  label,
  value,
  onInput,
  names,
}: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly names: readonly string[];
}) {
  return (
    <div class="first-passphrase">
      <TextField
        label={label}
        value={value}
        onInput={onInput}
        autoComplete="off"
        help={value === '' ? 'To be changed at the first visit, under “You”.' : passphraseHint(value, names).words}
      />
      <Button small onClick={() => onInput(suggestPassphrase())}>
        Suggest one
      </Button>
    </div>
  );
}
