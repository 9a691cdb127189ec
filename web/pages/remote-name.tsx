// How the box's name is: what it leads to, how the last attempt to set it ended, and another one.

import type { NetworkView, SettingsView } from '../../src/http/api.ts';
import { tryName } from '../network.ts';
import { NewsCard } from './remote-news.tsx';
import { agoWords, leadsToWords, soonWords } from './remote-words.ts';

export interface RemoteParts {
  readonly now: NetworkView;
  readonly remote: SettingsView['remote'];
  readonly nowMs: number;
  readonly onNews: (view: NetworkView) => void;
}

export function NameCard({ now, remote, nowMs, onNews }: RemoteParts) {
  const { hostName, last, nextMs, busy } = now.name;
  return (
    <NewsCard
      id="name"
      // Settings that did not come from this page may be without one, and the box says so.
      title={hostName ?? 'The name'}
      last={last}
      doing={busy ? 'The box tells the provider where it is.' : undefined}
      rows={[
        ['Leads to', leadsToWords(now.name, remote.points)],
        ['Last try', last ? agoWords(last.atMs, nowMs) : 'None since the box started'],
        ['Next try', nextMs === undefined ? undefined : soonWords(nextMs, nowMs)],
      ]}
      again={{ name: 'Try now', busy: 'Trying…', act: tryName, newsOf: (view) => view.name.last, onNews }}
    />
  );
}
