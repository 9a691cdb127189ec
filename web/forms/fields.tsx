// The groups of a form, one below the other; folded ones open when something in them is wrong.

import type { ComponentChildren } from 'preact';
import { type Draft, issueFor, valueAt, withValue } from './draft.ts';
import { Field } from './field.tsx';
import { type Group, layOut } from './layouts.ts';
import type { SchemaField } from './schema-fields.ts';

export interface FieldsProps {
  readonly fields: readonly SchemaField[];
  readonly groups: readonly Group[];
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
  readonly section?: string;
  readonly fixed?: readonly string[];
  readonly secretsSet?: readonly string[];
  /** What stands above the fields of a group, by its title. Seen only with one of them. */
  readonly above?: Readonly<Record<string, ComponentChildren>> | undefined;
}

export function Fields({
  fields,
  groups,
  draft,
  onChange,
  issues = [],
  section = '',
  fixed = [],
  secretsSet = [],
  above = {},
}: FieldsProps) {
  const full = (path: string) => (section === '' ? path : `${section}.${path}`);
  return (
    <>
      {layOut(fields, groups).map((group) => {
        const items = group.fields.map((field) => (
          <Field
            key={field.path}
            field={field}
            value={valueAt(draft, field.path)}
            onChange={(value) => onChange(withValue(draft, field.path, value))}
            error={issueFor(issues, field.path, section)}
            fixed={fixed.includes(full(field.path))}
            secretSet={secretsSet.includes(full(field.path))}
          />
        ));
        const inside = group.pairs ? <div class="field-pairs">{items}</div> : items;
        if (!group.folded)
          return (
            <div key={group.title}>
              {above[group.title]}
              {inside}
            </div>
          );
        const wrong = group.fields.some((field) => issueFor(issues, field.path, section) !== undefined);
        return (
          <details key={group.title} class="fold" {...(wrong ? { open: true } : {})}>
            <summary>{group.title}</summary>
            {inside}
          </details>
        );
      })}
    </>
  );
}
