// What a downloaded recording is called: camera, local start, why. Safe on every file system.

/** `front-door_2026-11-21_18-04-09_motion.mp4`, in the box's time zone. */
export function downloadName(
  recording: { readonly cameraName: string; readonly startMs: number; readonly reasons: readonly string[] },
  timeZone: string,
): string {
  const camera = recording.cameraName
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  // Swedish dates are ISO 8601 with a space: 2026-11-21 18:04:09
  const time = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    .format(recording.startMs)
    .replace(/\s/, '_')
    .replaceAll(':', '-');
  return `${[camera || 'camera', time, ...recording.reasons].join('_')}.mp4`;
}
