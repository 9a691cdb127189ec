// Cameras that are plugged in: USB cameras that Linux lists and ffmpeg can open, and Pi cameras that rpicam-hello lists.

import { readdirSync, readFileSync } from 'node:fs';
import { runChild } from '../base/child.ts';
import { NightjarError } from '../base/errors.ts';
import { type SourceSettings, sourceSettings } from '../config/camera.ts';

export interface FoundCamera {
  readonly kind: 'usb' | 'picamera';
  readonly name: string;
  readonly source: SourceSettings;
}

/** One line of `ffmpeg -f v4l2 -list_formats all`. */
export interface V4l2Format {
  readonly name: string;
  readonly compressed: boolean;
  readonly sizes: readonly { readonly width: number; readonly height: number }[];
}

export interface PiCamera {
  readonly index: number;
  readonly model: string;
  readonly width: number;
  readonly height: number;
}

/** Never throws: a machine without cameras, or without the programs to ask, has none. */
export async function findDevices(signal?: AbortSignal): Promise<readonly FoundCamera[]> {
  const [usb, pi] = await Promise.all([findUsb(signal), findPi(signal)]);
  return [...pi, ...usb];
}

async function findUsb(signal?: AbortSignal): Promise<FoundCamera[]> {
  const found: FoundCamera[] = [];
  for (const { node, name } of listVideoNodes()) {
    const formats = await formatsOf(`/dev/${node}`, signal);
    const size = bestSize(formats);
    if (!size) continue; // a metadata node, an encoder, or busy
    const source = sourceSettings.parse({ kind: 'usb', device: `/dev/${node}`, ...size });
    found.push({ kind: 'usb', name: name || `USB camera at /dev/${node}`, source });
  }
  return found;
}

/** What Linux lists under /sys/class/video4linux, without codecs and image processors, which are nodes too. */
export function listVideoNodes(folder = '/sys/class/video4linux'): { readonly node: string; readonly name: string }[] {
  let nodes: string[];
  try {
    nodes = readdirSync(folder);
  } catch {
    return [];
  }
  return nodes
    .filter((node) => /^video\d{1,3}$/.test(node))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
    .map((node) => ({ node, name: readName(`${folder}/${node}/name`) }))
    .filter(({ name }) => !/codec|bcm2835|isp|unicam|rp1-cfe|hevc|pispbe/i.test(name));
}

function readName(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim().slice(0, 60);
  } catch {
    return '';
  }
}

/** What a USB camera offers; empty when it cannot be asked. */
export async function formatsOf(device: string, signal?: AbortSignal): Promise<readonly V4l2Format[]> {
  try {
    const ran = await runChild(
      ['ffmpeg', '-hide_banner', '-nostdin', '-f', 'v4l2', '-list_formats', 'all', '-i', device],
      { timeoutMs: 4000, ...(signal ? { signal } : {}) },
    );
    return parseV4l2Formats(ran.stderr);
  } catch (error) {
    if (error instanceof NightjarError) return [];
    throw error;
  }
}

export function parseV4l2Formats(text: string): V4l2Format[] {
  const formats: V4l2Format[] = [];
  for (const line of text.split('\n')) {
    const match = /(Raw|Compressed)\s*:\s*(\S+)\s*:.*:\s*((?:\d+x\d+\s*)+|\{.*\}x\{.*\})$/.exec(line.trimEnd());
    if (!match) continue;
    const sizes = match[3]!.startsWith('{')
      ? usualSizesWithin(match[3]!)
      : [...match[3]!.matchAll(/(\d+)x(\d+)/g)].map((m) => ({ width: Number(m[1]), height: Number(m[2]) }));
    formats.push({ compressed: match[1] === 'Compressed', name: match[2]!, sizes });
  }
  return formats;
}

/** Of a device that takes any size in steps, `{32-2592, 2}x{32-1944, 2}`: the usual ones it can make. */
function usualSizesWithin(text: string): { width: number; height: number }[] {
  const found = /^\{(\d+)-(\d+), (\d+)\}x\{(\d+)-(\d+), (\d+)\}$/.exec(text);
  if (!found) return [];
  const [minW, maxW, stepW, minH, maxH, stepH] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fits = (size: number, min: number, max: number, step: number) =>
    size >= min && size <= max && (size - min) % Math.max(1, step) === 0;
  return [
    { width: 640, height: 480 },
    { width: 1280, height: 720 },
    { width: 1920, height: 1080 },
  ].filter(({ width, height }) => fits(width, minW, maxW, stepW) && fits(height, minH, maxH, stepH));
}

/** The largest offered size up to 1280×720, or the smallest above it. */
export function bestSize(formats: readonly V4l2Format[]): { width: number; height: number } | undefined {
  const sizes = formats.flatMap((f) => f.sizes).filter((s) => s.width >= 160 && s.height >= 120);
  const area = (s: { width: number; height: number }) => s.width * s.height;
  const fitting = sizes.filter((s) => s.width <= 1280 && s.height <= 720).sort((a, b) => area(b) - area(a));
  const size = fitting[0] ?? sizes.sort((a, b) => area(a) - area(b))[0];
  return size && { width: size.width, height: size.height };
}

async function findPi(signal?: AbortSignal): Promise<FoundCamera[]> {
  try {
    const ran = await runChild(['rpicam-hello', '--list-cameras'], { timeoutMs: 6000, ...(signal ? { signal } : {}) });
    return parsePiCameras(`${new TextDecoder().decode(ran.stdout)}\n${ran.stderr}`).map((camera) => ({
      kind: 'picamera',
      name: `Pi camera ${camera.index} (${camera.model})`,
      source: sourceSettings.parse({ kind: 'picamera', index: camera.index }),
    }));
  } catch (error) {
    if (error instanceof NightjarError) return []; // not installed
    throw error;
  }
}

/** Lines such as `0 : imx708 [4608x2592 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx708@1a)`. */
export function parsePiCameras(text: string): PiCamera[] {
  return [...text.matchAll(/^\s*([0-3])\s*:\s*(\S{1,40})\s*\[(\d+)x(\d+)/gm)].map((m) => ({
    index: Number(m[1]),
    model: m[2]!,
    width: Number(m[3]),
    height: Number(m[4]),
  }));
}
