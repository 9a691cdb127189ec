// The lines were written by ffmpeg 5.1 and rpicam-apps in real failures; addresses are masked as the log masks them.

import { expect, test } from 'bun:test';
import { type FaultContext, fault, faultFrom, isTimeBackwards, wantsAudioEncoded } from './faults.ts';
import { StderrTail } from './stderr-tail.ts';
import { TroubleWatch } from './trouble-watch.ts';

const rtsp: FaultContext = { kind: 'rtsp', hadPackets: false, ranMs: 100, timeoutMs: 8000 };
const table: readonly (readonly [string, string, Partial<FaultContext>])[] = [
  [
    'unauthorized',
    '[rtsp @ 0x55] method DESCRIBE failed: 401 Unauthorized\npipe:0: Server returned 401 Unauthorized (authorization failed)',
    {},
  ],
  ['not-found', '[rtsp @ 0x55] method DESCRIBE failed: 404 Not Found\npipe:0: Server returned 404 Not Found', {}],
  [
    'refused',
    '[tcp @ 0x55] Connection to tcp://127.0.0.1:1?timeout=3000000 failed: Connection refused\npipe:0: Connection refused',
    {},
  ],
  [
    'wrong-address',
    '[tcp @ 0x55] Failed to resolve hostname no-such-host.invalid: Name or service not known\npipe:0: Input/output error',
    {},
  ],
  [
    'not-video',
    "[concat @ 0x55] Impossible to open 'rtsp://127.0.0.1:18431/x'\npipe:0: Invalid data found when processing input",
    {},
  ],
  [
    'unreachable',
    "[concat @ 0x55] Impossible to open 'rtsp://127.0.0.1:18432/x'\npipe:0: Invalid data found when processing input",
    { ranMs: 8010 },
  ],
  [
    'not-found',
    '[http @ 0x55] HTTP error 404 File not found\npipe:0: Server returned 404 Not Found',
    { kind: 'mjpeg' },
  ],
  [
    'unreachable',
    "[concat @ 0x55] Impossible to open 'http://127.0.0.1:18432/'\npipe:0: Connection timed out",
    { kind: 'mjpeg' },
  ],
  [
    'no-device',
    '[video4linux2,v4l2 @ 0x55] Cannot open video device /dev/video9: No such file or directory\n/dev/video9: No such file or directory',
    { kind: 'usb' },
  ],
  ['busy', '[video4linux2,v4l2 @ 0x55] ioctl(VIDIOC_STREAMON): Device or resource busy', { kind: 'usb' }],
  ['no-device', 'ERROR: *** no cameras available ***', { kind: 'picamera' }],
  ['no-device', 'file:/tmp/none.mp4: No such file or directory', { kind: 'file' }],
  ['not-video', 'file:/tmp/x.txt: Invalid data found when processing input', { kind: 'file' }],
  ['ended', '', { hadPackets: true }],
  ['damaged', 'pipe:0: Invalid data found when processing input', { hadPackets: true, kind: 'mjpeg' }],
  [
    'time-backwards',
    '[mp4 @ 0x55] Non-monotonous DTS in output stream 0:0; previous: 900000, current: 90; changing to 900001.',
    { hadPackets: true },
  ],
];

test.each(table)('%s is what it is called: %s', (kind, text, context) => {
  const found = faultFrom(text, 1, { ...rtsp, ...context });
  expect(found.kind as string).toBe(kind);
  expect(found.message).toEndWith('.');
  expect(found.advice).toEndWith('.');
});

test('a missing file is not called a camera', () => {
  expect(fault('no-device', 'file').message).toBe('There is no such file.');
});

test('sound that MP4 cannot carry asks for AAC', () => {
  expect(
    wantsAudioEncoded(
      '[mp4 @ 0x55] Could not find tag for codec pcm_mulaw in stream #1, codec not currently supported in container',
    ),
  ).toBe(true);
  expect(wantsAudioEncoded('[mp4 @ 0x55] Could not find tag for codec vp8 in stream #0')).toBe(false);
});

test('a lost packet is forgiven, garbage that goes on is not', () => {
  const line = '[h264 @ 0x55] error while decoding MB 12 4, bytestream -5';
  const few = new TroubleWatch();
  for (let i = 0; i < 100; i++) expect(few.line(line, i * 1000, 90_000)).toBeUndefined();
  const many = new TroubleWatch();
  const verdicts = Array.from({ length: 60 }, (_, i) => many.line(line, i * 40, 90_000));
  expect(verdicts).toContain('damaged');
  const repeated = new TroubleWatch();
  repeated.line(line, 0, 90_000);
  expect(repeated.line('    Last message repeated 50 times', 10, 90_000)).toBe('damaged');
});

test('a step back of seconds is told at once, one of ticks only when it goes on, and never for sound', () => {
  const step = (by: number, stream = 0) =>
    `Non-monotonous DTS in output stream 0:${stream}; previous: ${by}, current: 0; changing to 1`;
  expect(isTimeBackwards(step(5))).toBe(true);
  expect(new TroubleWatch().line(step(900_000), 0, 90_000)).toBe('time-backwards');
  const watch = new TroubleWatch();
  expect(Array.from({ length: 12 }, (_, i) => watch.line(step(5), i * 40, 90_000)).indexOf('time-backwards')).toBe(9);
  expect(new TroubleWatch().line(step(900_000, 1), 0, 90_000)).toBeUndefined();
});

test('H.265 that becomes garbage or another codec is told by ffmpeg in other words', () => {
  const verdictOf = (line: string, times: number) => {
    const watch = new TroubleWatch();
    return Array.from({ length: times }, (_, i) => watch.line(line, i * 40, 90_000)).find((v) => v !== undefined);
  };
  expect(verdictOf('[hevc @ 0x55] Error parsing NAL unit #0.', 60)).toBe('damaged');
  expect(verdictOf('Error while decoding stream #0:0: Invalid data found when processing input', 60)).toBe('damaged');
  const foreign =
    '[rtsp @ 0x55] Multi-layer HEVC coding is not implemented. Update your FFmpeg version to the newest one';
  expect(verdictOf(foreign, 4)).toBeUndefined();
  expect(verdictOf(foreign, 5)).toBe('stream-changed');
});

test('what a program said long ago is not what it said last', () => {
  let nowMs = 0;
  const tail = new StderrTail(
    () => {},
    () => nowMs,
  );
  tail.push(Buffer.from('[h264 @ 0x55] error while decoding MB 1 2, bytestream -5\n'));
  nowMs = 60_000;
  tail.push(Buffer.from('End of file\n'));
  expect(tail.text).toContain('error while decoding MB');
  expect(tail.since(55_000)).toBe('End of file');
  expect(faultFrom(tail.since(55_000), 0, { ...rtsp, hadPackets: true }).kind).toBe('ended');
});
