// The few kinds of error Nightjar throws. Expected outcomes are values, not errors; an error says what was being
// done, to what, and keeps its cause. `http/` maps kinds to status codes in one function.

export type ErrorKind =
  | 'invalid' // what was asked for is malformed (400)
  | 'denied' // not signed in, or not allowed (401, 403)
  | 'missing' // no such thing (404)
  | 'conflict' // cannot be done in the present state (409)
  | 'too-large' // request or file over its limit (413)
  | 'throttled' // too many tries (429)
  | 'no-space' // the disk is full (507)
  | 'unavailable' // a camera, a server or a program did not answer (503)
  | 'internal'; // a fault of ours (500)

export class NightjarError extends Error {
  override readonly name = 'NightjarError';
  readonly kind: ErrorKind;
  constructor(kind: ErrorKind, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

/** The words of anything thrown, on one line, with its causes. Never includes a stack. */
export function describeError(error: unknown): string {
  const words: string[] = [];
  for (let e: unknown = error, depth = 0; e !== undefined && e !== null && depth < 5; depth++) {
    words.push((e instanceof Error ? e.message : String(e)).replace(/\s+/g, ' ').trim());
    e = e instanceof Error ? e.cause : undefined;
  }
  return words.join(': ');
}
