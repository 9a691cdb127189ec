// The fields shared by claiming, signing in and changing the passphrase.

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

export function TextField({
  label,
  value,
  onInput,
  type = 'text',
  autoComplete,
  help,
  error,
  first = false,
  after,
}: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'password';
  readonly autoComplete: string;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
  /** Takes the focus when the page opens: these pages are nothing but this form. */
  readonly first?: boolean;
  readonly after?: ComponentChildren;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (first) input.current?.focus();
  }, [first]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-row">
        <input
          id={id}
          type={type as 'text'}
          value={value}
          required
          ref={input}
          autoComplete={autoComplete}
          autoCapitalize="off"
          spellcheck={false}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-help`}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        {after}
      </div>
      <p id={`${id}-help`} class={error ? 'field-error' : 'field-help'}>
        {error ?? help ?? ''}
      </p>
    </div>
  );
}

/** A passphrase that can be shown. `judge` adds how good a new one is. */
export function PassphraseField({
  label,
  value,
  onInput,
  judge = false,
  error,
}: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly judge?: boolean;
  readonly error?: string | undefined;
}) {
  const [shown, setShown] = useState(false);
  return (
    <TextField
      label={label}
      value={value}
      onInput={onInput}
      type={shown ? 'text' : 'password'}
      autoComplete={judge ? 'new-password' : 'current-password'}
      help={judge ? passphraseHint(value).words : undefined}
      error={error}
      after={
        <button
          type="button"
          class="button button-plain"
          aria-pressed={shown}
          aria-label={shown ? 'Hide the passphrase' : 'Show the passphrase'}
          onClick={() => setShown(!shown)}
        >
          {shown ? 'Hide' : 'Show'}
        </button>
      }
    />
  );
}

export const shortestPassphrase = 10;

/** A rough word about a new passphrase; the box has the last one. */
export function passphraseHint(passphrase: string): { readonly enough: boolean; readonly words: string } {
  const length = [...passphrase].length;
  const different = new Set(passphrase).size;
  if (length === 0) return { enough: false, words: 'At least 10 characters. Four or five words work well.' };
  if (length < shortestPassphrase)
    return { enough: false, words: `${shortestPassphrase - length} more characters needed.` };
  if (different < 5) return { enough: false, words: 'Too much of the same. Mix in other letters or words.' };
  if (length < 16) return { enough: true, words: 'Fine. Longer is better: another word helps.' };
  return { enough: true, words: 'Good.' };
}
