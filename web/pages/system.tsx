// The box itself, under Settings: what runs, updates, restart and power, what its start found, how it ended before, reset.

import { useEffect } from 'preact/hooks';
import type { RestartView, SettingsSchemaView, SettingsView, SystemView } from '../../src/http/api.ts';
import { updateGroups } from '../forms/layouts.ts';
import { Link } from '../navigation.tsx';
import { Loading, Notice } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { waitForBox } from '../restarting.ts';
import { addressOf } from '../router.ts';
import { dateTime } from '../words.ts';
import { SectionForm } from './section-form.tsx';
import { PowerCard } from './system-power.tsx';
import { PresetCard } from './system-preset.tsx';
import { ResetCard } from './system-reset.tsx';
import { UpdateCard } from './system-update.tsx';
import { slotWords, startNotices, startRows } from './system-words.ts';

/** While an update is on its way, and otherwise for news that have no event of their own. */
const soonMs = 1500;
const seldomMs = 30_000;

export function SystemPage() {
  const system = useLoaded<SystemView>('/system');
  const settings = useLoaded<SettingsView>('/settings');
  const schema = useLoaded<SettingsSchemaView>('/settings/schema');
  const state = system.data?.update.state.kind;
  useEffect(() => {
    if (state === 'restarting') waitForBox('update');
    const isQuiet = state === undefined || state === 'idle' || state === 'failed';
    const timer = setInterval(
      () => {
        if (!document.hidden) system.reload();
      },
      isQuiet ? seldomMs : soonMs,
    );
    return () => clearInterval(timer);
  }, [state, system.reload]);
  if (!system.data) return system.error ? <Notice level="error" message={system.error} /> : <Loading what="system" />;
  const now = system.data;
  return (
    <div class="page narrow">
      <div class="page-head">
        <h1>System</h1>
        <Link class="button button-quiet" href={addressOf.settings()}>
          <Icon name="back" size={18} /> Settings
        </Link>
      </div>
      <div class="notices">
        {startNotices(now.boot).map((notice) => (
          <Notice key={notice.message} level={notice.level} message={notice.message} advice={notice.advice} />
        ))}
      </div>
      {now.appliance ? (
        <>
          <UpdateCard
            now={now}
            hasAddress={settings.data?.updates.address !== ''}
            onUpdate={(update) => system.set({ ...now, update })}
          />
          {now.update.hasKeys && settings.data && schema.data ? (
            <SectionForm
              title="Where updates come from"
              section="updates"
              schema={schema.data.sections.updates}
              groups={updateGroups}
              settings={settings.data}
              onSaved={settings.set}
            />
          ) : null}
          <PowerCard />
          {now.preset ? <PresetCard preset={now.preset} /> : null}
          <StartCard now={now} />
          <RestartsCard restarts={now.restarts} />
          <ResetCard />
        </>
      ) : (
        <OwnLinuxCard version={now.version} />
      )}
    </div>
  );
}

function OwnLinuxCard({ version }: { readonly version: string }) {
  return (
    <section class="card" aria-labelledby="own-title">
      <h2 id="own-title">Version {version}</h2>
      <p>
        This Nightjar is a program on a machine of your own. Restart it and update it there, the way you installed it.
        On the Nightjar image both are done from this page.
      </p>
    </section>
  );
}

function StartCard({ now }: { readonly now: SystemView }) {
  const rows = [['Runs', slotWords(now.slot)] as const, ...(now.boot ? startRows(now.boot) : [])];
  return (
    <section class="card" aria-labelledby="start-title">
      <h2 id="start-title">What the box found when it started</h2>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={`${name} ${value}`}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const kindWords: Readonly<Record<RestartView['kind'], string>> = {
  crash: 'Program failed',
  watchdog: 'Program stood still',
  // A power cut, mostly; a Pi cannot tell it from a system that stood still.
  power: 'Box went off',
  reboot: 'Box restarted itself',
  kernel: 'System stood still',
};

function RestartsCard({ restarts }: { readonly restarts: readonly RestartView[] }) {
  return (
    <section class="card" aria-labelledby="restarts-title">
      <h2 id="restarts-title">Unexpected ends</h2>
      {restarts.length === 0 ? <p>There was none.</p> : null}
      <ul class="rows restarts">
        {restarts.toReversed().map(({ atMs, kind, message }, i) => (
          <li key={`${atMs} ${i}`} class="row row-two">
            <span class="row-name">
              {kindWords[kind]}
              <span class="note"> · {atMs === undefined ? 'the time was not known' : dateTime(atMs)}</span>
            </span>
            <span class="row-note">{message}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
