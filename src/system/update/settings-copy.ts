// The settings as they were before an update was tried. An update may bring them to a newer format, which the version before
// would refuse: taken back, it gets back what it can read. Settings of an unchanged format stay as they are, changes included.

import { readSmall, replaceWhole, type UpdateFiles } from './files.ts';

const COPY = 'settings-before.json';
const MAX_BYTES = 4 * 1024 * 1024;
/** The settings and their last good copy (config/store.ts). */
const NAMES = ['settings.json', 'settings.json.last-good'] as const;

/** Before the first start of a trial. Throws what the disk throws. */
export async function keepSettings(files: UpdateFiles, folder: string, box: string): Promise<void> {
  const settings = await readSmall(files, `${box}/${NAMES[0]}`, MAX_BYTES);
  if (settings) await replaceWhole(files, folder, COPY, settings);
  else await files.unlink(`${folder}/${COPY}`);
}

/** Before the version before starts again. Doing it twice does no harm. True when something had to be brought back. */
export async function bringSettingsBack(files: UpdateFiles, folder: string, box: string): Promise<boolean> {
  const before = await readSmall(files, `${folder}/${COPY}`, MAX_BYTES);
  const now = await readSmall(files, `${box}/${NAMES[0]}`, MAX_BYTES);
  if (!before || !now || formatOf(before) === undefined || formatOf(before) === formatOf(now)) return false;
  for (const name of NAMES.toReversed()) await replaceWhole(files, box, name, before);
  return true;
}

function formatOf(bytes: Uint8Array): unknown {
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) as { version?: unknown } | null)?.version;
  } catch {
    return undefined;
  }
}
