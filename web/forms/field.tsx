// One field of a settings form: label, control, help, and what the box says is wrong with it.

import { useId } from 'preact/hooks';
import type { WeekSchedule } from '../../src/config/schedule.ts';
import { shorterHelp } from './help.ts';
import { ListInput, NumberInput, NumberOrZero, NumbersInput } from './inputs.tsx';
import type { LaidOutGroup } from './layouts.ts';
import { ScheduleEditor } from './schedule-editor.tsx';

export interface FieldProps {
  readonly field: LaidOutGroup['fields'][number];
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly error?: string | undefined;
  /** Fixed by the environment: shown, not changed. */
  readonly fixed?: boolean;
  /** A secret that the box has. */
  readonly secretSet?: boolean;
}

export function Field(props: FieldProps) {
  const { field, value, onChange, error, fixed = false } = props;
  const id = useId();
  const { words } = field;
  // Help that only says the label again is noise.
  const saysLabel = field.help.replace(/\.$/, '').toLowerCase() === words.label.toLowerCase();
  const ownHelp = shorterHelp[field.path] ?? (saysLabel ? '' : field.help);
  const help = fixed ? 'Fixed by the environment of the program. Change it there.' : ownHelp;
  if (field.kind === 'toggle') {
    return (
      <div class="field field-toggle">
        <input
          id={id}
          type="checkbox"
          role="switch"
          checked={value === true}
          aria-checked={value === true}
          disabled={fixed}
          aria-describedby={`${id}-help`}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <label for={id}>{words.label}</label>
        <Help id={`${id}-help`} help={help} error={error} />
      </div>
    );
  }
  if (field.kind === 'schedule') {
    return (
      <fieldset class="field">
        <legend>{words.label}</legend>
        <ScheduleEditor value={(value ?? []) as WeekSchedule} onChange={onChange} />
        <Help id={`${id}-help`} help={help} error={error} />
      </fieldset>
    );
  }
  if (field.kind === 'choice' && words.listed) {
    return (
      <fieldset class="field" disabled={fixed}>
        <legend>{words.label}</legend>
        <ListedChoices {...props} id={id} />
        <Help id={`${id}-help`} help={help} error={error} />
      </fieldset>
    );
  }
  return (
    <div class="field">
      <label for={id}>{words.label}</label>
      <Control {...props} id={id} />
      <Help id={`${id}-help`} help={help} error={error} />
    </div>
  );
}

function Control({
  id,
  field,
  value,
  onChange,
  error,
  fixed = false,
  secretSet,
}: FieldProps & { readonly id: string }) {
  const { words } = field;
  const shared = {
    id,
    disabled: fixed,
    'aria-invalid': error !== undefined,
    'aria-describedby': `${id}-help`,
  } as const;
  switch (field.kind) {
    case 'choice':
      return (
        <select
          {...shared}
          value={String(value ?? field.default)}
          onChange={(event) => onChange(field.choices?.find((c) => String(c) === event.currentTarget.value))}
        >
          {field.choices?.map((choice) => (
            <option key={String(choice)} value={String(choice)}>
              {words.choices?.[String(choice)] ?? String(choice)}
            </option>
          ))}
        </select>
      );
    case 'number':
      return words.slider ? (
        <div class="slider">
          <input
            {...shared}
            type="range"
            min={field.min ?? 0}
            max={field.max ?? 100}
            value={Number(value ?? field.default)}
            onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
          />
          <output for={id} class="numbers">
            {Number(value ?? field.default)}
          </output>
          <span class="slider-ends" aria-hidden="true">
            <span>{words.slider[0]}</span>
            <span>{words.slider[1]}</span>
          </span>
        </div>
      ) : (
        <div class="field-row">
          {words.zero ? (
            <NumberOrZero {...shared} words={words} value={value} onChange={onChange} />
          ) : (
            <NumberInput {...shared} value={value} onChange={onChange} />
          )}
          {words.unit && !(words.zero && value === 0) ? <span class="unit">{words.unit}</span> : null}
        </div>
      );
    case 'numbers':
      return (
        <div class="field-row">
          <NumbersInput {...shared} value={(value ?? []) as readonly unknown[]} onChange={onChange} />
          {words.unit ? <span class="unit">{words.unit}</span> : null}
        </div>
      );
    case 'words':
      return <ListInput {...shared} value={(value ?? []) as readonly string[]} onChange={onChange} />;
    default:
      return (
        <input
          {...shared}
          type={(field.kind === 'secret' ? 'password' : 'text') as 'text'}
          value={String(value ?? '')}
          placeholder={secretSet ? 'Set. Leave empty to keep it' : ''}
          autoComplete={field.kind === 'secret' ? 'new-password' : 'off'}
          autoCapitalize="off"
          spellcheck={false}
          {...(field.maxLength === undefined ? {} : { maxLength: field.maxLength })}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

function ListedChoices({ id, field, value, onChange }: FieldProps & { readonly id: string }) {
  return (
    <div class="listed-choices">
      {field.choices?.map((choice) => (
        <label key={String(choice)} class="choice">
          <input
            type="radio"
            name={id}
            checked={(value ?? field.default) === choice}
            onChange={() => onChange(choice)}
          />
          {field.words.choices?.[String(choice)] ?? String(choice)}
        </label>
      ))}
    </div>
  );
}

function Help({ id, help, error }: { readonly id: string; readonly help: string; readonly error: string | undefined }) {
  return (
    <p id={id} class={error ? 'field-error' : 'field-help'}>
      {error ? `${error.charAt(0).toUpperCase()}${error.slice(1)}${/[.?]$/.test(error) ? '' : '.'}` : help}
    </p>
  );
}
