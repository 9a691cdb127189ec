// What the box does only for who shows that they typed the passphrase. After a reload the page does not know it any more: then it is
// asked for in a dialog, and what was wanted goes on by itself.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useStore } from '../store.ts';
import { vault } from '../vault/client.ts';
import { Dialog } from './dialog.tsx';
import { Unlock } from './unlock.tsx';

/** `ask` is shown outside of any form. `run` says itself what went wrong. */
export function usePassphraseFirst(reason: string): {
  readonly passphraseFirst: (run: () => void) => void;
  readonly ask: ComponentChildren;
} {
  const locked = useStore(vault.state) === 'locked';
  const [waiting, setWaiting] = useState<{ readonly run: () => void }>();
  useEffect(() => {
    if (locked || !waiting) return;
    setWaiting(undefined);
    waiting.run();
  }, [locked, waiting]);
  return {
    passphraseFirst: (run) => setWaiting({ run }),
    ask:
      waiting && locked ? (
        <Dialog title="Is it you?" onClose={() => setWaiting(undefined)}>
          <Unlock reason={reason} />
        </Dialog>
      ) : null,
  };
}
