// Where what one camera sees goes: to the pages, to the library and into mails.

import type { Alerts } from '../alerts/alerts.ts';
import type { CameraSettings } from '../config/camera.ts';
import type { Library } from '../library/library.ts';
import type { Live } from '../live/live.ts';
import type { Cameras } from './cameras.ts';
import type { ChangeBoard } from './changes.ts';
import { tellOfWriting } from './disk.ts';
import type { UnitOutputs } from './unit-parts.ts';

export interface Listeners {
  readonly cameras: Pick<Cameras, 'list'>;
  readonly changes: ChangeBoard;
  readonly live: Pick<Live, 'motion'>;
  readonly library: Library;
  readonly alerts: Alerts;
  readonly cameraName: (id: string) => string;
}

export function unitOutputs({ id }: Pick<CameraSettings, 'id'>, listeners: Listeners): UnitOutputs {
  const { cameras, changes, live, library, alerts, cameraName } = listeners;
  return {
    changed: () => changes.camerasChanged(() => cameras.list()),
    motion: (moving, level) => live.motion(id, moving, level),
    looked: (level, atMs) => library.level(id, level, atMs),
    event: ({ source, ...event }) => {
      const { kind } = source;
      const atMs = kind === 'end' ? source.peakMs : source.atMs;
      const motion = { kind, id: event.id, atMs, level: event.level };
      const mail = alerts.motion(id, motion, event.recordingId);
      // One row for both: an event that outlives a power cut knows whether a mail is due.
      library.recordEvent({ ...event, cameraId: id, ...(mail ? { mail } : {}) });
    },
    still: (recordingId, jpeg, atMs) => library.addStill(recordingId, jpeg, atMs),
    async proof(eventId, proof, difference, atMs) {
      if (proof) library.setEventProof(eventId, proof);
      if (difference && library.event(eventId)?.recordingId) {
        await library.addDifference(eventId, difference, atMs);
      }
    },
    health: (health) => alerts.cameraHealth(id, health),
    recordingFails: (fails) => tellOfWriting(alerts, cameraName(id), fails),
  };
}
