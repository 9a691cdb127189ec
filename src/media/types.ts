// The values that flow along the picture path. Times named `atMs` are on the monotonic clock (`base/clock`), in
// milliseconds; ticks are in the track's own timescale.

export type VideoCodec = 'h264' | 'h265';

export interface VideoTrack {
  readonly trackId: number;
  readonly codec: VideoCodec;
  /** As in MIME types: `avc1.64001f`, `hvc1.1.6.L93.B0`. */
  readonly codecString: string;
  readonly width: number;
  readonly height: number;
  /** Ticks per second. */
  readonly timescale: number;
}

export interface AudioTrack {
  readonly trackId: number;
  readonly codecString: string;
  readonly timescale: number;
}

/** What a decoder must know before the first packet. A camera that changes codec, size or parameter sets makes a new one. */
export interface StreamInfo {
  /** Changes whenever `init` does. */
  readonly id: string;
  /** MP4 `ftyp` + `moov`. */
  readonly init: Uint8Array;
  /** `video/mp4; codecs="avc1.64001f,mp4a.40.2"`. */
  readonly mimeType: string;
  readonly video: VideoTrack;
  readonly audio?: AudioTrack;
}

/** One encoded frame (an MP4 sample: length-prefixed NAL units) or one audio access unit. */
export interface Packet {
  readonly track: 'video' | 'audio';
  /** Decodable without what came before. True for every audio packet. */
  readonly key: boolean;
  /** When it was captured, on the monotonic clock. Never decreases within a track of one connection. */
  readonly atMs: number;
  /** Decode time on this connection's media axis, in ticks. Strictly increasing within a track. */
  readonly dts: number;
  /** Presentation minus decode time, in ticks. */
  readonly ctsOffset: number;
  readonly duration: number;
  readonly data: Uint8Array;
}

/** A small grey picture for detection: `data[y * width + x]`, 0 black to 255 white. */
export interface LumaFrame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  /** When it was captured, on the monotonic clock. */
  readonly atMs: number;
  /** A single key picture of a camera that rests: seconds lie between it and those before and after. */
  readonly sparse?: true;
}

/** A point of a zone, as a share of the picture's width and height, 0–1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is wrong with a camera, as its page names it. */
export type FaultKind =
  | 'wrong-address' // the URL cannot be used, or the name does not resolve
  | 'unreachable' // no route, or no answer in time
  | 'refused' // the machine answers, the port does not
  | 'unauthorized' // user or password wrong
  | 'not-found' // the camera has no such stream
  | 'not-video' // something answers, but it is no video we can read
  | 'damaged' // it was video, then garbage
  | 'stream-changed' // size or codec changed while running; reconnecting
  | 'time-backwards' // the camera's time stamps went back; reconnecting
  | 'no-packets' // connected, but nothing came for 5 s
  | 'frozen' // the same picture again and again for 60 s
  | 'no-device' // unplugged, or never there
  | 'busy' // the device is used by another program
  | 'no-program' // ffmpeg or rpicam-vid is not installed
  | 'ended'; // the stream was closed by the camera

export interface Fault {
  readonly kind: FaultKind;
  /** What happened, for the owner: one sentence. */
  readonly message: string;
  /** What to do about it: one sentence. */
  readonly advice: string;
}

export interface CameraHealth {
  readonly state: 'off' | 'starting' | 'live' | 'lost';
  /** Wall time at which this state began. */
  readonly sinceMs: number;
  readonly fault?: Fault;
  /** Measured over the last seconds; absent while not live. */
  readonly fps?: number;
  readonly kbps?: number;
  readonly video?: VideoTrack;
  /** True where detection watches a small stream of its own. */
  readonly smallStream: boolean;
  readonly restarts: number;
  /** Present where low power is on and the camera is live. */
  readonly lowPower?: LowPowerHealth;
}

/** How a camera in low power does. */
export interface LowPowerHealth {
  /** Resting: only key pictures are decoded. */
  readonly state: 'resting' | 'awake';
  /** Why it never rests: key pictures too far apart, nothing but key pictures, or a picture that the box itself encodes. */
  readonly unfit?: 'few-keys' | 'all-keys' | 'encoded';
  /** Share of the time, 0–1, of the last hour or so. */
  readonly restingShare: number;
  /** Percent of a core that decoding every picture would have cost on top, as measured here. Absent until that is known. */
  readonly savedPercent?: number;
}

/** What a consumer of one camera may listen to. Called synchronously: keep it short, queue what takes time, and bound the queue. */
export interface FeedListener {
  stream?(stream: StreamInfo): void;
  packet?(packet: Packet): void;
  frame?(frame: LumaFrame): void;
  health?(health: CameraHealth): void;
}

/** One camera's output, fanned out. A late listener gets the current stream and health at once, then what follows. */
export interface Feed {
  readonly cameraId: string;
  readonly health: CameraHealth;
  readonly stream: StreamInfo | undefined;
  /** The packets of the group of pictures that is being received, from its key frame on. Bounded in bytes. */
  currentGop(): readonly Packet[];
  listen(listener: FeedListener): () => void;
}
