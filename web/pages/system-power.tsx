// Restart, and switch off: both ask for the passphrase if the page has forgotten it, and then once more.

import { useState } from 'preact/hooks';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { usePassphraseFirst } from '../parts/passphrase-first.tsx';
import { withToast } from '../parts/toast.tsx';
import { powerOff, restartBox } from '../system.ts';

const questions = {
  restart: {
    title: 'Restart the box?',
    text: 'Nothing is recorded for about a minute.',
    action: 'Restart',
    busy: 'Restarting…',
    run: restartBox,
  },
  'power-off': {
    title: 'Switch the box off?',
    text: 'It records nothing until somebody unplugs it and plugs it in again. That cannot be done from here.',
    action: 'Switch off',
    busy: 'Switching off…',
    run: powerOff,
  },
} as const;

export function PowerCard() {
  const [asking, setAsking] = useState<keyof typeof questions>();
  const { passphraseFirst, ask } = usePassphraseFirst('Type your passphrase to restart the box or switch it off.');
  const question = asking && questions[asking];
  return (
    <section class="card" aria-labelledby="power-title">
      <h2 id="power-title">Restart and switch off</h2>
      <p>Before you unplug the box, switch it off: then the last seconds are kept, too.</p>
      <div class="actions">
        <Button onClick={() => passphraseFirst(() => setAsking('restart'))}>Restart the box</Button>
        <Button onClick={() => passphraseFirst(() => setAsking('power-off'))}>Switch it off</Button>
      </div>
      {ask}
      {question ? (
        <Confirm
          title={question.title}
          text={question.text}
          action={question.action}
          busy={question.busy}
          onConfirm={() => withToast({ busy: question.busy }, question.run)}
          onClose={() => setAsking(undefined)}
        />
      ) : null}
    </section>
  );
}
