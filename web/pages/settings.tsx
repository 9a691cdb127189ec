// Everything about the box: cameras, mail, space, who may come in, and who may look in from outside.

import type { SettingsSchemaView, SettingsView } from '../../src/http/api.ts';
import { boxGroups, mailGroups, storageGroups } from '../forms/layouts.ts';
import { Link } from '../navigation.tsx';
import { Loading, Notice } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { addressOf } from '../router.ts';
import { cameras } from '../session.ts';
import { useStore } from '../store.ts';
import { followPreset, hiddenByPreset } from './mail-presets.ts';
import { MailTest } from './mail-test.tsx';
import { SectionForm } from './section-form.tsx';
import { StreamTokens } from './stream-tokens.tsx';

const contents: readonly (readonly [string, string])[] = [
  ['cameras', 'Cameras'],
  ['mail', 'Mail'],
  ['storage', 'Storage'],
  ['box', 'Box'],
  ['tokens', 'Stream links'],
  ['outside', 'From outside'],
  ['people', 'People'],
  ['system', 'System'],
];

export function SettingsPage() {
  const settings = useLoaded<SettingsView>('/settings');
  const schema = useLoaded<SettingsSchemaView>('/settings/schema');
  const error = settings.error ?? schema.error;
  if (error) return <Notice level="error" message={error} />;
  if (!settings.data || !schema.data) return <Loading what="settings" />;
  const shared = { settings: settings.data, onSaved: settings.set };
  const { sections } = schema.data;
  return (
    <div class="page settings">
      <div class="page-head">
        <h1>Settings</h1>
      </div>
      <nav class="contents" aria-label="Parts of the settings">
        {contents.map(([id, name]) => (
          <a
            key={id}
            href={`#${id}`}
            onClick={(event) => {
              event.preventDefault();
              document.getElementById(id)?.scrollIntoView();
            }}
          >
            {name}
          </a>
        ))}
      </nav>
      <div class="settings-cards">
        <CamerasCard />
        <SectionForm
          title="Mail"
          section="mail"
          schema={sections.mail}
          groups={mailGroups}
          adapt={followPreset}
          hidden={hiddenByPreset}
          {...shared}
        >
          {({ changed }) => <MailTest changed={changed} />}
        </SectionForm>
        <SectionForm title="Storage" section="storage" schema={sections.storage} groups={storageGroups} {...shared} />
        <SectionForm title="Box" section="box" schema={sections.box} groups={boxGroups} {...shared} />
        <StreamTokens />
        <OutsideCard />
        <PeopleCard />
        <SystemCard />
      </div>
    </div>
  );
}

function OutsideCard() {
  return (
    <section class="card" id="outside" aria-labelledby="outside-title">
      <h2 id="outside-title">From outside</h2>
      <ul class="rows">
        <li>
          <Link class="row row-two" href={addressOf.remote()}>
            <span class="row-name">Name and certificate</span>
            <span class="row-note">A name for the box, and HTTPS without warnings</span>
            <Icon name="next" size={18} />
          </Link>
        </li>
      </ul>
    </section>
  );
}

function PeopleCard() {
  return (
    <section class="card" id="people" aria-labelledby="people-title">
      <h2 id="people-title">People</h2>
      <p>Who may come in, and what each may see.</p>
      <ul class="rows">
        <li>
          <Link class="row" href={addressOf.people()}>
            <span class="row-name">People</span>
            <span class="row-note">Add, remove, new passphrase</span>
            <Icon name="next" size={18} />
          </Link>
        </li>
        <li>
          <Link class="row" href={addressOf.account()}>
            <span class="row-name">You</span>
            <span class="row-note">Passphrase, recovery sheet</span>
            <Icon name="next" size={18} />
          </Link>
        </li>
      </ul>
    </section>
  );
}

function SystemCard() {
  return (
    <section class="card" id="system" aria-labelledby="system-title">
      <h2 id="system-title">System</h2>
      <ul class="rows">
        <li>
          <Link class="row" href={addressOf.system()}>
            <span class="row-name">System</span>
            <span class="row-note">Updates, restart, factory reset</span>
            <Icon name="next" size={18} />
          </Link>
        </li>
      </ul>
    </section>
  );
}

const stateWords = { live: 'Live', starting: 'Starting', lost: 'Lost', off: 'Switched off' } as const;

function CamerasCard() {
  const all = useStore(cameras) ?? [];
  return (
    <section class="card" id="cameras" aria-labelledby="cameras-title">
      <h2 id="cameras-title">Cameras</h2>
      {all.length === 0 ? <p>There is no camera yet.</p> : null}
      <ul class="rows">
        {all.map((camera) => (
          <li key={camera.id}>
            <Link class="row" href={addressOf.camera(camera.id)}>
              <span
                class={`dot dot-${camera.health.state === 'starting' ? 'waiting' : camera.health.state}`}
                aria-hidden="true"
              />
              <span class="row-name">{camera.name}</span>
              <span class="row-note">{stateWords[camera.health.state]}</span>
              <Icon name="next" size={18} />
            </Link>
          </li>
        ))}
      </ul>
      <Link class="button button-plain" href={addressOf.addCamera()}>
        <Icon name="plus" size={18} /> Add a camera
      </Link>
    </section>
  );
}
