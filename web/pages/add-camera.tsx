// Adding a camera: what kind it is, where it is, a test, its name.

import { useId, useMemo, useState } from 'preact/hooks';
import type { CameraView, FoundDevice, SettingsSchemaView, TestReport } from '../../src/http/api.ts';
import { ApiError, api, describe, type Issue } from '../api.ts';
import { type Draft, issueFor, valueAt } from '../forms/draft.ts';
import { Fields } from '../forms/fields.tsx';
import { sourceGroups } from '../forms/layouts.ts';
import { fieldsOf } from '../forms/schema-fields.ts';
import { Link, navigate } from '../navigation.tsx';
import { Button, Loading, Notice } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { toast } from '../parts/toast.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { addressOf } from '../router.ts';
import { replaceCamera } from '../session.ts';
import { BrandHelp } from './brand-help.tsx';
import { splitCredentials } from './brands.ts';
import { SourceTest } from './source-test.tsx';

const kinds: readonly { kind: string; name: string; text: string }[] = [
  { kind: 'rtsp', name: 'IP camera', text: 'Most network cameras (RTSP)' },
  { kind: 'plugged', name: 'Plugged in', text: 'Webcam or Pi camera on this box' },
  { kind: 'mjpeg', name: 'MJPEG', text: 'Older network cameras (HTTP)' },
  { kind: 'file', name: 'Video file', text: 'Played again and again' },
  { kind: 'demo', name: 'Demo', text: 'A rendered yard, to try things out' },
];
const nameOf: Readonly<Record<string, string>> = { demo: 'Demo yard', file: 'Video file' };

export function AddCameraPage() {
  const [kind, setKind] = useState('rtsp');
  const [draft, setDraft] = useState<Draft>({ name: '', source: { kind: 'rtsp' } });
  const [issues, setIssues] = useState<readonly Issue[]>([]);
  const [report, setReport] = useState<TestReport>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const schema = useLoaded<SettingsSchemaView>('/settings/schema');
  const nameId = useId();
  const sourceKind = valueAt(draft, 'source.kind') as string;
  const fields = useMemo(
    () => fieldsOf(schema.data?.camera, { source: sourceKind }).filter((f) => f.path.startsWith('source.')),
    [schema.data, sourceKind],
  );
  const choose = (next: string) => {
    setKind(next);
    setIssues([]);
    setError(undefined);
    setReport(undefined);
    setDraft({ name: nameOf[next] ?? '', source: { kind: next } });
  };
  const change = (next: Draft) => {
    const pasted = splitCredentials(String(valueAt(next, 'source.url') ?? ''));
    setDraft(pasted ? { ...next, source: { ...(next.source as Draft), ...pasted } } : next);
  };
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const view = await api.post<CameraView>('/cameras', draft);
      replaceCamera(view);
      toast.ok(`${view.name} is added`);
      navigate(addressOf.live());
    } catch (failure) {
      if (failure instanceof ApiError) setIssues(failure.issues);
      setError(describe(failure));
    }
    setBusy(false);
  };
  if (!schema.data) return schema.error ? <Notice level="error" message={schema.error} /> : <Loading what="the form" />;
  const ready = kind !== 'plugged' || sourceKind !== 'plugged';
  const nameError = issueFor(issues, 'name');
  return (
    <div class="page narrow">
      <div class="page-head">
        <h1>Add a camera</h1>
        <Link class="button button-quiet" href={addressOf.settings()}>
          <Icon name="back" size={18} /> Settings
        </Link>
      </div>
      <form class="card" onSubmit={save}>
        <fieldset class="kinds">
          <legend>What kind of camera is it?</legend>
          {kinds.map((k) => (
            <label key={k.kind} class={`kind${k.kind === kind ? ' kind-chosen' : ''}`}>
              <input
                type="radio"
                name="kind"
                value={k.kind}
                checked={k.kind === kind}
                onChange={() => choose(k.kind)}
              />
              <span class="kind-name">{k.name}</span>
              <span class="kind-text">{k.text}</span>
            </label>
          ))}
        </fieldset>
        {kind === 'plugged' ? (
          <Devices
            onChoose={(device) =>
              setDraft({ name: device.name.slice(0, 60), source: device.source as unknown as Draft })
            }
            chosen={draft}
          />
        ) : null}
        {kind === 'rtsp' ? (
          <BrandHelp onChoose={(urls) => change({ ...draft, source: { ...(draft.source as Draft), ...urls } })} />
        ) : null}
        {ready ? (
          <>
            <Fields fields={fields} groups={sourceGroups} draft={draft} onChange={change} issues={issues} />
            <div class="field">
              <label for={nameId}>Name</label>
              <input
                id={nameId}
                type="text"
                required
                maxLength={60}
                placeholder="Front door"
                autoComplete="off"
                value={String(draft.name ?? '')}
                aria-invalid={nameError !== undefined}
                aria-describedby={`${nameId}-help`}
                onInput={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
              />
              <p id={`${nameId}-help`} class={nameError ? 'field-error' : 'field-help'}>
                {nameError ?? 'What the camera is called on pages and in mails.'}
              </p>
            </div>
            <SourceTest key={kind} source={draft.source} onReport={setReport} onIssues={setIssues} />
            {error ? <Notice level="error" message={error} /> : null}
            <div class="actions">
              <Button kind="primary" type="submit" busy={busy}>
                {busy ? 'Adding…' : report && !report.ok ? 'Add it all the same' : 'Add this camera'}
              </Button>
            </div>
          </>
        ) : null}
      </form>
    </div>
  );
}

function Devices({ onChoose, chosen }: { readonly onChoose: (device: FoundDevice) => void; readonly chosen: Draft }) {
  const found = useLoaded<readonly FoundDevice[]>('/devices');
  if (found.error) return <Notice level="error" message={found.error} />;
  if (!found.data) return <Loading what="what is plugged in" />;
  return (
    <fieldset class="kinds">
      <legend>Found on this box</legend>
      {found.data.length === 0 ? (
        <Notice level="info" message="No camera is plugged in." advice="Plug it in, wait a moment, then look again." />
      ) : null}
      {found.data.map((device) => (
        <label key={JSON.stringify(device.source)} class="kind">
          <input
            type="radio"
            name="device"
            checked={JSON.stringify(chosen.source) === JSON.stringify(device.source)}
            onChange={() => onChoose(device)}
          />
          <span class="kind-name">{device.name}</span>
          <span class="kind-text">{device.kind === 'usb' ? 'USB' : 'Pi camera'}</span>
        </label>
      ))}
      <Button small busy={found.loading} onClick={found.reload}>
        Look again
      </Button>
    </fieldset>
  );
}
