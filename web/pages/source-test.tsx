// "Test": tries a source and shows which step worked, with a picture at the end.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { TestReport } from '../../src/http/api.ts';
import { ApiError, api, describe, type Issue } from '../api.ts';
import { Button, Notice } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';

const stepWords: Readonly<Record<TestReport['steps'][number]['name'], string>> = {
  address: 'Address',
  reach: 'Connection',
  login: 'Login',
  stream: 'Stream',
  picture: 'Picture',
};

export function SourceTest({
  source,
  cameraId,
  onReport,
  onIssues,
}: {
  readonly source: unknown;
  readonly cameraId?: string;
  readonly onReport?: (report: TestReport | undefined) => void;
  readonly onIssues: (issues: readonly Issue[]) => void;
}) {
  const [report, setReport] = useState<TestReport>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const stop = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const run = async () => {
    stop.current?.abort();
    stop.current = new AbortController();
    setBusy(true);
    setError(undefined);
    setReport(undefined);
    onReport?.(undefined);
    onIssues([]);
    try {
      const answer = await api.post<TestReport>(
        '/cameras/test',
        { source, ...(cameraId ? { cameraId } : {}) },
        stop.current.signal,
      );
      setReport(answer);
      onReport?.(answer);
    } catch (failure) {
      if (failure instanceof ApiError && failure.issues.length > 0) onIssues(failure.issues);
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <div class="source-test">
      <Button busy={busy} onClick={run}>
        {busy ? 'Testing, up to half a minute…' : report ? 'Test again' : 'Test'}
      </Button>
      {error ? <Notice level="error" message={error} /> : null}
      {report ? (
        <div class="report" aria-live="polite">
          <ol class="steps">
            {report.steps.map((step) => (
              <li key={step.name} class={`step step-${step.state}`}>
                <Icon name={step.state === 'ok' ? 'ok' : step.state === 'failed' ? 'error' : 'info'} size={18} />
                <span>
                  <strong>{stepWords[step.name]}</strong> {step.state === 'skipped' ? 'Not tried.' : step.message}
                </span>
              </li>
            ))}
          </ol>
          {report.fault ? <Notice level="warn" message={report.fault.message} advice={report.fault.advice} /> : null}
          {report.picture ? (
            <figure class="report-picture">
              <img src={`data:image/jpeg;base64,${report.picture}`} alt="What the camera sees" />
              {report.video ? (
                <figcaption class="numbers">
                  {report.video.codec.toUpperCase()}, {report.video.width} × {report.video.height}
                  {report.video.fps ? `, ${Math.round(report.video.fps)} pictures/s` : ''}
                </figcaption>
              ) : null}
            </figure>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
