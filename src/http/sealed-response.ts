// How sealed bytes are answered: as bytes of no further kind, for whoever signed in, and never as something a browser shows by itself.

import { rangeResponse } from './byte-range.ts';
import type { HttpContext, HttpParts } from './context.ts';
import { cutShortOnError } from './cut-short.ts';
import type { Body } from './ports.ts';

const SEALED = { 'content-type': 'application/octet-stream' };

/** A picture: small, and asked for again with every look at a list. */
export const sealedPicture = (bytes: Uint8Array): Response =>
  new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: { ...SEALED, 'cache-control': 'private, max-age=300' },
  });

/**
 * A segment, by ranges. Not kept by browsers: they read ranges of one address one after the other when they keep them, and
 * the card of the phone would fill with what nobody looks at twice.
 */
export function sealedFile(c: HttpContext, parts: HttpParts, body: Body, etag: string): Response {
  const watched: Body = {
    bytes: body.bytes,
    stream: (from, to) => cutShortOnError(c, parts, body.stream(from, to)),
  };
  return rangeResponse(
    { method: c.req.method, range: c.req.header('range'), ifRange: c.req.header('if-range') },
    watched,
    { ...SEALED, etag, 'cache-control': 'private, no-store' },
  );
}
