// Which H.264 encoder works on this machine: hardware first, software when none does. A name in ffmpeg's list proves
// nothing (builds list encoders whose hardware is absent), so each one must really encode a few pictures. Asked once.

import { runChild } from '../base/child.ts';
import type { Encoder } from './ffmpeg-argv.ts';

const rate = ({ bitrateKbps }: { readonly bitrateKbps: number }) => [
  ...['-b:v', `${bitrateKbps}k`, '-maxrate', `${Math.round(bitrateKbps * 1.5)}k`, '-bufsize', `${bitrateKbps}k`],
];

export const softwareEncoder: Encoder = {
  name: 'libx264',
  device: [],
  upload: '',
  // Quality decides while it is quiet, the bit rate when it is not: a quiet scene costs half the work of a fixed rate.
  options: ({ bitrateKbps }) => [
    ...['-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1', '-crf', '24'],
    ...['-maxrate', `${bitrateKbps}k`, '-bufsize', `${bitrateKbps}k`],
  ],
};

export const hardwareEncoders: readonly Encoder[] = [
  // Raspberry Pi up to 4, and other boards with a V4L2 codec.
  {
    name: 'h264_v4l2m2m',
    device: [],
    upload: ',format=yuv420p',
    options: (p) => [...rate(p), '-num_capture_buffers', '8'],
  },
  {
    name: 'h264_vaapi',
    device: ['-vaapi_device', '/dev/dri/renderD128'],
    upload: ',format=nv12,hwupload',
    options: (p) => [...rate(p), '-async_depth', '1'],
  },
  {
    name: 'h264_qsv',
    device: [],
    upload: ',format=nv12',
    options: (p) => [...rate(p), '-async_depth', '1', '-low_power', '1'],
  },
  {
    name: 'h264_nvenc',
    device: [],
    upload: '',
    options: (p) => [...rate(p), '-preset', 'p1', '-tune', 'ull', '-delay', '0'],
  },
];

/** Encodes half a second and reads it back: 10 pictures in must be 10 pictures out. */
export async function encodes(encoder: Encoder, signal?: AbortSignal): Promise<boolean> {
  const scope = signal ? { signal } : {};
  const made = await runChild(
    [
      ...(['ffmpeg', '-hide_banner', '-nostdin', '-loglevel', 'error'] as const),
      ...encoder.device,
      ...['-f', 'lavfi', '-i', 'testsrc2=size=640x480:rate=20', '-frames:v', '10'],
      ...['-vf', `format=yuv420p${encoder.upload}`, '-c:v', encoder.name],
      ...encoder.options({ fps: 20, bitrateKbps: 1000 }),
      ...['-f', 'h264', 'pipe:1'],
    ],
    { timeoutMs: 8000, maxBytes: 4 * 1024 * 1024, ...scope },
  );
  if (made.code !== 0 || made.stdout.length < 200) return false;
  const read = await runChild(
    [
      ...(['ffmpeg', '-hide_banner', '-nostdin', '-loglevel', 'error', '-f', 'h264', '-i', 'pipe:0'] as const),
      ...['-vf', 'scale=16:16,format=gray', '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
    ],
    { stdin: made.stdout, timeoutMs: 8000, ...scope },
  );
  return read.code === 0 && read.stdout.length >= 10 * 256;
}

let found: Promise<Encoder> | undefined;

/** The encoder to use. The probe runs once per process; concurrent callers share it. */
export function workingEncoder(candidates: readonly Encoder[] = hardwareEncoders): Promise<Encoder> {
  found ??= firstWorking(candidates);
  return found;
}

/** Tells that hardware which passed the probe failed in use (another program holds it, say): software from now on. */
export function distrustHardware(): void {
  found = Promise.resolve(softwareEncoder);
}

export async function firstWorking(candidates: readonly Encoder[]): Promise<Encoder> {
  for (const encoder of candidates) if (await encodes(encoder)) return encoder;
  return softwareEncoder;
}
