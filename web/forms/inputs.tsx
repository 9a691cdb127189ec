// Inputs whose text is not yet the value: numbers while they are typed, and several words in one line.

import { useEffect, useState } from 'preact/hooks';
import { numberFrom } from './draft.ts';
import type { FieldWords } from './layouts.ts';

interface InputProps {
  readonly id: string;
  readonly disabled: boolean;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string;
  readonly 'aria-label'?: string;
  readonly placeholder?: string;
}

/** Keeps what is typed, also while it is no number yet ("0,"); the box says what is wrong with it. */
export function NumberInput({
  value,
  onChange,
  ...rest
}: InputProps & { readonly value: unknown; readonly onChange: (value: unknown) => void }) {
  const [text, setText] = useState(String(value ?? ''));
  useEffect(() => {
    setText((old) => (numberFrom(old) === value ? old : String(value ?? '')));
  }, [value]);
  return (
    <input
      {...rest}
      type="text"
      inputMode="decimal"
      class="input-number numbers"
      autoComplete="off"
      value={text}
      onInput={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        onChange(numberFrom(typed) ?? typed);
      }}
    />
  );
}

/** A number whose 0 means something else: first which of the two, in words, then the number. */
export function NumberOrZero({
  words,
  value,
  onChange,
  ...rest
}: InputProps & {
  readonly words: FieldWords;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}) {
  const [zero, other, firstOther] = words.zero ?? ['0', '', 1];
  return (
    <>
      <select
        {...rest}
        class="input-zero"
        value={value === 0 ? 'zero' : 'other'}
        onChange={(event) => onChange(event.currentTarget.value === 'zero' ? 0 : firstOther)}
      >
        <option value="zero">{zero}</option>
        <option value="other">{other}</option>
      </select>
      {value === 0 ? null : (
        <NumberInput
          {...rest}
          id={`${rest.id}-number`}
          aria-label={words.unit ?? words.label}
          value={value}
          onChange={onChange}
        />
      )}
    </>
  );
}

/** Several words with commas between, e.g. mail addresses. */
export function ListInput({
  value,
  onChange,
  ...rest
}: InputProps & { readonly value: readonly string[]; readonly onChange: (value: unknown) => void }) {
  const split = (text: string) => text.split(/[\s,;]+/).filter((part) => part !== '');
  const [text, setText] = useState(value.join(', '));
  useEffect(() => {
    setText((old) => (split(old).join() === value.join() ? old : value.join(', ')));
  }, [value]);
  return (
    <input
      {...rest}
      type="text"
      inputMode="email"
      autoComplete="off"
      autoCapitalize="off"
      spellcheck={false}
      value={text}
      placeholder="you@example.org, neighbour@example.org"
      onInput={(event) => {
        setText(event.currentTarget.value);
        onChange(split(event.currentTarget.value));
      }}
    />
  );
}

/** Several numbers with commas between. What is no number yet is handed on as typed; the box says what is wrong with it. */
export function NumbersInput({
  value,
  onChange,
  ...rest
}: InputProps & { readonly value: readonly unknown[]; readonly onChange: (value: readonly unknown[]) => void }) {
  const read = (text: string) =>
    text
      .split(/[,;\s]+/)
      .filter((part) => part !== '')
      .map((part) => numberFrom(part) ?? part);
  const [text, setText] = useState(value.join(', '));
  useEffect(() => {
    setText((old) => (read(old).join() === value.join() ? old : value.join(', ')));
  }, [value]);
  return (
    <input
      {...rest}
      type="text"
      inputMode="text"
      class="numbers"
      autoComplete="off"
      value={text}
      onInput={(event) => {
        setText(event.currentTarget.value);
        onChange(read(event.currentTarget.value));
      }}
    />
  );
}
