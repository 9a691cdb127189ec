import { expect, test } from 'bun:test';
import { sourceSettings } from '../config/camera.ts';
import { bestSize, parsePiCameras, parseV4l2Formats } from './devices.ts';
import { hardwareEncoders, softwareEncoder } from './encoders.ts';
import { mainArgv } from './ffmpeg-argv.ts';
import { addressWithLogin, planSource } from './source-plan.ts';
import { safeLine } from './stderr-tail.ts';

const plan = (source: unknown) => planSource(sourceSettings.parse(source));
const argv = (source: unknown, audio: 'none' | 'copy' = 'none') => {
  const p = plan(source);
  return mainArgv(p, { audio, withLuma: true, ...(p.encode ? { encoder: softwareEncoder } : {}) }).join(' ');
};

test.each([
  ['rtsp://cam/s1', 'admin', 'p@ss/w:1#?', 'rtsp://admin:p%40ss%2Fw%3A1%23%3F@cam/s1'],
  ['rtsp://old:login@cam:8554/s1?a=b@c', 'me', 'x', 'rtsp://me:x@cam:8554/s1?a=b@c'],
  ['rtsp://cam', 'me', "it's", 'rtsp://me:it%27s@cam'],
  ['http://[fe80::1]:80/v', 'a', 'ö', 'http://a:%C3%B6@[fe80::1]:80/v'],
  ['rtsp://kept:login@cam/s1', '', '', 'rtsp://kept:login@cam/s1'],
])('%s with a login is one address: %s', (address, username, password, expected) => {
  expect(addressWithLogin(address, { username, password })).toBe(expected);
});

test('a login is never among the arguments', () => {
  for (const kind of ['rtsp', 'mjpeg']) {
    const source = {
      kind,
      url: kind === 'rtsp' ? 'rtsp://cam/s1' : 'http://cam/v',
      username: 'someone',
      password: 'hidden',
    };
    expect(argv(source)).not.toMatch(/hidden|someone|cam\//);
    expect(plan(source).input.script).toContain('someone:hidden@cam');
  }
  expect(safeLine("Impossible to open 'rtsp://someone:hidden@cam/s1'")).not.toContain('hidden');
});

test('what is encoded already is copied; what is not is encoded once', () => {
  expect(argv({ kind: 'rtsp', url: 'rtsp://cam/s1' })).toContain('-c:v copy');
  expect(argv({ kind: 'file', path: '/clip.mp4' })).toContain('-stream_loop -1 -re');
  expect(argv({ kind: 'picamera' })).toContain('-c:v copy');
  for (const source of [
    { kind: 'mjpeg', url: 'http://cam/v' },
    { kind: 'usb', device: '/dev/video0' },
    { kind: 'demo' },
  ]) {
    expect(argv(source)).toContain('-c:v libx264');
  }
});

test('sound is left out unless asked for', () => {
  expect(argv({ kind: 'rtsp', url: 'rtsp://cam/s1' })).toContain('-an');
  expect(argv({ kind: 'rtsp', url: 'rtsp://cam/s1' }, 'copy')).toContain('-map 0:a:0? -c:a copy');
});

test('the Pi camera’s program gets numbers only, and a key frame every second', () => {
  const producer = plan({ kind: 'picamera', index: 1, rotation: 180, fps: 20 }).input.producer!.join(' ');
  expect(producer).toStartWith('rpicam-vid --nopreview --timeout 0 --camera 1');
  expect(producer).toContain('--rotation 180 --intra 20');
});

test('a USB camera is asked for compressed pictures where raw ones would be too slow', () => {
  const formats = parseV4l2Formats(
    [
      '[video4linux2,v4l2 @ 0x55] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 1280x720 320x240',
      '[video4linux2,v4l2 @ 0x55] Compressed:       mjpeg :          Motion-JPEG : 640x480 1280x720 1920x1080',
    ].join('\n'),
  );
  expect(formats.map((f) => f.name)).toEqual(['yuyv422', 'mjpeg']);
  expect(bestSize(formats)).toEqual({ width: 1280, height: 720 });
  const usb = (width: number, height: number) =>
    planSource(sourceSettings.parse({ kind: 'usb', device: '/dev/video0', width, height }), {
      formats,
    }).input.args.join(' ');
  expect(usb(1280, 720)).toContain('-input_format mjpeg');
  expect(usb(640, 480)).not.toContain('-input_format');
});

test('Pi cameras are read from the list', () => {
  const text =
    'Available cameras\n-----------------\n0 : imx708 [4608x2592 10-bit RGGB] (/base/soc/i2c@1/imx708@1a)\n    Modes: …\n';
  expect(parsePiCameras(text)).toEqual([{ index: 0, model: 'imx708', width: 4608, height: 2592 }]);
  expect(parsePiCameras('No cameras available!')).toEqual([]);
});

test('a USB camera that makes H.264 itself is copied, unless it shall be grey', () => {
  const formats = parseV4l2Formats(
    '[video4linux2,v4l2 @ 0x55] Compressed:        h264 :                H.264 : 1280x720 1920x1080',
  );
  const usb = (grayscale: boolean) =>
    planSource(sourceSettings.parse({ kind: 'usb', device: '/dev/video0', grayscale }), { formats });
  expect(usb(false).encode).toBeUndefined();
  expect(usb(false).input.args.join(' ')).toMatch(
    /-input_format h264 .*-framerate 15 -video_size 1280x720 .*-i \/dev\/video0$/,
  );
  expect(usb(true).encode?.filter).toContain('format=gray');
});

test('what ffmpeg says of devices that offer nothing useful is no format', () => {
  expect(
    parseV4l2Formats('/dev/video9: No such file or directory\n/dev/video0: Inappropriate ioctl for device'),
  ).toEqual([]);
});

test('every encoder gets the rate, a key frame every two seconds and no frames that wait for later ones', () => {
  const demo = plan({ kind: 'demo', fps: 20, bitrateKbps: 1500 });
  for (const encoder of [...hardwareEncoders, softwareEncoder]) {
    const line = mainArgv(demo, { audio: 'none', withLuma: true, encoder }).join(' ');
    expect(line).toContain(`-c:v ${encoder.name}`);
    expect(line).toContain('1500k');
    expect(line).toContain('-g 40');
    expect(line).toContain('-bf 0');
    expect(line.indexOf('-vaapi_device')).toBeLessThan(line.indexOf(' -i '));
  }
});

test('a device that takes any size in steps is offered in the usual ones', () => {
  const line = '[video4linux2,v4l2 @ 0x55] Raw       :     yuyv422 :           YUYV 4:2:2 : {32-2592, 2}x{32-1944, 2}';
  expect(parseV4l2Formats(line)[0]?.sizes).toEqual([
    { width: 640, height: 480 },
    { width: 1280, height: 720 },
    { width: 1920, height: 1080 },
  ]);
  expect(bestSize(parseV4l2Formats(line))).toEqual({ width: 1280, height: 720 });
  expect(parseV4l2Formats(line.replace('2592, 2}', '600, 2}'))[0]?.sizes).toEqual([]);
});
