// The recovery sheet, shown once: to print, to write down or to save, and a check that it was kept. The words are in this page's
// memory only; leaving asks first.

import { useEffect, useState } from 'preact/hooks';
import { Link, setLeaveGuard } from '../navigation.tsx';
import { Button, Notice } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { QrCode } from '../parts/qr.tsx';
import { forgetSheet, uncheckedSheet } from '../recovery-reminder.ts';
import { addressOf } from '../router.ts';
import { createStore, useStore } from '../store.ts';
import type { RecoverySheet } from '../vault/client.ts';
import { longDate } from '../words.ts';
import { TextField } from './gate-fields.tsx';
import { pickPlaces, sheetFile } from './sheet-check.ts';

/** A sheet that was just made. While there is one, nothing else is shown. */
export const sheetToKeep = createStore<RecoverySheet | undefined>(undefined);

export function RecoverySheetPage({ boxName, sheet }: { readonly boxName: string; readonly sheet: RecoverySheet }) {
  const [checking, setChecking] = useState(false);
  useEffect(() => {
    setLeaveGuard(() => false);
    return () => setLeaveGuard(undefined);
  }, []);
  const done = () => {
    setLeaveGuard(undefined);
    sheetToKeep.set(undefined);
  };
  return (
    <main class="sheet-page" id="main">
      {checking ? (
        <SheetCheck sheet={sheet} onBack={() => setChecking(false)} onDone={done} />
      ) : (
        <>
          <header class="sheet-intro">
            <h1>Keep this recovery sheet</h1>
            <p>
              If you forget your passphrase, these fifteen words are the only way back to your recordings. They are
              shown now and never again.
            </p>
            <div class="actions">
              <Button kind="primary" icon="print" onClick={() => print()}>
                Print it
              </Button>
              <Button icon="download" onClick={() => save(sheet)}>
                Save as a file
              </Button>
            </div>
            <p class="note">
              No printer? Write the words down, in order. A file belongs on a stick in a drawer, not on this device.
            </p>
          </header>
          <Sheet boxName={boxName} sheet={sheet} />
          <div class="actions sheet-next">
            <Button kind="primary" onClick={() => setChecking(true)}>
              I have it, go on
            </Button>
            <Button kind="quiet" onClick={done}>
              I will do it later
            </Button>
          </div>
        </>
      )}
    </main>
  );
}

/** What is printed, and nothing else is. */
function Sheet({ boxName, sheet }: { readonly boxName: string; readonly sheet: RecoverySheet }) {
  return (
    <article class="sheet" aria-labelledby="sheet-title">
      <div class="sheet-head">
        <div>
          <h2 id="sheet-title">Recovery sheet of {boxName}</h2>
          <p>{longDate(Date.now())}</p>
        </div>
        <QrCode text={sheet.text} label="The same key as a QR code" />
      </div>
      <ol class="sheet-words" aria-label="Recovery words">
        {sheet.words.map((word, i) => (
          <li key={word}>
            <span class="sheet-number">{i + 1}</span> {word}
          </li>
        ))}
      </ol>
      <div class="sheet-what">
        <p>
          <b>What it is for.</b> Whoever has this sheet can open every recording of this box, and set a new passphrase
          for its owner. On the page of the box choose “I forgot my passphrase”, and type these words or what the QR
          code says. If the box is gone, a copy of its recordings opens with it on any computer:{' '}
          <code>nightjar export</code>.
        </p>
        <p>
          <b>Keep it</b> where you keep your passport, and not beside the box. Lost or seen by somebody? Make a new one
          under “You”; this one is then worth nothing there.
        </p>
      </div>
    </article>
  );
}

function SheetCheck({
  sheet,
  onBack,
  onDone,
}: {
  readonly sheet: RecoverySheet;
  readonly onBack: () => void;
  readonly onDone: () => void;
}) {
  const [places] = useState(() => pickPlaces(sheet.words.length));
  const [typed, setTyped] = useState<readonly [string, string]>(['', '']);
  const [wrong, setWrong] = useState<readonly number[]>([]);
  const check = (event: Event) => {
    event.preventDefault();
    const missed = places.filter((place, i) => typed[i]?.trim().toLowerCase() !== sheet.words[place - 1]);
    setWrong(missed);
    if (missed.length > 0) return;
    forgetSheet();
    onDone();
  };
  return (
    <form class="gate-card sheet-check" onSubmit={check}>
      <h1>Take the sheet in your hand</h1>
      <p class="gate-intro">Type two of its words, to see that it is readable and complete.</p>
      {places.map((place, i) => (
        <TextField
          key={place}
          label={`Word ${place}`}
          value={typed[i] ?? ''}
          onInput={(value) => setTyped(i === 0 ? [value, typed[1]] : [typed[0], value])}
          autoComplete="off"
          first={i === 0}
          error={wrong.includes(place) ? `That is not word ${place} of this sheet.` : undefined}
        />
      ))}
      <Button kind="primary" type="submit">
        That is it
      </Button>
      <Button kind="quiet" icon="back" onClick={onBack}>
        Show the words again
      </Button>
    </form>
  );
}

/** On the status page: where the sheet that nobody has checked is looked after. */
export function UncheckedSheetLine() {
  if (!useStore(uncheckedSheet)) return null;
  return (
    <div class="sheet-reminder">
      <Notice level="warn" message="Do you have your recovery sheet?" advice="Nobody has checked it yet." />
      <Link class="button button-small" href={addressOf.account()}>
        Look after the recovery sheet
      </Link>
    </div>
  );
}

/** The reminder itself, on the owner's own page. */
export function UncheckedSheetNotice({ onNew, onKept }: { readonly onNew: () => void; readonly onKept: () => void }) {
  return (
    <div class="sheet-reminder">
      <Notice
        level="warn"
        message="Do you have your recovery sheet?"
        advice="You went on without checking it. Without the sheet and without your passphrase nobody can open your recordings."
      />
      <div class="actions">
        <Button small onClick={onKept}>
          <Icon name="ok" size={16} /> I have it
        </Button>
        <Button small onClick={onNew}>
          Make a new one
        </Button>
      </div>
    </div>
  );
}

function save(sheet: RecoverySheet): void {
  const url = URL.createObjectURL(new Blob([sheetFile(sheet.words)], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'nightjar-recovery.txt';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
