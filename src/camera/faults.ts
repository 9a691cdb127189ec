// What went wrong, in the owner's words: from ffmpeg's last lines, how it ended, and how far it had come. A pure table,
// tested on lines that real failures produced.

import type { Fault, FaultKind } from '../media/types.ts';
import type { SourcePlan } from './source-plan.ts';

export interface FaultContext {
  readonly kind: SourcePlan['kind'];
  /** Whether any picture had come. */
  readonly hadPackets: boolean;
  readonly ranMs: number;
  readonly timeoutMs: number;
}

const words: Record<FaultKind, { readonly message: string; readonly advice: string }> = {
  'wrong-address': {
    message: 'The camera’s address cannot be found.',
    advice: 'Check the address for typing errors; an address made of numbers, such as 192.168.1.20, is safest.',
  },
  unreachable: {
    message: 'The camera does not answer.',
    advice: 'Check that it has power and is on the same network, and that its address has not changed.',
  },
  refused: {
    message: 'A machine answers at this address, but not on this port.',
    advice: 'Check the port in the address, and that the camera’s video service (RTSP) is turned on.',
  },
  unauthorized: {
    message: 'The camera refuses the user name or the password.',
    advice: 'Type both again. Some cameras want a separate user for video, made on the camera’s own page.',
  },
  'not-found': {
    message: 'The camera has no stream at this path.',
    advice: 'Look up the path for your model; it is the part of the address after the port.',
  },
  'not-video': {
    message: 'Something answers at this address, but it is no video that can be read.',
    advice: 'Check the address; for RTSP cameras choose H.264 or H.265 on the camera’s own page.',
  },
  damaged: {
    message: 'The video became unreadable.',
    advice: 'It is being fetched again. If it goes on, check the cable or the Wi-Fi, or use TCP instead of UDP.',
  },
  'stream-changed': {
    message: 'The camera changed the size or the kind of its video.',
    advice: 'Nothing to do: it is being fetched again with the new settings.',
  },
  'time-backwards': {
    message: 'The camera’s time stamps went backwards.',
    advice: 'It is being fetched again. If it goes on, check the time settings on the camera’s own page.',
  },
  'no-packets': {
    message: 'The camera is connected, but sends no pictures.',
    advice: 'It is being fetched again. If it goes on, switch the camera off and on.',
  },
  frozen: {
    message: 'The camera has been sending exactly the same picture for a minute.',
    advice: 'It has probably hung: switch the camera off and on.',
  },
  'no-device': {
    message: 'The camera is not plugged in.',
    advice: 'Check its cable, or choose another device.',
  },
  busy: {
    message: 'Another program is using the camera.',
    advice: 'Close the other program, or use another camera.',
  },
  'no-program': {
    message: 'A program that is needed to read the camera is not installed.',
    advice: 'Install ffmpeg, and rpicam-apps for a Pi camera.',
  },
  ended: {
    message: 'The camera closed the connection.',
    advice: 'It is being fetched again. Some cameras allow only a few viewers at once.',
  },
};

const forFiles: Partial<typeof words> = {
  'no-device': { message: 'There is no such file.', advice: 'Check the path and that Nightjar may read it.' },
  'not-video': {
    message: 'The file is no video that can be read.',
    advice: 'Use an MP4 file with H.264 or H.265 video.',
  },
  damaged: { message: 'The file is damaged.', advice: 'Use another copy of it.' },
  ended: { message: 'The file ended.', advice: 'It is being started again.' },
};

/** A fault with the words for it. */
export const fault = (kind: FaultKind, source?: SourcePlan['kind']): Fault => ({
  kind,
  ...((source === 'file' && forFiles[kind]) || words[kind]),
});

/** In order: the first that matches. */
const rules: readonly (readonly [RegExp, FaultKind])[] = [
  [/401 Unauthorized|403 Forbidden|authorization failed|access denied\)/i, 'unauthorized'],
  [/404 Not Found|HTTP error 404|410 Gone|454 Session Not Found|400 Bad Request/i, 'not-found'],
  [/Failed to resolve hostname|Name or service not known|Temporary failure in name resolution/i, 'wrong-address'],
  [/Port missing in uri|Protocol not found|Invalid argument.*rtsp/i, 'wrong-address'],
  [/Connection refused/i, 'refused'],
  [
    /No route to host|Network is unreachable|Host is unreachable|Connection timed out|Operation timed out/i,
    'unreachable',
  ],
  [/Device or resource busy|Pipeline handler in use|failed to acquire camera|Camera in Running state/i, 'busy'],
  [
    /Cannot open video device|no cameras available|Inappropriate ioctl|No such device|not a video capture device/i,
    'no-device',
  ],
  [/No such file or directory/i, 'no-device'],
  [/Unknown (input format|encoder|decoder)|Protocol not on whitelist/i, 'no-program'],
];

const garbage =
  /Invalid data found|Error splitting|could not find corresponding|Could not find codec|moov atom not found|matches no streams|incorrect codec parameters|codec not currently supported|dimensions not set|Not yet implemented|unspecified size|Expected boundary|Could not write header/i;

/** Classifies how a source ended. `stderrTail`: its last lines. `exitCode`: null when a signal ended it. */
export function faultFrom(stderrTail: string, exitCode: number | null, context: FaultContext): Fault {
  const kind = kindFrom(stderrTail, exitCode, context);
  return fault(kind, context.kind);
}

function kindFrom(text: string, exitCode: number | null, context: FaultContext): FaultKind {
  if (context.hadPackets) {
    if (isTimeBackwards(text)) return 'time-backwards';
    if (/No such device|VIDIOC_(DQBUF|QBUF).*No such device/i.test(text)) return 'no-device';
    if (garbage.test(text) || countDamage(text) > 0) return 'damaged';
    if (/Connection timed out|Operation timed out|No route to host|Network is unreachable/i.test(text))
      return 'unreachable';
    return 'ended';
  }
  for (const [pattern, kind] of rules) if (pattern.test(text)) return kind;
  // ffmpeg calls an RTSP peer that never answers "invalid data" too; only the time it took tells them apart.
  if (isNetwork(context.kind) && context.ranMs >= context.timeoutMs * 0.95) return 'unreachable';
  if (garbage.test(text)) return 'not-video';
  if (exitCode === 127) return 'no-program';
  return isNetwork(context.kind) ? 'not-video' : context.kind === 'file' ? 'not-video' : 'no-device';
}

const isNetwork = (kind: SourcePlan['kind']) => kind === 'rtsp' || kind === 'mjpeg';

/** Whether a line of ffmpeg's says that time stamps went back. */
export const isTimeBackwards = (text: string): boolean =>
  /Non-monoton\w+ DTS|non monotonically increasing dts/i.test(text);

/** Whether a line of ffmpeg's says that H.265 is no longer what comes: H.264's headers are layers and times it never has. */
export const isForeignCodec = (text: string): boolean =>
  /Multi-layer HEVC coding|Illegal temporal ID in RTP\/HEVC/i.test(text);

/** Whether the container cannot carry the camera's sound as it is (G.711, say): it must be made AAC. */
export const wantsAudioEncoded = (text: string): boolean =>
  /Could not find tag for codec (pcm|adpcm|g72|opus|vorbis|mp2|speex|amr|gsm)|codec frame size is not set|(pcm|adpcm)_\w+ (in stream|.*not (currently )?supported)/i.test(
    text,
  );

/** How many lines tell of pictures that could not be decoded. */
export function countDamage(text: string): number {
  return (
    text.match(
      /error while decoding (MB|stream)|error submitting packet|Error parsing NAL unit|decode_slice_header error|Invalid NAL unit|non-existing PPS|Error splitting the input|no frame!|corrupt(ed)? (decoded frame|input)|left block unavailable|top block unavailable|bytestream -?\d+|Could not find ref with POC|overread|error y=\d+|mjpeg_decode_dc/gi,
    )?.length ?? 0
  );
}
