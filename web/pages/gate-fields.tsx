// The fields shared by claiming, signing in, recovering, adding people and changing the passphrase.

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { passphraseHint } from './passphrase-hint.ts';

export function TextField({
  label,
  value,
  onInput,
  type = 'text',
  autoComplete,
  help,
  error,
  first = false,
  optional = false,
  digits = false,
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
  readonly optional?: boolean;
  /** A code: phones show the number keys. */
  readonly digits?: boolean;
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
          required={!optional}
          {...(digits ? { inputMode: 'numeric' as const } : {})}
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

/** A passphrase that can be shown. With `judge`, a new one: says how good it is, and knows the names that it must not be. */
export function PassphraseField({
  label,
  value,
  onInput,
  judge,
  error,
  first = false,
  after,
}: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly judge?: readonly string[] | undefined;
  readonly error?: string | undefined;
  readonly first?: boolean;
  readonly after?: ComponentChildren;
}) {
  const [shown, setShown] = useState(false);
  return (
    <TextField
      label={label}
      value={value}
      onInput={onInput}
      type={shown ? 'text' : 'password'}
      autoComplete={judge ? 'new-password' : 'current-password'}
      help={judge ? passphraseHint(value, judge).words : undefined}
      error={error}
      first={first}
      after={
        <>
          <button
            type="button"
            class="button button-plain"
            aria-pressed={shown}
            aria-label={shown ? 'Hide what you type' : 'Show what you type'}
            onClick={() => setShown(!shown)}
          >
            {shown ? 'Hide' : 'Show'}
          </button>
          {after}
        </>
      }
    />
  );
}

/** Tells password managers whose passphrase is asked for, where the page knows. */
export function KnownName({ name }: { readonly name: string }) {
  return (
    <input
      class="visually-hidden"
      type="text"
      tabIndex={-1}
      aria-hidden="true"
      readOnly
      autoComplete="username"
      value={name}
    />
  );
}
