// ffmpeg's whole command line for a planned source: fragmented MP4 on standard output, small grey pictures on descriptor 3.

import { lumaDecoderOptions, lumaOutput } from './luma.ts';
import type { EncodePlan, InputPlan, SourcePlan } from './source-plan.ts';

/** An H.264 encoder that was seen to work on this machine. */
export interface Encoder {
  readonly name: string;
  /** Before the input. */
  readonly device: readonly string[];
  /** Appended to the filters: bring the picture to where the encoder wants it. */
  readonly upload: string;
  readonly options: (plan: { readonly fps: number; readonly bitrateKbps: number }) => readonly string[];
}

export type AudioMode = 'none' | 'copy' | 'encode';

/**
 * A fragment per frame. The muxer lets a frame go when the next one comes: one frame of delay that no flag takes away. Said as
 * "at least a microsecond", not as `frag_every_frame`: that ends a fragment of pictures at a packet of sound too, and then
 * gives two pictures the same time (ffmpeg 5.1).
 */
const muxer = [
  ...['-movflags', '+empty_moov+default_base_moof+frag_discont+skip_trailer', '-frag_duration', '1'],
  ...['-max_interleave_delta', '200000', '-flush_packets', '1', '-f', 'mp4', 'pipe:1'],
];

/** Ten times a 4K picture. Without it a peer that announces a description or a JPEG of a gigabyte is given the memory for it. */
const maxAllocationBytes = 128 * 1024 * 1024;

const common = [
  ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning'],
  ...['-max_alloc', String(maxAllocationBytes)],
];

/** `withLuma`: false where detection has a small stream of its own. */
export function mainArgv(
  plan: SourcePlan,
  options: { readonly encoder?: Encoder; readonly audio: AudioMode; readonly withLuma: boolean },
): readonly [string, ...string[]] {
  const { encode } = plan;
  const { encoder } = options;
  if (encode && !encoder) throw new RangeError(`a ${plan.kind} source needs an encoder`);
  const audio = {
    none: ['-an'],
    copy: ['-map', '0:a:0?', '-c:a', 'copy'],
    encode: ['-map', '0:a:0?', '-c:a', 'aac', '-b:a', '48k', '-ac', '1'],
  }[plan.mayHaveAudio ? options.audio : 'none'];
  return [
    'ffmpeg',
    ...common,
    ...(encode && encoder ? encoder.device : []),
    ...plan.input.args,
    ...['-map', '0:v:0', '-sn', '-dn'],
    ...audio,
    ...(encode && encoder ? encodeArgs(encode, encoder) : ['-c:v', 'copy']),
    ...muxer,
    ...(options.withLuma ? lumaOutput(3, 'ffmpeg') : []),
  ];
}

/** A small stream is only decoded for detection. */
export function smallArgv(input: InputPlan): readonly [string, ...string[]] {
  return ['ffmpeg', ...common, ...input.args, ...lumaOutput(3, 'reader')];
}

/** In low power a small stream is only read: its pictures are decoded when they are worth it. */
export function smallCopyArgv(input: InputPlan): readonly [string, ...string[]] {
  return ['ffmpeg', ...common, ...input.args, '-map', '0:v:0', '-an', '-sn', '-dn', '-c:v', 'copy', ...muxer];
}

/** A clip's pictures as they are, in the form in which a camera's are read. */
export function copyArgv(path: string): readonly [string, ...string[]] {
  return ['ffmpeg', ...common, '-i', `file:${path}`, '-map', '0:v:0', '-c:v', 'copy', ...muxer];
}

/** A decoder of what is written to its standard input as fragmented MP4, in the decoder's own time; pictures on standard output. */
export function gatedArgv(): readonly [string, ...string[]] {
  return [
    'ffmpeg',
    ...common,
    // The description says all there is to know. Not `nobuffer`: it throws the first packet, a key frame, away.
    ...['-fpsprobesize', '0', '-analyzeduration', '0', '-probesize', '32'],
    ...lumaDecoderOptions(),
    ...['-f', 'mp4', '-i', 'pipe:0'],
    ...lumaOutput(1, 'reader'),
  ];
}

function encodeArgs(plan: EncodePlan, encoder: Encoder): string[] {
  const limit = plan.limitRate
    ? `select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,${(0.9 / plan.fps).toFixed(5)})',`
    : '';
  return [
    ...['-vf', `${limit}${plan.filter}${encoder.upload}`],
    // True times, not an even grid: a picture is when it was, also when the camera stutters.
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000', '-video_track_timescale', '90000'],
    ...['-c:v', encoder.name, ...encoder.options(plan)],
    ...['-g', String(Math.max(1, Math.round(plan.fps * 2))), '-force_key_frames', 'expr:gte(t,n_forced*2)', '-bf', '0'],
  ];
}
