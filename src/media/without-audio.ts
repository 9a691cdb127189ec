// A stream's description with its sound taken out. A file that announces sound and has none makes browsers wait for it.

import { box, boxesIn, concatBytes, findBox, fourCC, viewOf } from './boxes.ts';
import type { StreamInfo } from './types.ts';

/** The same stream with pictures only: no audio track in `init`, `mimeType` or `audio`. */
export function withoutAudio(stream: StreamInfo): StreamInfo {
  const { audio, ...rest } = stream;
  if (!audio) return stream;
  const { init, video } = stream;
  const parts = [...boxesIn(init)].map(({ type, from, to }) =>
    type === 'moov' ? withoutTrack(init.subarray(from, to), audio.trackId) : init.subarray(from, to),
  );
  return {
    ...rest,
    id: `${stream.id}-pictures`,
    init: concatBytes(parts),
    mimeType: `video/mp4; codecs="${video.codecString}"`,
  };
}

function withoutTrack(container: Uint8Array, trackId: number): Uint8Array {
  const view = viewOf(container);
  const kept: Uint8Array[] = [];
  for (const child of boxesIn(container, 8)) {
    const bytes = container.subarray(child.from, child.to);
    if (child.type === 'trak') {
      const tkhd = findBox(container, ['tkhd'], child);
      if (tkhd && view.getUint32(tkhd.bodyFrom + (container[tkhd.bodyFrom] === 1 ? 20 : 12)) === trackId) continue;
    }
    if (child.type === 'trex' && view.getUint32(child.bodyFrom + 4) === trackId) continue;
    kept.push(child.type === 'mvex' ? withoutTrack(bytes, trackId) : bytes);
  }
  return box(fourCC(container, 4), ...kept);
}
