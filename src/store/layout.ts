// Where files lie: `<camera>/<day, UTC>/<start>-<id>.mp4` below the recordings folder, stills as `.jpg` and events' difference
// pictures as `.png` beside them. A picture's name carries what its row needs, as it has no header of its own.

const cameraName = /^[a-z0-9][a-z0-9-]{0,39}$/;
const fileId = /^[a-z0-9]{1,40}$/;
const eventName = /^[a-z0-9][a-z0-9-]{0,79}$/;

export interface StillName {
  readonly cameraId: string;
  readonly recordingId: string;
  readonly atMs: number;
  /** Only of a difference picture: whose it is. */
  readonly eventId?: string;
}

const utcDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function folderOf(cameraId: string, atMs: number): string {
  if (!cameraName.test(cameraId)) throw new RangeError(`not a camera id: ${JSON.stringify(cameraId)}`);
  return `${cameraId}/${utcDay(atMs)}`;
}

function idPart(id: string): string {
  if (!fileId.test(id)) throw new RangeError(`not a file id: ${JSON.stringify(id)}`);
  return id;
}

export const segmentPath = (cameraId: string, startMs: number, segmentId: string): string =>
  `${folderOf(cameraId, startMs)}/${Math.round(startMs)}-${idPart(segmentId)}.mp4`;

/** `<moment>-<recording>.jpg`, or `<moment>-<recording>-<event>.png`. */
export function stillPath({ cameraId, recordingId, atMs, eventId }: StillName): string {
  const stem = `${folderOf(cameraId, atMs)}/${Math.round(atMs)}-${idPart(recordingId)}`;
  if (eventId === undefined) return `${stem}.jpg`;
  if (!eventName.test(eventId)) throw new RangeError(`not an event's id: ${JSON.stringify(eventId)}`);
  return `${stem}-${eventId}.png`;
}

export function readStillPath(path: string): StillName | undefined {
  const found = /^([^/]+)\/[^/]+\/(\d+)-([a-z0-9]+)(?:\.jpg|-([a-z0-9-]+)\.png)$/.exec(path);
  if (!found) return undefined;
  const [, cameraId, atMs, recordingId, eventId] = found;
  return { cameraId: cameraId!, atMs: Number(atMs), recordingId: recordingId!, ...(eventId ? { eventId } : {}) };
}

export const isSegmentPath = (path: string): boolean => /^[^/]+\/[^/]+\/\d+-[a-z0-9]+\.mp4$/.test(path);

/** The day folder a file lies in, and the folders above it, innermost first. */
export const foldersOf = (path: string): readonly string[] => {
  const [camera, day] = path.split('/');
  return [`${camera}/${day}`, camera!];
};
