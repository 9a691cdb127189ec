// The life of an update, as pure steps over the record: staged, tried, then found healthy or taken back. Who carries them out and
// in which order things reach the disk is decided in `install.ts` and `choose.ts`.

import type { Kept, LastUpdate, Running, Slot, UpdateRecord } from './record.ts';
import { isOlder } from './version-order.ts';

/** A power cut while it is on trial is not held against an update; a machine that it brings down every time is. */
export const BOOTS_ON_TRIAL = 3;

/** The slot a new update goes to: never one that holds or is on trial. */
export const spareSlot = (record: UpdateRecord): Slot => (record.good?.slot === 'a' ? 'b' : 'a');

/** Before the spare slot is written to: nothing counts on what is in it. The same record when nothing did. */
export function vacated(record: UpdateRecord): UpdateRecord {
  const { previous, trial, ...rest } = record;
  const spare = spareSlot(record);
  if (previous?.slot !== spare && trial?.slot !== spare) return record;
  return { ...rest, ...(previous && previous.slot !== spare ? { previous } : {}) };
}

/** Its files are whole and on the disk: tried at the next start. */
export const staged = (record: UpdateRecord, kept: Kept): UpdateRecord => ({
  ...vacated(record),
  trial: { ...kept, starts: [] },
});

export interface Start {
  readonly record: UpdateRecord;
  readonly run: Running;
}

export interface StartFacts {
  readonly bootId: string;
  /** Of the image's own executable. */
  readonly factoryVersion: string;
  /** Undefined when the box does not know the time. */
  readonly atMs?: number;
}

/** What runs at this start of the service. A trial that was started before in this boot did not become healthy: taken back. */
export function starting(record: UpdateRecord, facts: StartFacts): Start {
  const current = withoutOutdated(record, facts.factoryVersion);
  const { trial } = current;
  if (!trial) return holding(current);
  const was = current.good?.version ?? facts.factoryVersion;
  if (trial.starts.includes(facts.bootId)) {
    const message = `Version ${trial.version} did not come up healthy, so version ${was} is back.`;
    return holding(takenBack(current, message, facts.atMs));
  }
  if (trial.starts.length >= BOOTS_ON_TRIAL) {
    const message = `The box went down ${BOOTS_ON_TRIAL} times while version ${trial.version} was tried, so version ${was} is back.`;
    return holding(takenBack(current, message, facts.atMs));
  }
  return { record: { ...current, trial: { ...trial, starts: [...trial.starts, facts.bootId] } }, run: trial.slot };
}

/** What was to run cannot be: its files are damaged, or not signed by a known key. `why` goes on after "so". */
export function unusable(record: UpdateRecord, slot: Slot, facts: StartFacts): Start {
  if (record.trial?.slot === slot) {
    const was = record.good?.version ?? facts.factoryVersion;
    const message = `Version ${record.trial.version} was damaged on the card, so version ${was} is back.`;
    return holding(takenBack(record, message, facts.atMs));
  }
  if (record.good?.slot !== slot) return { record, run: 'factory' };
  const { good, previous, ...rest } = record;
  const next: UpdateRecord = previous && previous.slot !== slot ? { ...rest, good: previous } : rest;
  const now = next.good?.version ?? facts.factoryVersion;
  const message = `Version ${good.version} is damaged on the card, so version ${now} runs now. Install the update again; if it happens twice, change the card.`;
  return holding({ ...next, last: lastOf(good.version, 'rolled-back', message, facts.atMs) });
}

/** The trial could not even be noted on the disk: it must not begin, as nobody could count its starts. */
export const withoutTrial = (record: UpdateRecord): Start => holding(record);

/** The running executable was found healthy. The same record when that one is not on trial. */
export function confirmed(record: UpdateRecord, running: Running, atMs: number | undefined): UpdateRecord {
  const { trial, good, previous, ...rest } = record;
  if (trial?.slot !== running) return record;
  const { starts: _, ...kept } = trial;
  const before = good ?? previous;
  return {
    ...rest,
    good: kept,
    ...(before && before.slot !== kept.slot ? { previous: before } : {}),
    last: lastOf(kept.version, 'holds', `Version ${kept.version} is installed and works.`, atMs),
  };
}

/** Slots that something counts on; what is in the others may go. */
export const slotsInUse = ({ good, previous, trial }: UpdateRecord): ReadonlySet<Slot> =>
  new Set([good, previous, trial].flatMap((kept) => (kept ? [kept.slot] : [])));

const holding = (record: UpdateRecord): Start => ({ record, run: record.good?.slot ?? 'factory' });

function takenBack(record: UpdateRecord, message: string, atMs: number | undefined): UpdateRecord {
  const { trial, ...rest } = record;
  return trial ? { ...rest, last: lastOf(trial.version, 'rolled-back', message, atMs) } : record;
}

const lastOf = (
  version: string,
  outcome: LastUpdate['outcome'],
  message: string,
  atMs: number | undefined,
): LastUpdate => ({ version, outcome, message, ...(atMs === undefined ? {} : { atMs }) });

/** A newer image was put under this data: what is older than it has had its time, unless the owner wanted it older. */
function withoutOutdated(record: UpdateRecord, factoryVersion: string): UpdateRecord {
  const lasts = (kept: Kept | undefined) => kept && (kept.older || !isOlder(kept.version, factoryVersion));
  const { good, previous, trial, ...rest } = record;
  return {
    ...rest,
    ...(good && lasts(good) ? { good } : {}),
    ...(previous && lasts(good) && lasts(previous) ? { previous } : {}),
    ...(trial && lasts(trial) ? { trial } : {}),
  };
}
