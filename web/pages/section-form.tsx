// One section of the box's settings as a form of its own, with its own Save.

import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { SectionName, SettingsView } from '../../src/http/api.ts';
import { ApiError, describe, type Issue } from '../api.ts';
import { type Draft, issueFor, sameDraft } from '../forms/draft.ts';
import { Fields, type FieldsProps } from '../forms/fields.tsx';
import type { Group } from '../forms/layouts.ts';
import { fieldsOf } from '../forms/schema-fields.ts';
import { Notice } from '../parts/button.tsx';
import { usePassphraseFirst } from '../parts/passphrase-first.tsx';
import { SaveBar } from '../parts/save-bar.tsx';
import { toast } from '../parts/toast.tsx';
import { saveSection } from '../people.ts';

const reasons: { readonly [section in SectionName]?: string } = {
  updates: 'Type your passphrase to change where updates come from.',
  remote: 'Type your passphrase to change the name of the box and where it leads.',
};

export function SectionForm({
  title,
  section,
  settings,
  schema,
  groups,
  adapt,
  hidden,
  missing,
  above,
  onSaved,
  children,
}: {
  readonly title: string;
  readonly section: SectionName;
  readonly settings: SettingsView;
  readonly schema: unknown;
  readonly groups: readonly Group[];
  /** Follows a change with others, e.g. a mail provider with its server. */
  readonly adapt?: (next: Draft, before: Draft) => Draft;
  readonly hidden?: (draft: Draft) => readonly string[];
  /** What must be filled in before it is sent. */
  readonly missing?: (draft: Draft, secretsSet: readonly string[]) => readonly Issue[];
  readonly above?: FieldsProps['above'];
  readonly onSaved: (settings: SettingsView) => void;
  readonly children?: (state: { readonly changed: boolean }) => ComponentChildren;
}) {
  const saved = settings[section] as unknown as Draft;
  const [draft, setDraft] = useState<Draft>(saved);
  const [issues, setIssues] = useState<readonly Issue[]>([]);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const changed = !sameDraft(draft, saved);
  const hide = hidden?.(draft) ?? [];
  const { passphraseFirst, ask } = usePassphraseFirst(
    reasons[section] ?? 'Type your passphrase to change where mails and their links lead.',
  );
  const leads =
    section === 'mail' ||
    section === 'remote' ||
    draft.publicUrl !== saved.publicUrl ||
    draft.address !== saved.address;
  const save = async () => {
    setBusy(true);
    setError(undefined);
    setIssues([]);
    try {
      const view = await saveSection(section, draft, leads);
      setDraft(view[section] as unknown as Draft);
      onSaved(view);
      toast.ok(`${title}: saved`);
    } catch (failure) {
      if (failure instanceof ApiError) setIssues(failure.issues);
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <section class="card" id={section} aria-labelledby={`${section}-title`}>
      <h2 id={`${section}-title`}>{title}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const empty = missing?.(draft, settings.secretsSet) ?? [];
          setIssues(empty);
          setError(empty.length > 0 ? 'Something is still empty: it is marked above.' : undefined);
          if (empty.length > 0) return;
          if (leads) passphraseFirst(() => void save());
          else void save();
        }}
      >
        <Fields
          fields={fields.filter((f) => !hide.includes(f.path) || issueFor(issues, f.path, section) !== undefined)}
          groups={groups}
          draft={draft}
          onChange={(next) => setDraft(adapt ? adapt(next, draft) : next)}
          issues={issues}
          section={section}
          fixed={settings.fromEnvironment}
          secretsSet={settings.secretsSet}
          above={above}
        />
        {error ? <Notice level="error" message={error} /> : null}
        <SaveBar changed={changed} busy={busy} onReset={() => setDraft(saved)} />
      </form>
      {ask}
      {children?.({ changed })}
    </section>
  );
}
