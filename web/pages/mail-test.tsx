// Sends a test mail and shows what the mail server itself said.

import { useState } from 'preact/hooks';
import type { MailTestReport } from '../../src/http/api.ts';
import { api, describe, sentence } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';

export function MailTest({ changed }: { readonly changed: boolean }) {
  const [busy, setBusy] = useState(false);
  const [report, setReport] = useState<MailTestReport>();
  const run = async () => {
    setBusy(true);
    setReport(undefined);
    try {
      setReport(await api.post<MailTestReport>('/mail/test'));
    } catch (error) {
      setReport({ ok: false, message: describe(error) });
    }
    setBusy(false);
  };
  return (
    <div class="after-form">
      <Button icon="mail" busy={busy} disabled={changed} onClick={run}>
        {busy ? 'Talking to the mail server…' : 'Send a test mail'}
      </Button>
      {changed ? <p class="field-help">Save first, then test.</p> : null}
      {report ? (
        <Notice
          level={report.ok ? 'ok' : 'error'}
          message={report.ok ? `The server took the mail: ${report.message}` : sentence(report.message)}
          advice={report.advice}
        />
      ) : null}
    </div>
  );
}
