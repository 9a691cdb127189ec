// Settings of one camera: where its pictures come from, what counts as motion, what is recorded, who is told.

import { displayName } from './display-name.ts';
import { weekSchedule } from './schedule.ts';
import { z } from './zod.ts';

const credentials = {
  username: z.string().max(200).default('').describe('User name at the camera, if it asks for one.'),
  password: z
    .string()
    .max(200)
    .default('')
    .meta({ secret: true })
    .describe('Password at the camera. Never shown again.'),
};

const encoding = {
  width: z.int().min(160).max(3840).default(1280).describe('Picture width in pixels.'),
  height: z.int().min(120).max(2160).default(720).describe('Picture height in pixels.'),
  fps: z.number().min(1).max(60).default(15).describe('Pictures per second.'),
  bitrateKbps: z
    .int()
    .min(100)
    .max(20_000)
    .default(2000)
    .describe('Size of the encoded video, in kilobits per second.'),
  grayscale: z.boolean().default(false).describe('Record without colour.'),
};

const url = (schemes: readonly string[]) =>
  z
    .string()
    .min(1)
    .max(2000)
    .refine(
      (text) => URL.canParse(text) && schemes.includes(new URL(text).protocol) && new URL(text).hostname !== '',
      `must be an address that starts with ${schemes.map((s) => `${s}//`).join(' or ')}`,
    )
    .refine((text) => !/[\s"'\\\u0000-\u001f]/.test(text), 'must not contain spaces, quotes or backslashes');

export const sourceSettings = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rtsp'),
    url: url(['rtsp:', 'rtsps:']).describe('Address of the main stream, for example rtsp://192.168.1.20/stream1.'),
    detectUrl: z
      .union([z.literal(''), url(['rtsp:', 'rtsps:'])])
      .default('')
      .describe('Address of a small second stream for detection, if the camera has one. Saves most of the work.'),
    transport: z.enum(['tcp', 'udp']).default('tcp').describe('How the stream is carried. TCP loses nothing.'),
    ...credentials,
  }),
  z.strictObject({
    kind: z.literal('mjpeg'),
    url: url(['http:', 'https:']).describe('Address of the MJPEG stream, for example http://192.168.1.21/video.mjpg.'),
    ...credentials,
    ...encoding,
  }),
  z.strictObject({
    kind: z.literal('usb'),
    device: z
      .string()
      .regex(/^\/dev\/(video\d{1,3}|v4l\/by-(id|path)\/[\w.:@+-]+)$/, 'must be a video device such as /dev/video0')
      .describe('The video device, for example /dev/video0.'),
    ...encoding,
  }),
  z.strictObject({
    kind: z.literal('picamera'),
    index: z.int().min(0).max(3).default(0).describe('Which camera connector, counted from 0.'),
    rotation: z
      .union([z.literal(0), z.literal(180)])
      .default(0)
      .describe('Turns the picture upside down.'),
    ...encoding,
  }),
  z.strictObject({
    kind: z.literal('file'),
    path: z
      .string()
      .min(1)
      .max(1000)
      .refine((p) => p.startsWith('/'), 'must be a full path')
      .describe('A video file, played again and again.'),
  }),
  z.strictObject({
    kind: z.literal('demo'),
    scene: z
      .enum(['yard', 'bars'])
      .default('yard')
      .describe('A rendered yard with a visitor now and then, or a test pattern.'),
    ...encoding,
    fps: z.number().min(1).max(60).default(25).describe('Pictures per second.'),
  }),
]);

const percent = (least: number) => z.number().min(least).max(100);
const aspect = () => z.number().min(0).max(100);
const sensitivity = () => z.int().min(1).max(100);

/** What a moving thing must be like to count. Shares are of the picture, its width and its height, in percent. */
const limits = {
  smallestAreaPercent: percent(0.01).describe('Smallest moving thing that counts, as a share of the picture.'),
  largestAreaPercent: percent(0.01).describe('Largest moving thing that counts, as a share of the picture.'),
  smallestWidthPercent: percent(0).describe('What is narrower does not count, as a share of the width.'),
  largestWidthPercent: percent(0).describe('What is wider does not count, as a share of the width.'),
  smallestHeightPercent: percent(0).describe('What is lower does not count, as a share of the height.'),
  largestHeightPercent: percent(0).describe('What is higher does not count, as a share of the height.'),
  narrowestAspect: aspect().describe(
    'Width divided by height: what is slimmer does not count. Somebody who stands upright is about 0.4.',
  ),
  widestAspect: aspect().describe(
    'Width divided by height: what is flatter does not count. A car from the side is about 2.5.',
  ),
};

const cameraLimits = {
  smallestAreaPercent: limits.smallestAreaPercent.default(0.05),
  largestAreaPercent: limits.largestAreaPercent.default(100),
  smallestWidthPercent: limits.smallestWidthPercent.default(0),
  largestWidthPercent: limits.largestWidthPercent.default(100),
  smallestHeightPercent: limits.smallestHeightPercent.default(0),
  largestHeightPercent: limits.largestHeightPercent.default(100),
  narrowestAspect: limits.narrowestAspect.default(0),
  widestAspect: limits.widestAspect.default(100),
};

const polygon = z
  .array(z.strictObject({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) }))
  .min(3)
  .max(64);

export const motionSettings = z.strictObject({
  enabled: z.boolean().default(true).describe('Watch for motion.'),
  sensitivity: sensitivity()
    .default(50)
    .describe('How little contrast is noticed: 1 almost blind, 100 notices everything.'),
  ...cameraLimits,
  smallestDurationMs: z.int().min(0).max(60_000).default(400).describe('Motion must last this long before it counts.'),
  mergeGapS: z
    .number()
    .min(0)
    .max(3600)
    .default(5)
    .describe('Pauses shorter than this belong to the same visit. A visit ends when nothing has moved for this long.'),
  coolDownS: z
    .number()
    .min(0)
    .max(3600)
    .default(0)
    .describe('After a visit, wait this long before the next one can begin.'),
  ignoreGlobalChange: z
    .boolean()
    .default(true)
    .describe('Wait out lamps, clouds and the infra-red switch, which change the whole picture.'),
  zones: z
    .array(
      z.strictObject({
        name: displayName().describe('What it is called on the page and in events.'),
        points: polygon.describe('Its corners: x and y as shares of the picture’s width and height, 0 to 1.'),
        sensitivity: sensitivity().optional().describe('Its own sensitivity; without: that of the camera.'),
        // Without the camera's defaults: a default here would hide what is set for the camera.
        limits: z
          .strictObject(limits)
          .partial()
          .optional()
          .describe('Its own limits; what is not named here is as for the camera.'),
      }),
    )
    .max(16)
    .default([])
    .describe('Only motion inside a zone counts. Without zones the whole picture does.'),
  masks: z
    .array(
      z.strictObject({
        name: displayName().describe('What it is called on the page and in events.'),
        points: polygon.describe('Its corners: x and y as shares of the picture’s width and height, 0 to 1.'),
        sensitivity: sensitivity()
          .optional()
          .describe('Without: nothing counts here. With: what stands out this much still does.'),
      }),
    )
    .max(16)
    .default([])
    .describe('Motion inside a mask never counts, or only where it stands out a lot.'),
  confirm: z
    .boolean()
    .default(true)
    .describe('Compare the colour pictures before a mail is sent, and draw what differs.'),
  lowPower: z
    .boolean()
    .default(false)
    .describe('While nothing moves, decode key frames only and wake up from the size of the frames between them.'),
  schedule: weekSchedule.describe('When to watch. Without entries: always.'),
});

export const recordSettings = z.strictObject({
  mode: z.enum(['motion', 'continuous', 'both', 'manual', 'off']).default('motion').describe('What is recorded.'),
  preRollS: z.number().min(0).max(60).default(5).describe('Seconds before the motion that are in the recording.'),
  preRollMaxMB: z.number().min(1).max(512).default(24).describe('Most memory for the seconds before, in megabytes.'),
  postRollS: z.number().min(0).max(120).default(5).describe('Seconds after the motion that are in the recording.'),
  segmentS: z.number().min(2).max(60).default(60).describe('Longest file; longer recordings continue in the next one.'),
  manualLimitS: z
    .int()
    .min(5)
    .max(86_400)
    .default(300)
    .describe('A recording started by hand stops by itself after this long.'),
  audio: z.boolean().default(false).describe('Record sound too. Ask who is recorded before you turn it on.'),
  schedule: weekSchedule.describe('When continuous and motion recording may happen. Without entries: always.'),
});

export const keepSettings = z.strictObject({
  quotaGB: z
    .number()
    .min(0)
    .max(100_000)
    .default(0)
    .describe('Most space for this camera’s recordings, in gigabytes; starred ones come on top. 0: no limit.'),
  maxAgeDays: z
    .number()
    .min(0)
    .max(3650)
    .default(0)
    .describe('This camera’s recordings go when they are older. 0: as set for the box. The shorter of both counts.'),
  thinAfterDays: z
    .number()
    .min(0)
    .max(3650)
    .default(0)
    .describe(
      'Of what is recorded all the time, only the parts where something moved are kept after this. 0: all of it.',
    ),
});

export const cameraAlertSettings = z.strictObject({
  mailOnMotion: z.boolean().default(true).describe('Send a mail with a picture when something moves.'),
  mailOnLost: z.boolean().default(true).describe('Send a mail when the camera is lost, and when it is back.'),
  coolDownS: z.int().min(0).max(86_400).default(60).describe('At most one motion mail in this time.'),
  attachDifference: z.boolean().default(false).describe('Attach the picture that shows what differed to motion mails.'),
});

export const cameraSettings = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be small letters, digits and dashes'),
  name: displayName().describe('What the camera is called on pages and in mails.'),
  enabled: z.boolean().default(true).describe('Whether the camera is in use.'),
  source: sourceSettings,
  motion: motionSettings.prefault({}),
  record: recordSettings.prefault({}),
  keep: keepSettings.prefault({}),
  alerts: cameraAlertSettings.prefault({}),
});

export type SourceSettings = z.infer<typeof sourceSettings>;
export type MotionSettings = z.infer<typeof motionSettings>;
export type RecordSettings = z.infer<typeof recordSettings>;
export type KeepSettings = z.infer<typeof keepSettings>;
export type CameraAlertSettings = z.infer<typeof cameraAlertSettings>;
export type CameraSettings = z.infer<typeof cameraSettings>;
