// A picture that is sealed: opened by the vault when it comes into view, a lock while nobody has typed in the passphrase.

import { useEffect, useRef, useState } from 'preact/hooks';
import { describe } from '../api.ts';
import { useStore } from '../store.ts';
import { vault } from '../vault/client.ts';
import { pictures } from '../vault/picture-queue.ts';
import { Icon } from './icons.tsx';

export function SealedPicture({
  path,
  mimeType = 'image/jpeg',
  alt,
}: {
  /** As for `api.get`. */
  readonly path: string;
  readonly mimeType?: 'image/jpeg' | 'image/png';
  readonly alt: string;
}) {
  const state = useStore(vault.state);
  const place = useRef<HTMLSpanElement>(null);
  const [url, setUrl] = useState<string>();
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    const element = place.current;
    if (state !== 'open' || !element) return;
    const stop = new AbortController();
    let opened: string | undefined;
    const load = async () => {
      try {
        const address = await pictures.open(path, mimeType, stop.signal);
        if (stop.signal.aborted) return URL.revokeObjectURL(address);
        opened = address;
        setUrl(address);
      } catch (error) {
        if (!stop.signal.aborted) setFault(describe(error));
      }
      return undefined;
    };
    const view = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        view.disconnect();
        void load();
      },
      { rootMargin: '200px' },
    );
    view.observe(element);
    return () => {
      view.disconnect();
      stop.abort();
      if (opened !== undefined) URL.revokeObjectURL(opened);
      setUrl(undefined);
      setFault(undefined);
    };
  }, [path, mimeType, state]);
  if (url !== undefined) return <img src={url} alt={alt} decoding="async" />;
  return (
    <span ref={place} class="sealed-picture" title={fault ?? (state === 'open' ? undefined : 'Locked')}>
      {state === 'open' && fault === undefined ? null : (
        <Icon name={fault === undefined ? 'lock' : 'recordings'} size={32} />
      )}
    </span>
  );
}
