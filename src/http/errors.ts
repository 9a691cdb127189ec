// Every failure leaves as JSON of one shape, and the one place where kinds of error become status codes. What is not
// expected is logged in full and told to the asker in one general sentence.

import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { describeError, type ErrorKind, NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type Issue, issuesOf } from '../config/issues.ts';
import type { ErrorBody } from './api.ts';

export const statusOf: Readonly<Record<ErrorKind, ContentfulStatusCode>> = {
  invalid: 400,
  denied: 401,
  missing: 404,
  conflict: 409,
  'too-large': 413,
  throttled: 429,
  'no-space': 507,
  unavailable: 503,
  internal: 500,
};

/** `second-factor`: name and secret are right, a code is missing. */
export type RefusalKind = ErrorKind | 'second-factor';

/** Refused for a reason that HTTP has a code of its own for. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly status: ContentfulStatusCode;
  readonly kind: RefusalKind;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: ContentfulStatusCode,
    kind: RefusalKind,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.kind = kind;
    this.headers = headers;
  }
}

export interface Failure {
  readonly status: ContentfulStatusCode;
  readonly body: ErrorBody;
  readonly headers?: Readonly<Record<string, string>>;
}

export function failureOf(error: unknown, log: Log): Failure {
  if (error instanceof RequestRefused)
    return { ...failure(error.status, error.kind, error.message), headers: error.headers };
  const issues = issuesIn(error);
  if (issues) return failure(400, 'invalid', 'some of what was sent cannot be used', issues);
  if (error instanceof NightjarError && error.kind !== 'internal') {
    return failure(statusOf[error.kind], error.kind, error.message);
  }
  if (error instanceof HTTPException && error.status < 500) {
    return failure(error.status as ContentfulStatusCode, error.status === 413 ? 'too-large' : 'invalid', error.message);
  }
  log.error('a request failed', { reason: describeError(error) });
  return failure(500, 'internal', 'something went wrong inside the box; its log says what');
}

/** Too many tries; `retryAfterS` seconds from now there is another. */
export function tooManyTries(retryAfterS: number): RequestRefused {
  const seconds = Math.max(1, Math.ceil(retryAfterS));
  const words = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return new RequestRefused(429, 'throttled', `Too many tries. Try again in ${words}.`, {
    'retry-after': String(seconds),
  });
}

const failure = (
  status: ContentfulStatusCode,
  kind: RefusalKind,
  message: string,
  issues?: readonly Issue[],
): Failure => ({ status, body: { error: { kind, message, ...(issues ? { issues } : {}) } } });

/** A schema's complaints, thrown as they are, as a cause, or as `issues` of another error. */
function issuesIn(error: unknown): readonly Issue[] | undefined {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    if (e instanceof z.core.$ZodError) return issuesOf(e);
    const { issues } = e as { issues?: unknown };
    if (Array.isArray(issues) && issues.every(isIssue)) return issues;
  }
  return undefined;
}

const isIssue = (value: unknown): value is Issue =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Issue>).path === 'string' &&
  typeof (value as Partial<Issue>).message === 'string';
