// Asking before a new recovery sheet takes the place of the old one. The sheet itself is `recovery-sheet.tsx`.

import { useState } from 'preact/hooks';
import { describe } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Unlock } from '../parts/unlock.tsx';
import { replaceSheet } from '../people.ts';
import { useStore } from '../store.ts';
import { vault } from '../vault/client.ts';
import { sheetToKeep } from './recovery-sheet.tsx';

export function NewSheetDialog({ onClose }: { readonly onClose: () => void }) {
  const state = useStore(vault.state);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const make = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const sheet = await replaceSheet();
      onClose();
      sheetToKeep.set(sheet);
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <Dialog title="Make a new recovery sheet?" onClose={onClose}>
      {state === 'locked' ? (
        <Unlock reason="Type your passphrase to make a new recovery sheet." />
      ) : (
        <>
          <p>
            The new words are shown once, now. The old sheet opens this box no more. A copy of the recordings that was
            made before, off this box, still opens with the old sheet.
          </p>
          {error ? <Notice level="error" message={error} /> : null}
          <div class="actions actions-end">
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" busy={busy} onClick={make}>
              {busy ? 'Making it…' : 'Make it'}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
