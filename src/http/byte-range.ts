// Answers a body of known length, whole or one byte range of it (RFC 9110 §14), so that players can seek and downloads
// resume. The body is pulled as fast as the reader takes it, and let go when the reader leaves.

import type { Body } from './ports.ts';

export type ByteRange = { readonly from: number /** Exclusive. */; readonly to: number };

/** 'whole' where there is no usable Range header (several ranges count as none), 'unsatisfiable' where it lies outside. */
export function parseRange(header: string | undefined, bytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return 'whole';
  const [first, last] = [match[1]!, match[2]!];
  if (first === '') {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? 'unsatisfiable' : { from: bytes - length, to: bytes };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return 'whole';
  if (from >= bytes) return 'unsatisfiable';
  return { from, to: last === '' ? bytes : Math.min(Number(last) + 1, bytes) };
}

export function rangeResponse(
  request: { readonly method: string; readonly range: string | undefined; readonly ifRange?: string | undefined },
  body: Body,
  headers: Readonly<Record<string, string>>,
): Response {
  const etag = headers.etag;
  // If-Range: the rest of a file that has changed since is no use (§13.1.5).
  const stale = request.ifRange !== undefined && request.ifRange !== etag;
  const range = stale ? 'whole' : parseRange(request.range, body.bytes);
  const common = { ...headers, 'accept-ranges': 'bytes' };
  if (range === 'unsatisfiable') {
    return new Response(null, { status: 416, headers: { ...common, 'content-range': `bytes */${body.bytes}` } });
  }
  const { from, to } = range === 'whole' ? { from: 0, to: body.bytes } : range;
  return new Response(request.method === 'HEAD' || to === from ? null : body.stream(from, to), {
    status: range === 'whole' ? 200 : 206,
    headers: {
      ...common,
      'content-length': String(to - from),
      ...(range === 'whole' ? {} : { 'content-range': `bytes ${from}-${to - 1}/${body.bytes}` }),
    },
  });
}
