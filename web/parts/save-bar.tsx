// What stands under a form with changes: save, or take them back. Also asks before the page is left with changes.

import { useEffect } from 'preact/hooks';
import { setLeaveGuard } from '../navigation.tsx';
import { Button } from './button.tsx';

export function SaveBar({
  changed,
  busy,
  onReset,
}: {
  readonly changed: boolean;
  readonly busy: boolean;
  readonly onReset: () => void;
}) {
  useEffect(() => {
    if (!changed) return;
    setLeaveGuard(() => false);
    return () => setLeaveGuard(undefined);
  }, [changed]);
  return (
    <div class={`save-bar${changed ? ' save-bar-changed' : ''}`}>
      <Button kind="primary" type="submit" busy={busy} disabled={!changed}>
        {busy ? 'Saving…' : 'Save'}
      </Button>
      {changed ? <Button onClick={onReset}>Undo the changes</Button> : null}
    </div>
  );
}
