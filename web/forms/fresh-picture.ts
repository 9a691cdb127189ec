// A picture of the camera that is never older than some seconds, for drawing on: the next one is loaded out of sight and then
// put in place, so that it never flickers. Rests while the page is not looked at.

import { useEffect, useState } from 'preact/hooks';

const EVERY_MS = 3000;

export interface FreshPicture {
  /** A blob of this page's own: pictures are never cached by the browser, and asking twice would show two different ones. */
  readonly url: string | undefined;
  readonly shape: { readonly width: number; readonly height: number } | undefined;
  /** There is none, and there was none before. */
  readonly missing: boolean;
}

export function useFreshPicture(address: string): FreshPicture {
  const [picture, setPicture] = useState<FreshPicture>({ url: undefined, shape: undefined, missing: false });
  useEffect(() => {
    const over = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let shown: string | undefined;
    const load = async () => {
      const next = document.hidden ? undefined : await pictureAt(address, over.signal);
      if (over.signal.aborted) {
        if (next) URL.revokeObjectURL(next.url);
        return;
      }
      if (next) {
        if (shown) URL.revokeObjectURL(shown);
        shown = next.url;
        setPicture({ ...next, missing: false });
      } else if (!document.hidden) setPicture((old) => ({ ...old, missing: old.url === undefined }));
      timer = setTimeout(load, EVERY_MS);
    };
    void load();
    return () => {
      over.abort();
      clearTimeout(timer);
      if (shown) URL.revokeObjectURL(shown);
    };
  }, [address]);
  return picture;
}

async function pictureAt(address: string, signal: AbortSignal) {
  try {
    const answer = await fetch(address, { signal });
    if (!answer.ok) return undefined;
    const url = URL.createObjectURL(await answer.blob());
    const image = new Image();
    image.src = url;
    await image.decode();
    return { url, shape: { width: image.naturalWidth, height: image.naturalHeight } };
  } catch {
    // Camera away, box away: the last picture stays until there is another.
    return undefined;
  }
}
