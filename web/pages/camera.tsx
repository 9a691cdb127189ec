// The settings of one camera, and its end.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CameraSettings, CameraView, MotionSettings, SettingsSchemaView } from '../../src/http/api.ts';
import { ApiError, api, describe, type Issue, sentence } from '../api.ts';
import { type Draft, issueFor, sameDraft, valueAt, withValue } from '../forms/draft.ts';
import { Fields } from '../forms/fields.tsx';
import {
  alertGroups,
  type Group,
  keepGroups,
  motionGroups,
  motionMoreGroups,
  recordGroups,
  sourceGroups,
} from '../forms/layouts.ts';
import { PresetButtons } from '../forms/preset-buttons.tsx';
import { fieldsOf } from '../forms/schema-fields.ts';
import { ZonesEditor } from '../forms/zones-editor.tsx';
import { Link, navigate, setLeaveGuard } from '../navigation.tsx';
import { Button, Loading, Notice } from '../parts/button.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { Icon } from '../parts/icons.tsx';
import { SaveBar } from '../parts/save-bar.tsx';
import { toast, withToast } from '../parts/toast.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { addressOf } from '../router.ts';
import { cameras, loadCameras, replaceCamera } from '../session.ts';
import { useStore } from '../store.ts';
import { SourceTest } from './source-test.tsx';

const identity: readonly Group[] = [
  {
    title: '',
    fields: [
      { path: 'name', label: 'Name' },
      { path: 'enabled', label: 'In use' },
    ],
  },
];

export function CameraPage({ id }: { readonly id: string }) {
  const all = useStore(cameras);
  const schema = useLoaded<SettingsSchemaView>('/settings/schema');
  const camera = all?.find((c) => c.id === id);
  if (all && !camera)
    return <Notice level="error" message="There is no such camera." advice="It may have been deleted." />;
  if (schema.error) return <Notice level="error" message={schema.error} />;
  if (!camera || !schema.data) return <Loading what="the camera" />;
  return <CameraForm camera={camera} schema={schema.data.camera} />;
}

function CameraForm({ camera, schema }: { readonly camera: CameraView; readonly schema: unknown }) {
  const [saved, setSaved] = useState<CameraSettings>(camera.settings);
  const [draft, setDraft] = useState<Draft>(camera.settings as unknown as Draft);
  const [issues, setIssues] = useState<readonly Issue[]>([]);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const changed = !sameDraft(draft, saved);
  const isUntouched = sameDraft(draft, saved);
  useEffect(() => {
    // Somebody else saved: take it over unless there are changes here.
    if (isUntouched && !sameDraft(camera.settings, saved)) {
      setSaved(camera.settings);
      setDraft(camera.settings as unknown as Draft);
    }
  }, [camera.settings, saved, isUntouched]);
  const kind = valueAt(draft, 'source.kind') as string;
  const fields = useMemo(() => fieldsOf(schema, { source: kind }), [schema, kind]);
  const part = (prefix: string) => fields.filter((f) => f.path.startsWith(`${prefix}.`) && f.kind !== 'zones');
  const simple = new Set(motionGroups.flatMap((group) => group.fields.map((field) => field.path)));
  const shared = { draft, onChange: setDraft, issues, secretsSet: camera.secretsSet };
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    setIssues([]);
    try {
      const { id: _, ...patch } = draft;
      const view = await api.put<CameraView>(`/cameras/${encodeURIComponent(camera.id)}`, patch);
      setSaved(view.settings);
      setDraft(view.settings as unknown as Draft);
      replaceCamera(view);
      toast.ok(`${view.name} is saved`);
    } catch (failure) {
      if (failure instanceof ApiError) setIssues(failure.issues);
      setError(describe(failure));
    }
    setBusy(false);
  };
  const remove = () =>
    withToast({ busy: 'Deleting the camera…', done: `${camera.name} is deleted` }, async () => {
      await api.delete(`/cameras/${encodeURIComponent(camera.id)}`);
      setLeaveGuard(undefined);
      navigate(addressOf.settings());
      await loadCameras();
    });
  const motion = draft.motion as MotionSettings;
  const areasWrong = issueFor(issues, 'motion.zones') ?? issueFor(issues, 'motion.masks');
  const { fault } = camera.health;
  return (
    <div class="page narrow">
      <div class="page-head">
        <h1>{camera.name}</h1>
        <Link class="button button-quiet" href={addressOf.settings()}>
          <Icon name="back" size={18} /> Settings
        </Link>
      </div>
      {fault ? <Notice level="warn" message={fault.message} advice={fault.advice} /> : null}
      <form onSubmit={save}>
        <section class="card" aria-labelledby="camera-source">
          <h2 id="camera-source">Camera</h2>
          <Fields
            fields={fields.filter((f) => f.path === 'name' || f.path === 'enabled')}
            groups={identity}
            {...shared}
          />
          <Fields fields={part('source')} groups={sourceGroups} {...shared} />
          <SourceTest source={draft.source} cameraId={camera.id} onIssues={setIssues} />
        </section>
        <section class="card" aria-labelledby="camera-motion">
          <h2 id="camera-motion">Motion</h2>
          <Fields fields={part('motion').filter((f) => simple.has(f.path))} groups={motionGroups} {...shared} />
          <p class="field">
            <Link class="button" href={addressOf.tune(camera.id)}>
              <Icon name="tune" size={18} /> Tune with the live picture
            </Link>
          </p>
          <PresetButtons
            value={motion}
            onChoose={(params) => setDraft({ ...draft, motion: { ...motion, ...params } })}
          />
          <h3>Zones and masks</h3>
          <ZonesEditor
            value={motion}
            pictureUrl={`/snapshot.jpg?camera=${encodeURIComponent(camera.id)}`}
            onChange={({ zones, masks }) =>
              setDraft(withValue(withValue(draft, 'motion.zones', zones), 'motion.masks', masks))
            }
          />
          {areasWrong ? <p class="field-error">{sentence(areasWrong)}</p> : null}
          <Fields fields={part('motion').filter((f) => !simple.has(f.path))} groups={motionMoreGroups} {...shared} />
        </section>
        <section class="card" aria-labelledby="camera-record">
          <h2 id="camera-record">Recording</h2>
          <Fields fields={part('record')} groups={recordGroups} {...shared} />
          <Fields fields={part('keep')} groups={keepGroups} {...shared} />
        </section>
        <section class="card" aria-labelledby="camera-alerts">
          <h2 id="camera-alerts">Mails</h2>
          <Fields fields={part('alerts')} groups={alertGroups} {...shared} />
        </section>
        {error ? <Notice level="error" message={error} /> : null}
        <SaveBar changed={changed} busy={busy} onReset={() => setDraft(saved as unknown as Draft)} />
      </form>
      <section class="card card-danger">
        <h2>Delete this camera</h2>
        <p>Nightjar stops watching it. Its recordings stay until you delete them or their space is needed.</p>
        <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
          Delete {camera.name}
        </Button>
      </section>
      {deleting ? (
        <Confirm
          title={`Delete ${camera.name}?`}
          text="Its settings, zones and password are forgotten. Recordings stay."
          action="Delete the camera"
          busy="Deleting…"
          onConfirm={remove}
          onClose={() => setDeleting(false)}
        />
      ) : null}
    </div>
  );
}
