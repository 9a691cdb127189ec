// From a camera's settings to what is run: which program delivers the pictures, how ffmpeg is told to read them, and
// whether they are copied or encoded. Pure tables.
//
// Addresses that may carry a password never stand in ffmpeg's arguments, which every user of the machine can read. They
// reach it as a one-line ffconcat script on its standard input, which costs no measurable time (83 ms either way).

import { existsSync } from 'node:fs';
import type { SourceSettings } from '../config/camera.ts';
import { barsScene, fontCandidates, yardScene } from './demo-scene.ts';
import type { V4l2Format } from './devices.ts';
import { lumaDecoderOptions } from './luma.ts';

/** One input of ffmpeg. */
export interface InputPlan {
  /** Arguments up to and with `-i`. */
  readonly args: readonly string[];
  /** What is written to ffmpeg's standard input. Holds secrets: never log it. */
  readonly script?: string;
  /** A program whose standard output is ffmpeg's standard input. */
  readonly producer?: readonly [string, ...string[]];
  /** The peer, for network sources. */
  readonly peer?: { readonly host: string; readonly port: number };
}

export interface EncodePlan {
  /** Filters before the encoder, in software. */
  readonly filter: string;
  readonly fps: number;
  readonly bitrateKbps: number;
  /** At most `fps` pictures are taken from a source that does not keep a rate. */
  readonly limitRate: boolean;
}

export interface SourcePlan {
  readonly kind: SourceSettings['kind'];
  readonly input: InputPlan;
  /** A small second stream for detection. */
  readonly small?: InputPlan;
  /** Absent: the video is copied as it is. */
  readonly encode?: EncodePlan;
  readonly mayHaveAudio: boolean;
  /** How long ffmpeg waits for a silent peer. */
  readonly timeoutMs: number;
}

export const peerTimeoutMs = 8000;
const protocols = 'pipe,file,crypto,data,tcp,tls,udp,rtp,rtsp,rtsps,http,https,httpproxy';

export interface PlanSurroundings {
  /** What a USB camera offers; empty when it could not be asked. */
  readonly formats?: readonly V4l2Format[];
  readonly fontFile?: string | undefined;
}

export function planSource(source: SourceSettings, around: PlanSurroundings = {}): SourcePlan {
  switch (source.kind) {
    case 'rtsp': {
      const options = {
        rtsp_transport: source.transport,
        format_whitelist: 'rtsp,rtp,sdp,mpegts',
        timeout: peerTimeoutMs * 1000,
        fflags: 'nobuffer',
        // Enough for a camera that tells its parameter sets only in the stream; ffmpeg stops as soon as it knows them.
        analyzeduration: 3_000_000,
        probesize: 2_000_000,
        fpsprobesize: 0,
        // UDP packets are put in order within 0.1 s; TCP needs no waiting.
        max_delay: source.transport === 'udp' ? 100_000 : 0,
      };
      return {
        kind: 'rtsp',
        input: network(source.url, source, options),
        ...(source.detectUrl ? { small: network(source.detectUrl, source, options) } : {}),
        mayHaveAudio: true,
        timeoutMs: peerTimeoutMs,
      };
    }
    case 'mjpeg':
      return {
        kind: 'mjpeg',
        input: network(source.url, source, {
          rw_timeout: peerTimeoutMs * 1000,
          // Nothing but pictures: a playlist would make ffmpeg open whatever addresses and files it names.
          format_whitelist: 'mpjpeg,mjpeg,jpeg_pipe',
          fflags: 'nobuffer',
          fpsprobesize: 0,
          // JPEG over HTTP carries no times: a picture's time is when it came.
          use_wallclock_as_timestamps: 1,
        }),
        encode: {
          filter: [
            `scale=w='min(${source.width},iw)':h='min(${source.height},ih)':force_original_aspect_ratio=decrease`,
            `:force_divisible_by=2:out_range=tv${colour(source.grayscale)}`,
          ].join(''),
          fps: source.fps,
          bitrateKbps: source.bitrateKbps,
          limitRate: true,
        },
        mayHaveAudio: false,
        timeoutMs: peerTimeoutMs,
      };
    case 'usb': {
      const format = chooseFormat(around.formats ?? [], source.width, source.height);
      const copies = format === 'h264' && !source.grayscale;
      return {
        kind: 'usb',
        input: {
          args: [
            ...['-f', 'v4l2', '-thread_queue_size', '8', '-fflags', 'nobuffer', '-fpsprobesize', '0'],
            ...(format ? ['-input_format', format] : []),
            ...['-framerate', String(source.fps), '-video_size', `${source.width}x${source.height}`],
            ...(copies ? lumaDecoderOptions() : ['-threads', '1']),
            ...['-i', source.device],
          ],
        },
        ...(copies
          ? {}
          : {
              encode: {
                filter: `scale=out_range=tv${colour(source.grayscale)}`,
                fps: source.fps,
                bitrateKbps: source.bitrateKbps,
                limitRate: true,
              },
            }),
        mayHaveAudio: false,
        timeoutMs: 5000,
      };
    }
    case 'picamera':
      return {
        kind: 'picamera',
        input: {
          producer: [
            ...(['rpicam-vid', '--nopreview', '--timeout', '0', '--camera', String(source.index)] as const),
            ...['--width', String(source.width), '--height', String(source.height), '--framerate', String(source.fps)],
            ...[
              '--codec',
              'h264',
              '--bitrate',
              String(source.bitrateKbps * 1000),
              '--rotation',
              String(source.rotation),
            ],
            // A key frame every second, with its parameter sets: recordings are cut at key frames.
            ...['--intra', String(Math.max(1, Math.round(source.fps))), '--inline', '--flush'],
            ...(source.grayscale ? ['--saturation', '0'] : []),
            ...['--verbose', '0', '--output', '-'],
          ],
          args: [
            // Raw H.264 carries no times: a picture's time is when it came.
            ...['-use_wallclock_as_timestamps', '1', '-fflags', 'nobuffer', '-fpsprobesize', '0'],
            ...['-probesize', '200000', '-analyzeduration', '1000000', '-framerate', String(source.fps)],
            ...lumaDecoderOptions(),
            ...['-f', 'h264', '-i', 'pipe:0'],
          ],
        },
        mayHaveAudio: false,
        timeoutMs: 10_000,
      };
    case 'file':
      return {
        kind: 'file',
        // `file:` so that no name is taken for another protocol.
        input: { args: ['-stream_loop', '-1', '-re', ...lumaDecoderOptions(), '-i', `file:${source.path}`] },
        mayHaveAudio: true,
        timeoutMs: 5000,
      };
    case 'demo': {
      const picture = {
        width: source.width & ~1,
        height: source.height & ~1,
        fps: source.fps,
        fontFile: around.fontFile,
      };
      const scene = source.scene === 'yard' ? yardScene(picture) : barsScene(picture);
      return {
        kind: 'demo',
        input: { args: ['-re', '-f', 'lavfi', '-i', scene] },
        encode: {
          filter: source.grayscale ? 'format=gray,format=yuv420p' : 'format=yuv420p',
          fps: source.fps,
          bitrateKbps: source.bitrateKbps,
          limitRate: false,
        },
        mayHaveAudio: false,
        timeoutMs: 5000,
      };
    }
  }
}

const colour = (grayscale: boolean) => (grayscale ? ',format=gray,format=yuv420p' : ',format=yuv420p');

export const installedFont = (): string | undefined => fontCandidates.find((path) => existsSync(path));

/** Compressed pictures leave USB 2 room for more than 10 frames per second above VGA; below, raw ones cost less work. */
function chooseFormat(formats: readonly V4l2Format[], width: number, height: number): string | undefined {
  const has = (name: string) => formats.some((f) => f.name === name);
  if (has('h264')) return 'h264';
  if (has('mjpeg') && (width * height > 640 * 480 || !formats.some((f) => !f.compressed))) return 'mjpeg';
  return undefined;
}

function network(
  address: string,
  login: { readonly username: string; readonly password: string },
  options: Readonly<Record<string, string | number>>,
): InputPlan {
  const url = new URL(address);
  return {
    script: [
      'ffconcat version 1.0',
      `file '${addressWithLogin(address, login)}'`,
      ...Object.entries(options).map(([name, value]) => `option ${name} ${value}`),
      '',
    ].join('\n'),
    args: [
      ...['-f', 'concat', '-safe', '0', '-auto_convert', '0', '-protocol_whitelist', protocols],
      ...['-fflags', 'nobuffer', '-fpsprobesize', '0', '-analyzeduration', '3000000', '-probesize', '2000000'],
      ...lumaDecoderOptions(),
      ...['-i', 'pipe:0'],
    ],
    peer: {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port) || ({ 'rtsp:': 554, 'rtsps:': 322, 'http:': 80, 'https:': 443 }[url.protocol] ?? 80),
    },
  };
}

/** Puts user and password into an address, escaped so that no character of theirs ends them early. */
export function addressWithLogin(
  address: string,
  { username, password }: { readonly username: string; readonly password: string },
): string {
  if (username === '' && password === '') return address.replaceAll("'", '%27');
  const escaped = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const [scheme, rest] = address.split(/:\/\/(.*)/s) as [string, string];
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const tail = end < 0 ? '' : rest.slice(end);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return `${scheme}://${escaped(username)}:${escaped(password)}@${host}${tail.replaceAll("'", '%27')}`;
}
