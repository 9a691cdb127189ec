// A card about something that the box does again and again by itself: how it went, what comes next, and a button to do it now.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { NetworkView, Outcome } from '../../src/http/api.ts';
import { describe, sentence } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { toast } from '../parts/toast.tsx';

export interface Again {
  readonly name: string;
  readonly busy: string;
  readonly act: () => Promise<NetworkView>;
  /** What the answer says of it; what went well is also said in passing, so that one hears it again when the words are the same. */
  readonly newsOf: (view: NetworkView) => Outcome | undefined;
  readonly onNews: (view: NetworkView) => void;
}

export function NewsCard({
  id,
  title,
  about,
  rows,
  last,
  doing,
  again,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly about?: string;
  readonly rows: readonly (readonly [name: string, value: string | undefined])[];
  readonly last: Outcome | undefined;
  /** What goes on, as a sentence. */
  readonly doing: string | undefined;
  readonly again?: Again | undefined;
  readonly children?: ComponentChildren;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = async ({ act, newsOf, onNews }: Again) => {
    setBusy(true);
    setError(undefined);
    try {
      const view = await act();
      const news = newsOf(view);
      if (news?.kind === 'ok') toast.ok(sentence(news.message));
      onNews(view);
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {about ? <p>{about}</p> : null}
      <News last={last} doing={doing} />
      <dl class="facts">
        {rows.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {error ? <Notice level="error" message={error} /> : null}
      {again ? (
        <div class="actions">
          <Button busy={busy} disabled={doing !== undefined} onClick={() => run(again)}>
            {busy ? again.busy : again.name}
          </Button>
        </div>
      ) : null}
      {children}
    </section>
  );
}

function News({ last, doing }: { readonly last: Outcome | undefined; readonly doing: string | undefined }) {
  return (
    <>
      <p class="news" role="status">
        {doing !== undefined ? (
          <>
            <span class="spinner" aria-hidden="true" />
            <span>{sentence(doing)}</span>
          </>
        ) : last?.kind === 'ok' ? (
          <>
            <Icon name="ok" />
            <span>{sentence(last.message)}</span>
          </>
        ) : null}
      </p>
      {last?.kind === 'failed' && doing === undefined ? (
        // Another failure is told again, also in the same words.
        <Notice key={last.atMs} level="error" message={sentence(last.message)} advice={sentence(last.advice)} />
      ) : null}
    </>
  );
}
