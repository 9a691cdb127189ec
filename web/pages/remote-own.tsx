// A certificate of the owner's own: two files in, judged by the box, and out again. The key is read to be sent, and is not kept.

import { useRef, useState } from 'preact/hooks';
import type { NetworkView } from '../../src/http/api.ts';
import { describe } from '../api.ts';
import { dropOwnCertificate, putOwnCertificate } from '../network.ts';
import { Button, Notice } from '../parts/button.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { usePassphraseFirst } from '../parts/passphrase-first.tsx';
import { toast, withToast } from '../parts/toast.tsx';

export function OwnCertificate({
  isInUse,
  onNews,
}: {
  readonly isInUse: boolean;
  readonly onNews: (view: NetworkView) => void;
}) {
  const form = useRef<HTMLFormElement>(null);
  const [certificate, setCertificate] = useState<File>();
  const [key, setKey] = useState<File>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const [removing, setRemoving] = useState(false);
  const { passphraseFirst, ask } = usePassphraseFirst('Type your passphrase to change the certificate of the box.');
  const send = async () => {
    if (!certificate || !key) return;
    setBusy(true);
    setError(undefined);
    try {
      const view = await putOwnCertificate({ certificate, key });
      form.current?.reset();
      setCertificate(undefined);
      setKey(undefined);
      toast.ok('Your certificate is in use');
      onNews(view);
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  const remove = () =>
    withToast({ busy: 'Removing it…', done: 'Your certificate is removed' }, async () =>
      onNews(await dropOwnCertificate()),
    );
  return (
    <>
      <p class="note">
        For a name of your own, with a certificate that you have from elsewhere. Two files in PEM, the key without a
        passphrase. The box does not renew them.
      </p>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          passphraseFirst(() => void send());
        }}
      >
        <FileField
          label="Certificate, with the chain behind it"
          example="fullchain.pem"
          onChoose={(file) => {
            setError(undefined);
            setCertificate(file);
          }}
        />
        <FileField
          label="Its private key"
          example="privkey.pem"
          onChoose={(file) => {
            setError(undefined);
            setKey(file);
          }}
        />
        {error ? <Notice level="error" message={error} /> : null}
        <div class="actions">
          <Button kind="primary" type="submit" busy={busy} disabled={!certificate || !key}>
            {busy ? 'Sending…' : 'Use it'}
          </Button>
          {isInUse ? (
            <Button kind="danger" onClick={() => passphraseFirst(() => setRemoving(true))}>
              Remove it
            </Button>
          ) : null}
        </div>
      </form>
      {ask}
      {removing ? (
        <Confirm
          title="Remove your certificate?"
          text="The box goes back to the certificate that it gets by itself, or to its own, of which browsers warn."
          action="Remove it"
          busy="Removing it…"
          onConfirm={remove}
          onClose={() => setRemoving(false)}
        />
      ) : null}
    </>
  );
}

function FileField({
  label,
  example,
  onChoose,
}: {
  readonly label: string;
  readonly example: string;
  readonly onChoose: (file: File | undefined) => void;
}) {
  return (
    <label class="file-field">
      {label} <span class="note">(often called {example})</span>
      <input type="file" onChange={(event) => onChoose(event.currentTarget.files?.[0])} />
    </label>
  );
}
