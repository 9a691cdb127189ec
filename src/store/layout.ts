// Where files lie: `<camera>/<day, UTC>/<start>-<id>.nj` below the recordings folder, stills as `.still.nj` and events' difference
// pictures as `.diff.nj` beside them. A name tells what kind of file it is; what the file is about, its header says.

const cameraName = /^[a-z0-9][a-z0-9-]{0,39}$/;
const idForm = /^[a-z0-9]{1,40}$/;
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
  if (!idForm.test(id)) throw new RangeError(`not a file id: ${JSON.stringify(id)}`);
  return id;
}

export const segmentPath = (cameraId: string, startMs: number, fileId: string): string =>
  `${folderOf(cameraId, startMs)}/${Math.round(startMs)}-${idPart(fileId)}.nj`;

/** `<moment>-<recording>.still.nj`, or `<moment>-<recording>-<event>.diff.nj`. */
export function stillPath({ cameraId, recordingId, atMs, eventId }: StillName): string {
  const stem = `${folderOf(cameraId, atMs)}/${Math.round(atMs)}-${idPart(recordingId)}`;
  if (eventId === undefined) return `${stem}.still.nj`;
  if (!eventName.test(eventId)) throw new RangeError(`not an event's id: ${JSON.stringify(eventId)}`);
  return `${stem}-${eventId}.diff.nj`;
}

export const isSegmentPath = (path: string): boolean => /^[^/]+\/[^/]+\/\d+-[a-z0-9]+\.nj$/.test(path);
export const isPicturePath = (path: string): boolean => /^[^/]+\/[^/]+\/\d+-[a-z0-9-]+\.(still|diff)\.nj$/.test(path);

/** An empty file beside a recording's first segment: its owner wants to keep it. */
export const starPath = (firstSegmentPath: string, recordingId: string): string =>
  `${firstSegmentPath.replace(/-[^-/]*$/, '')}-${idPart(recordingId)}.star`;

/** Whose star a file is; undefined when it is none. */
export const readStarPath = (path: string): string | undefined =>
  /^[^/]+\/[^/]+\/\d+-([a-z0-9]+)\.star$/.exec(path)?.[1];

/** What was removed on purpose, signed, one note after the other. */
export const notesPath = (cameraId: string): string => `${cameraId}/removed.njn`;

/** Files of ours in the recordings folder that are no recordings (keyring, dates of boots, notes): no check takes them for rubbish. */
export const isBeside = (path: string): boolean => /^([^/]+\.json[^/]*|[^/]+\/removed\.njn(\.new)?)$/.test(path);

/** The day folder a file lies in, and the folders above it, innermost first. */
export const foldersOf = (path: string): readonly string[] => {
  const [camera, day] = path.split('/');
  return [`${camera}/${day}`, camera!];
};
