// An alert's picture, if there is one in time. Its words go out in any case.

import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

/** A picture that takes longer than this is done without: an alert with its picture some seconds late beats one without. */
export const PICTURE_LIMIT_MS = 8000;

export async function pictureInTime(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  cameraId: string,
  take: () => Promise<Uint8Array | undefined>,
): Promise<Uint8Array | undefined> {
  let cancel = () => {};
  const limit = new Promise<undefined>((resolve) => {
    cancel = clock.after(PICTURE_LIMIT_MS, () => resolve(undefined));
  });
  try {
    const picture = await Promise.race([take(), limit]);
    return picture && picture.length > 0 ? picture : undefined;
  } catch (error) {
    log.warn(`an alert goes out without a picture: ${describeError(error)}`, { camera: cameraId });
    return undefined;
  } finally {
    cancel();
  }
}
