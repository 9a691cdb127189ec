// How much may wait. Pictures go before words, old before new: what happened matters more than how it looked. Pure.

export interface Bounds {
  readonly maxMails?: number;
  readonly maxPictureBytes?: number;
}

/** Of the waiting mails, oldest first: those that lose their picture, and those that are given up. */
export function overBounds<M extends { readonly pictureBytes: number }>(
  waiting: readonly M[],
  { maxMails = 2000, maxPictureBytes = 128 * 1024 * 1024 }: Bounds,
): { readonly withoutPicture: readonly M[]; readonly givenUp: readonly M[] } {
  let bytes = waiting.reduce((sum, mail) => sum + mail.pictureBytes, 0);
  const withoutPicture: M[] = [];
  for (const mail of waiting) {
    if (bytes <= maxPictureBytes) break;
    bytes -= mail.pictureBytes;
    if (mail.pictureBytes > 0) withoutPicture.push(mail);
  }
  return { withoutPicture, givenUp: waiting.slice(0, Math.max(0, waiting.length - maxMails)) };
}
