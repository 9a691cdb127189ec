// What an alert says, as facts. They are kept like this in the outbox and put into words only when a mail is sent, so that a waiting
// mail follows the owner's time zone and address. All times are wall time, UTC ms.

import { z } from 'zod';

export const alertFacts = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('motion'),
    cameraId: z.string(),
    cameraName: z.string(),
    atMs: z.number(),
    /** 0–100 */
    level: z.number(),
    /** Only there when something was being recorded as the alert was made. */
    recordingId: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('camera-lost'),
    cameraId: z.string(),
    cameraName: z.string(),
    sinceMs: z.number(),
    message: z.string(),
    advice: z.string(),
    /** How often it was lost since the last mail about it, this time included. */
    outages: z.number(),
  }),
  z.strictObject({
    kind: z.literal('camera-back'),
    cameraId: z.string(),
    cameraName: z.string(),
    sinceMs: z.number(),
    /** How long it was away, last time. */
    awayMs: z.number(),
    outages: z.number(),
  }),
  z.strictObject({ kind: z.literal('notice'), title: z.string(), text: z.string(), atMs: z.number() }),
]);

export type Alert = z.infer<typeof alertFacts>;
