// The files of the page, held in memory: plain and compressed once, with an ETag. Where they come from is
// `embedded-assets.ts`; which address shows the page itself is decided here.

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export interface Asset {
  readonly bytes: Uint8Array;
  readonly type: string;
  /** The name changes with the content: browsers may keep it for ever. */
  readonly immutable: boolean;
}
/** By path, e.g. `/app.js`. The page itself is `/index.html`. */
export type Assets = ReadonlyMap<string, Asset>;

interface Ready extends Asset {
  readonly etag: string;
  readonly gzip: Uint8Array | undefined;
}

export interface PageFiles {
  /** Whether a path is answered with a file of the page. */
  has(method: string, path: string, accept: string): boolean;
  answer(request: {
    readonly method: string;
    readonly path: string;
    readonly accept: string;
    readonly acceptEncoding: string;
    readonly ifNoneMatch: string;
    /** `?v=` of the address: the beginning of the file's ETag, put there by the build. */
    readonly version?: string;
  }): Response | undefined;
}

const compresses = /^(text\/|application\/(javascript|json|manifest\+json)|image\/svg)/;

export function createPageFiles(assets: Assets): PageFiles {
  // Compressed when first asked for, so that starting up does not wait for it.
  const ready = new Map<string, Ready>();
  const readyOf = (path: string, asset: Asset): Ready => {
    let known = ready.get(path);
    if (!known) {
      const gzip =
        compresses.test(asset.type) && asset.bytes.length > 500 ? gzipSync(asset.bytes, { level: 9 }) : undefined;
      const etag = `"${createHash('sha256').update(asset.bytes).digest('base64url').slice(0, 22)}"`;
      known = { ...asset, etag, gzip };
      ready.set(path, known);
    }
    return known;
  };
  /** Pages of the app have addresses of their own (`/recordings/…`); they are all the same file. */
  const find = (method: string, path: string, accept: string): string | undefined => {
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    if (path !== '/index.html' && assets.has(path)) return path;
    const isPage = path === '/' || (accept.includes('text/html') && !/^\/api(\/|$)/.test(path) && !/\.\w+$/.test(path));
    return isPage || path === '/index.html' ? '/index.html' : undefined;
  };
  return {
    has: (method, path, accept) => find(method, path, accept) !== undefined,
    answer({ method, path, accept, acceptEncoding, ifNoneMatch, version = '' }) {
      const name = find(method, path, accept);
      const asset = name === undefined ? undefined : assets.get(name);
      if (name === undefined || !asset) return undefined;
      const file = readyOf(name, asset);
      // An address that names this very content stays right for ever; the page of an older build must not keep what is new.
      const isThis = version.length >= 10 && file.etag.startsWith(`"${version}`);
      const headers = new Headers({
        'content-type': file.type,
        'cache-control': file.immutable || isThis ? 'public, max-age=31536000, immutable' : 'no-cache',
        etag: file.etag,
        vary: name === '/index.html' ? 'accept, accept-encoding' : 'accept-encoding',
      });
      const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
      if (known.includes(file.etag) || known.includes('*')) return new Response(null, { status: 304, headers });
      const gzip = file.gzip && /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(acceptEncoding) ? file.gzip : undefined;
      if (gzip) headers.set('content-encoding', 'gzip');
      const body = gzip ?? file.bytes;
      headers.set('content-length', String(body.length));
      return new Response(method === 'HEAD' ? null : (body as Uint8Array<ArrayBuffer>), { headers });
    },
  };
}
