// For tests: the alerts room as a process of its own, so that it can be killed. Takes what to do as one JSON argument,
// says `ready` and one line per queued mail, and goes on until it is ended.

import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { openAlerts } from './alerts.ts';
import { type MailSettings, mailTimes } from './mail.ts';

export interface BoxOrder {
  readonly dataDir: string;
  readonly mail: MailSettings;
  /** Event ids to raise at once. */
  readonly events: readonly string[];
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2]!) as BoxOrder;
  const alerts = openAlerts({
    dataDir: order.dataDir,
    pictureKey: new Uint8Array(32).fill(1),
    clock: systemClock,
    log: silentLog,
    settings: () => ({
      mail: order.mail,
      boxName: 'Home',
      timeZone: 'Europe/Berlin',
      publicUrl: '',
      camera: (id) => ({ name: id, mailOnMotion: true, mailOnLost: true, coolDownS: 0 }),
    }),
    pictureOf: async () => new Uint8Array(50_000).fill(65),
    linkTo: () => undefined,
    onMailState: (eventId, state) => void process.stdout.write(`${eventId} ${state}\n`),
    settleMs: 50,
    startPauseMs: 0,
    mailTimes: { ...mailTimes, connectMs: 2000 },
  });
  process.stdout.write('ready\n');
  for (const id of order.events)
    alerts.motion(`camera ${id}`, { kind: 'start', id, atMs: performance.now(), level: 10 });
  // Nothing else may keep the process alive while all mails wait for their next try.
  setInterval(() => {}, 1000);
}
