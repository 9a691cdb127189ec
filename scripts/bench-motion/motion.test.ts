import { expect, test } from 'bun:test';
import type { Clip } from './footage.ts';
import { alarmsInLog, motionSettings } from './motion.ts';

/** Lines as Motion 4.5.1 writes them, and when they came. */
const log = (...lines: readonly (readonly [atMs: number, text: string])[]) =>
  lines.map(([atMs, text]) => ({ atMs, text }));
const connected = '[2:nc2] [NTC] [NET] netcam_rtsp_connect: norm: Camera ((null)) connected';
const began = '[1:ml1] [NTC] [ALL] motion_detected: Motion detected - starting event 1.';
const stopped = '[1:ml1] [NTC] [ALL] mlp_actions: End of event 1';
const again = '[2:nc2] [ERR] [NET] netcam_rtsp_handler_reconnect: norm: Reconnecting with camera....';
const chatter = '[1:ml1] [NTC] [ALL] image_ring_resize: Resizing pre_capture buffer to 3 items';

test("alarms of Motion are in seconds of the clip, whatever the log's clock and the pace say", () => {
  const lines = log([500, connected], [600, chatter], [3500, began], [5500, stopped], [20_500, again]);
  expect(alarmsInLog(lines, 10)).toEqual({ alarms: [[1.5, 2.5]], tookS: 20 });
});

test('an alarm that is on when the clip ends lasts until then, and the second showing of the clip is not looked at', () => {
  const lines = log([0, connected], [8000, began], [10_000, again], [10_100, connected], [12_000, stopped]);
  expect(alarmsInLog(lines, 10)?.alarms).toEqual([[8, 10]]);
});

test('a log that does not reach the end of the clip tells nothing', () => {
  expect(alarmsInLog(log([0, connected], [8000, began]), 10)).toBeUndefined();
  expect(alarmsInLog(log([8000, began], [9000, again]), 10)).toBeUndefined();
});

test("settings of our own are shares of the clip's size, which Motion wants in eights", () => {
  const clip: Clip = {
    name: 'odd',
    path: '/nowhere',
    fps: 12.5,
    width: 362,
    height: 240,
    labels: { durationS: 1, events: [], ignore: [], underWay: [] },
  };
  const [, tuned, sensitive] = motionSettings.map(({ lines }) => lines(clip));
  expect(tuned?.slice(0, 4)).toEqual(['width 360', 'height 240', 'framerate 13', 'threshold 346']);
  expect(sensitive).toContain('threshold 86');
});
