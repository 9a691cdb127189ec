// The certificate that the box shows: whose it is, how long it is good, and how getting the next one goes.

import { getCertificate } from '../network.ts';
import type { RemoteParts } from './remote-name.tsx';
import { NewsCard } from './remote-news.tsx';
import { OwnCertificate } from './remote-own.tsx';
import { kindWords, soonWords, untilWords } from './remote-words.ts';

const buttonWords = {
  box: { name: 'Get it now', busy: 'One moment…' },
  automatic: { name: 'Renew it now', busy: 'One moment…' },
} as const;

export function CertificateCard({ now, remote, nowMs, onNews }: RemoteParts) {
  const { certificate } = now;
  if (!certificate) {
    return (
      <section class="card" aria-labelledby="certificate-title">
        <h2 id="certificate-title">Certificate</h2>
        <p>This box answers on no encrypted port, so it shows no certificate.</p>
      </section>
    );
  }
  const { kind, names, issuer, untilMs, last, nextMs, doing, fingerprint } = certificate;
  const isWanted = kind !== 'own' && remote.provider === 'duckdns' && remote.certificate;
  const next = last?.kind === 'failed' ? 'Next try' : 'Renewal';
  return (
    <NewsCard
      id="certificate"
      title="Certificate"
      about={kindWords[kind]}
      last={isWanted ? last : undefined}
      doing={doing}
      rows={[
        ['Signed by', issuer],
        ['For', names.join(', ')],
        ['Valid until', untilWords(untilMs, nowMs)],
        [next, isWanted && nextMs !== undefined ? soonWords(nextMs, nowMs) : undefined],
      ]}
      again={isWanted ? { ...buttonWords[kind], act: getCertificate, newsOf: () => undefined, onNews } : undefined}
    >
      <details class="fold">
        <summary>Fingerprint</summary>
        <p class="note">When a browser warns about the certificate, compare it with this (SHA-256).</p>
        <code class="fingerprint">{fingerprint}</code>
      </details>
      <details class="fold">
        <summary>{kind === 'own' ? 'Change or remove it' : 'Use your own certificate'}</summary>
        <OwnCertificate isInUse={kind === 'own'} onNews={onNews} />
      </details>
    </NewsCard>
  );
}
