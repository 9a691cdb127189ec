// What a start makes up for: power may have gone before an event's mail was on the disk, or before its picture was. That a mail
// was due is in the event's row. Its picture is in the recording, which only its owner can open: the words go alone.

import type { Clock } from '../base/clock.ts';
import type { Alert } from './alert.ts';
import type { Outbox } from './outbox.ts';
import { GIVE_UP_MS, type MailState } from './outbox-options.ts';

/** An event as it is kept, with wall times. */
export interface KeptEvent {
  readonly id: string;
  readonly cameraId: string;
  readonly startMs: number;
  /** 0–100 */
  readonly level: number;
  readonly recordingId?: string;
}

/** What is known of events from before a restart. */
export interface KeptEvents {
  /** Events whose mail was due and of which nothing else has been told. */
  waiting(): readonly KeptEvent[];
  event(id: string): KeptEvent | undefined;
  mailState(id: string): MailState | undefined;
}

export interface CatchUpOptions {
  readonly kept: KeptEvents;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** The right half of Message-IDs. */
  readonly domain: string;
  readonly cameraName: (cameraId: string) => string;
  /** No mail will come for this event any more. */
  readonly giveUp: (eventId: string) => void;
}

/** Resolves when every such mail is complete and may go. */
export async function catchUp(o: CatchUpOptions): Promise<void> {
  const { kept, outbox, clock, domain } = o;
  const held = outbox.held();
  const missing = kept.waiting().filter((event) => !outbox.has(event.id));
  const isTooOld = ({ startMs }: KeptEvent) => clock.wallMs() - startMs > GIVE_UP_MS;
  for (const { id } of missing.filter(isTooOld)) o.giveUp(id);
  const alertOf = ({ cameraId, startMs, level, recordingId }: KeptEvent): Alert => {
    const camera = { cameraId, cameraName: o.cameraName(cameraId) };
    return { kind: 'motion', ...camera, atMs: startMs, level, ...(recordingId === undefined ? {} : { recordingId }) };
  };
  const puts = missing
    .filter((event) => !isTooOld(event))
    .map(async (event) => {
      const alert = alertOf(event);
      return {
        id: await outbox.put(alert, { domain, eventId: event.id, hold: true, pause: true }),
        eventId: event.id,
        alert,
      };
    });
  for (const { id, eventId, alert } of [...held, ...(await Promise.all(puts))]) {
    const event = kept.event(eventId);
    await outbox.release(id, event ? alertOf(event) : alert);
  }
}
