// Media Source Extensions as this browser has them: iPhones only know the managed kind.

type SourceClass = typeof MediaSource;

export const mediaSourceClass = (): SourceClass | undefined => {
  const scope = globalThis as { ManagedMediaSource?: SourceClass; MediaSource?: SourceClass };
  return scope.ManagedMediaSource ?? scope.MediaSource;
};

/** Whether this browser plays the stream, e.g. `video/mp4; codecs="avc1.64001f"`. Many know no H.265. */
export const canPlay = (mimeType: string): boolean => mediaSourceClass()?.isTypeSupported(mimeType) ?? false;

/** Connects a new media source to a video element; resolves when it takes data. Release with `URL.revokeObjectURL(url)`. */
export function openMediaSource(video: HTMLVideoElement): {
  readonly source: MediaSource;
  readonly url: string;
  readonly opened: Promise<void>;
} {
  const Class = mediaSourceClass();
  if (!Class) throw new Error('this browser has no Media Source Extensions');
  const source = new Class();
  const url = URL.createObjectURL(source);
  // The managed kind refuses to start while the picture might be sent to another screen.
  video.disableRemotePlayback = true;
  video.src = url;
  const opened = new Promise<void>((resolve) => source.addEventListener('sourceopen', () => resolve(), { once: true }));
  return { source, url, opened };
}

export const rangesOf = (buffered: TimeRanges): readonly (readonly [number, number])[] =>
  Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)] as const);
