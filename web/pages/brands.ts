// Addresses of the streams of common camera makes, so that nobody has to search for them. Pure.

export interface Brand {
  readonly name: string;
  /** What follows `rtsp://HOST`, with the port. */
  readonly main: string;
  readonly small?: string;
  readonly scheme?: 'rtsps';
  readonly note?: string;
}

export const brands: readonly Brand[] = [
  {
    name: 'Amcrest',
    main: ':554/cam/realmonitor?channel=1&subtype=0',
    small: ':554/cam/realmonitor?channel=1&subtype=1',
  },
  { name: 'Annke', main: ':554/Streaming/Channels/101', small: ':554/Streaming/Channels/102' },
  { name: 'Axis', main: ':554/axis-media/media.amp', small: ':554/axis-media/media.amp?resolution=640x360' },
  {
    name: 'Dahua',
    main: ':554/cam/realmonitor?channel=1&subtype=0',
    small: ':554/cam/realmonitor?channel=1&subtype=1',
  },
  { name: 'Foscam', main: ':88/videoMain', small: ':88/videoSub' },
  { name: 'Hikvision', main: ':554/Streaming/Channels/101', small: ':554/Streaming/Channels/102' },
  {
    name: 'Reolink',
    main: ':554/h264Preview_01_main',
    small: ':554/h264Preview_01_sub',
    note: 'Turn on RTSP in the camera’s network settings first.',
  },
  {
    name: 'Tapo',
    main: ':554/stream1',
    small: ':554/stream2',
    note: 'Make a camera account in the Tapo app first, under advanced settings.',
  },
  {
    name: 'UniFi Protect',
    main: ':7441/STREAM?enableSrtp',
    scheme: 'rtsps',
    note: 'Turn on RTSPS for the camera in Protect, and put its own stream name in place of STREAM.',
  },
  { name: 'Uniview', main: ':554/unicast/c1/s0/live', small: ':554/unicast/c1/s1/live' },
];

/** What somebody typed as the camera's address, without scheme, user, port and path. */
export function hostOf(typed: string): string {
  const text = typed
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/^[^/@]*@/, '');
  if (text.startsWith('[')) return /^\[[0-9a-f:.]+\]/i.exec(text)?.[0] ?? '';
  return text.split(/[/:?#]/)[0] ?? '';
}

export function brandUrls(
  brand: Brand,
  typed: string,
): { readonly url: string; readonly detectUrl: string } | undefined {
  const host = hostOf(typed);
  if (host === '') return undefined;
  const at = `${brand.scheme ?? 'rtsp'}://${host}`;
  return { url: at + brand.main, detectUrl: brand.small ? at + brand.small : '' };
}

/** People paste addresses with user and password inside; these belong into fields of their own, which are kept secret. */
export function splitCredentials(
  typed: string,
): { readonly url: string; readonly username: string; readonly password: string } | undefined {
  const match = /^([a-z]+:\/\/)([^/@:]*)(?::([^/@]*))?@(.+)$/i.exec(typed.trim());
  if (!match?.[1] || !match[4]) return undefined;
  const plain = (text: string) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  return { url: match[1] + match[4], username: plain(match[2] ?? ''), password: plain(match[3] ?? '') };
}
