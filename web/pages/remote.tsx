// The box's name on the internet and its certificate, under Settings: where the box is found, what is wanted, and how both are.

import { useEffect } from 'preact/hooks';
import type { NetworkView, SettingsSchemaView, SettingsView, StatusView } from '../../src/http/api.ts';
import { remoteGroups } from '../forms/layouts.ts';
import { copyText } from '../live/tile-actions.tsx';
import { Link } from '../navigation.tsx';
import { Button, Loading, Notice } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { QrCode } from '../parts/qr.tsx';
import { useLoaded, useNow } from '../parts/use-loaded.ts';
import { addressOf } from '../router.ts';
import { CertificateCard } from './remote-certificate.tsx';
import { NameCard } from './remote-name.tsx';
import { hiddenByProvider, missingFor } from './remote-provider.ts';
import { homeAddress, isRestless, outsideWords, stateWords } from './remote-words.ts';
import { SectionForm } from './section-form.tsx';

/** While something goes on, and otherwise for what the box does by itself. */
const soonMs = 5000;
const seldomMs = 30_000;

export function RemotePage() {
  const network = useLoaded<NetworkView>('/network');
  const settings = useLoaded<SettingsView>('/settings');
  const schema = useLoaded<SettingsSchemaView>('/settings/schema');
  const status = useLoaded<StatusView>('/status');
  const nowMs = useNow(soonMs);
  const restless = network.data !== undefined && isRestless(network.data, nowMs);
  useEffect(() => {
    const timer = setInterval(
      () => {
        if (!document.hidden) network.reload();
      },
      restless ? soonMs : seldomMs,
    );
    return () => clearInterval(timer);
  }, [restless, network.reload]);
  const error = settings.error ?? schema.error ?? (network.data ? undefined : network.error);
  if (error) return <Notice level="error" message={error} />;
  if (!network.data || !settings.data || !schema.data) return <Loading what="name and certificate" />;
  const now = network.data;
  const { remote, secretsSet } = settings.data;
  const addresses = status.data?.addresses ?? [];
  const parts = { now, remote, nowMs, onNews: network.set };
  return (
    <div class="page narrow remote">
      <div class="page-head">
        <h1>Name and certificate</h1>
        <Link class="button button-quiet" href={addressOf.settings()}>
          <Icon name="back" size={18} /> Settings
        </Link>
      </div>
      <WhereCard now={now} points={remote.points} addresses={addresses} nowMs={nowMs} />
      <SectionForm
        title="Name on the internet"
        section="remote"
        schema={schema.data.sections.remote}
        groups={remoteGroups}
        hidden={hiddenByProvider}
        missing={missingFor}
        above={{ DuckDNS: <DuckDnsSteps open={!secretsSet.includes('remote.token')} /> }}
        settings={settings.data}
        onSaved={(saved) => {
          settings.set(saved);
          network.reload();
        }}
      />
      {now.name.hostName === undefined && !now.name.last ? null : <NameCard {...parts} />}
      <CertificateCard {...parts} />
    </div>
  );
}

const dots = { ok: 'live', waiting: 'waiting', wrong: 'lost', nothing: 'off' } as const;

function WhereCard({
  now,
  points,
  addresses,
  nowMs,
}: {
  readonly now: NetworkView;
  readonly points: string;
  /** Of the box in its own network. */
  readonly addresses: readonly string[];
  readonly nowMs: number;
}) {
  const { is, before, address, after } = stateWords(now, homeAddress(addresses, location.origin), nowMs);
  // Stays with the address at the end of a line.
  const sign = /^[.,]?/.exec(after)?.[0] ?? '';
  const outside = outsideWords(now, points, addresses);
  return (
    <section class="card" aria-labelledby="where-title">
      <h2 id="where-title">Where the box is</h2>
      <p class="remote-state" role="status">
        <span class={`dot dot-${dots[is]}`} aria-hidden="true" />
        <span>
          {before}
          {address ? (
            <span class="remote-address">
              <a href={address}>{address}</a>
              {sign}
            </span>
          ) : null}
          {after.slice(sign.length)}
        </span>
      </p>
      {outside ? <p class="note">{outside}</p> : null}
      {address ? (
        <>
          <div class="actions">
            <Button onClick={() => copyText(address, 'The address')}>Copy the address</Button>
          </div>
          <details class="fold">
            <summary>Open it on a phone</summary>
            <p class="note">Point the phone’s camera at it.</p>
            <QrCode text={address} label={`QR code of ${address}`} />
          </details>
        </>
      ) : null}
    </section>
  );
}

const duckDnsPage = 'https://www.duckdns.org/';

function DuckDnsSteps({ open }: { readonly open: boolean }) {
  return (
    <details class="fold" {...(open ? { open: true } : {})}>
      <summary>How to get name and token</summary>
      <ol class="how-to">
        <li>
          Open{' '}
          <a href={duckDnsPage} target="_blank" rel="noreferrer">
            duckdns.org
          </a>{' '}
          and sign in. It costs nothing.
        </li>
        <li>Under “domains”, type a name of your choice and press “add domain”.</li>
        <li>Copy the token, which that page shows at its top.</li>
        <li>Type the name and paste the token here, and save.</li>
      </ol>
    </details>
  );
}
