// A second factor for oneself: a code of six digits from an authenticator, asked for beside the passphrase when signing in. It protects
// the session and not the keys, and the page says so.

import { useState } from 'preact/hooks';
import type { SecondFactorOffer, SignedInPerson } from '../../src/http/api.ts';
import { ApiError, api, describe } from '../api.ts';
import { copyText } from '../live/tile-actions.tsx';
import { Button, Notice } from '../parts/button.tsx';
import { usePassphraseFirst } from '../parts/passphrase-first.tsx';
import { QrCode } from '../parts/qr.tsx';
import { toast } from '../parts/toast.tsx';
import { offerSecondFactor, turnOffSecondFactor } from '../people.ts';
import { loadSession } from '../session.ts';
import { KnownName, PassphraseField, TextField } from './gate-fields.tsx';

type Step =
  | { readonly kind: 'idle' }
  | { readonly kind: 'offer'; readonly offer: SecondFactorOffer }
  | { readonly kind: 'off' };

export function SecondFactorCard({ person }: { readonly person: SignedInPerson }) {
  const [step, setStep] = useState<Step>({ kind: 'idle' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const idle = () => {
    setStep({ kind: 'idle' });
    setError(undefined);
  };
  const { passphraseFirst, ask } = usePassphraseFirst('Type your passphrase to switch on a second factor.');
  const begin = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setStep({ kind: 'offer', offer: await offerSecondFactor() });
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <section class="card" aria-labelledby="factor-title">
      <h2 id="factor-title">Second factor</h2>
      <p>
        {person.secondFactor
          ? 'On. Signing in asks for a code from your authenticator, too.'
          : 'A code from an authenticator on your phone, asked for beside the passphrase when you sign in.'}
      </p>
      <p class="note">
        It protects signing in, and so the live pictures and settings. The recordings themselves are protected by the
        passphrase alone: whoever holds the box itself is not asked for a code.
      </p>
      {error ? <Notice level="error" message={error} /> : null}
      {ask}
      {step.kind === 'offer' ? <Confirm offer={step.offer} onDone={idle} /> : null}
      {step.kind === 'off' ? <TurnOff person={person} onDone={idle} /> : null}
      {step.kind === 'idle' ? (
        <div class="actions">
          {person.secondFactor ? (
            <Button onClick={() => setStep({ kind: 'off' })}>Switch it off</Button>
          ) : (
            <Button busy={busy} onClick={() => passphraseFirst(() => void begin())}>
              Switch it on
            </Button>
          )}
        </div>
      ) : null}
    </section>
  );
}

function Confirm({ offer, onDone }: { readonly offer: SecondFactorOffer; readonly onDone: () => void }) {
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const confirm = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await api.post('/second-factor/confirm', { code: code.replace(/\s/g, '') });
      await loadSession();
      toast.ok('The second factor is on');
      onDone();
    } catch (failure) {
      const wrong = failure instanceof ApiError && failure.kind === 'denied';
      setError(
        wrong
          ? 'That code is not right. Wait for the next one, and see that both clocks are right.'
          : describe(failure),
      );
      setBusy(false);
    }
  };
  return (
    <form class="factor" onSubmit={confirm}>
      <QrCode text={offer.uri} label="QR code for an authenticator" />
      <div class="factor-steps">
        <p>Scan it with an authenticator on your phone, or type this key into it:</p>
        <div class="copy-row">
          <code>{grouped(offer.secret)}</code>
          <Button small onClick={() => copyText(offer.secret, 'The key')}>
            Copy
          </Button>
        </div>
        <TextField
          label="The code that it shows"
          value={code}
          onInput={setCode}
          autoComplete="one-time-code"
          error={error}
          digits
          first
        />
        <div class="actions">
          <Button kind="primary" type="submit" busy={busy}>
            {busy ? 'One moment…' : 'Switch it on'}
          </Button>
          <Button onClick={onDone}>Cancel</Button>
        </div>
      </div>
    </form>
  );
}

function TurnOff({ person, onDone }: { readonly person: SignedInPerson; readonly onDone: () => void }) {
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const off = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await turnOffSecondFactor(person.id, passphrase);
      await loadSession();
      toast.ok('The second factor is off');
      onDone();
    } catch (failure) {
      const wrong = failure instanceof ApiError && failure.kind === 'denied';
      setError(wrong ? 'That passphrase is not right.' : describe(failure));
      setBusy(false);
    }
  };
  return (
    <form class="after-form" onSubmit={off}>
      <KnownName name={person.name} />
      <PassphraseField label="Your passphrase" value={passphrase} onInput={setPassphrase} error={error} first />
      <div class="actions">
        <Button kind="danger" type="submit" busy={busy}>
          {busy ? 'One moment…' : 'Switch it off'}
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  );
}

const grouped = (secret: string) => secret.match(/.{1,4}/g)?.join(' ') ?? secret;
