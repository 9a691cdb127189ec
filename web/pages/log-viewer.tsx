// The newest lines of the log, when somebody wants them.

import { useId, useState } from 'preact/hooks';
import type { LogLine } from '../../src/base/log.ts';
import { Button, Loading, Notice } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { clockTime } from '../words.ts';

const rank = { debug: 0, info: 1, warn: 2, error: 3 } as const;

export function LogViewer() {
  const [open, setOpen] = useState(false);
  const [least, setLeast] = useState<LogLine['level']>('info');
  const logs = useLoaded<{ readonly lines: readonly LogLine[] }>(open ? '/logs?lines=300' : undefined);
  const id = useId();
  const lines = (logs.data?.lines ?? []).filter((line) => rank[line.level] >= rank[least]).toReversed();
  return (
    <details class="card fold logs" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>Log</h2>
      </summary>
      <div class="log-bar">
        <label for={id}>Show</label>
        <select id={id} value={least} onChange={(event) => setLeast(event.currentTarget.value as LogLine['level'])}>
          <option value="debug">everything</option>
          <option value="info">what happens</option>
          <option value="warn">warnings and errors</option>
          <option value="error">errors</option>
        </select>
        <Button small busy={logs.loading} onClick={logs.reload}>
          Refresh
        </Button>
        <a class="button button-plain button-small" href="/api/v1/logs/download" download>
          <Icon name="download" size={18} /> Download
        </a>
      </div>
      {logs.error ? <Notice level="error" message={logs.error} /> : null}
      {open && !logs.data && !logs.error ? <Loading what="the log" /> : null}
      {logs.data && lines.length === 0 ? <p class="note">Nothing of that kind.</p> : null}
      {lines.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        <ol class="log-lines" tabIndex={0} aria-label="Log lines, newest first">
          {lines.map((line, index) => (
            <li key={index} class={`log-${line.level}`}>
              <time class="numbers">{clockTime(line.atMs)}</time> <b>{line.area}</b> {line.message}
              {line.fields ? <span class="log-fields"> {fieldsText(line.fields)}</span> : null}
            </li>
          ))}
        </ol>
      ) : null}
    </details>
  );
}

const fieldsText = (fields: NonNullable<LogLine['fields']>) =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
