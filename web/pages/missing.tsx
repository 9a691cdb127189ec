// An address nobody knows, one that is not for this person, and a box that does not answer.

import { useState } from 'preact/hooks';
import type { Role } from '../../src/http/api.ts';
import { Link } from '../navigation.tsx';
import { Button } from '../parts/button.tsx';
import { Mark } from '../parts/icons.tsx';
import { loadSession } from '../session.ts';

export function MissingPage() {
  return (
    <section class="empty">
      <h1>There is no such page</h1>
      <p>The address may be old, or a recording may have been deleted.</p>
      <Link class="button button-primary" href="/">
        Go to the cameras
      </Link>
    </section>
  );
}

export function NotForYouPage({ role }: { readonly role: Role }) {
  return (
    <section class="empty">
      <h1>This page is not for you</h1>
      <p>
        {role === 'live-only'
          ? 'You may see live pictures. Ask the owner of the box if you should see recordings, too.'
          : 'You may see live pictures and recordings. Settings are for the owner of the box.'}
      </p>
      <Link class="button button-primary" href="/">
        Go to the cameras
      </Link>
    </section>
  );
}

export function UnreachablePage({ message }: { readonly message: string }) {
  const [busy, setBusy] = useState(false);
  return (
    <main class="gate" id="main">
      <div class="gate-card">
        <Mark size={56} />
        <h1>The box does not answer</h1>
        <p>{message}</p>
        <Button
          kind="primary"
          busy={busy}
          onClick={async () => {
            setBusy(true);
            await loadSession();
            setBusy(false);
          }}
        >
          Try again
        </Button>
      </div>
    </main>
  );
}
