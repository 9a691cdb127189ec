// Talks to the box: JSON in, JSON out, every failure a sentence. A 401 anywhere tells the session, which shows the sign-in
// form at the same address, so that one is back where one was.

import type { ErrorBody } from '../src/http/api.ts';

export interface Issue {
  readonly path: string;
  readonly message: string;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: string;
  readonly issues: readonly Issue[];
  constructor(kind: string, message: string, issues: readonly Issue[] = []) {
    super(message);
    this.kind = kind;
    this.issues = issues;
  }
}

let onSignedOut: () => void = () => {};
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}
export const reportSignedOut = () => onSignedOut();

async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError('offline', 'The box does not answer. Is it on, and is this device on the same network?');
  }
  const text = await response.text();
  let answer: unknown;
  try {
    answer = text === '' ? undefined : JSON.parse(text);
  } catch {
    answer = undefined;
  }
  if (response.ok) return answer as T;
  const error = (answer as Partial<ErrorBody> | undefined)?.error;
  if (response.status === 401 && !isGate(path)) onSignedOut();
  throw new ApiError(
    error?.kind ?? 'internal',
    sentence(error?.message ?? `The box answered with error ${response.status}`),
    error?.issues ?? [],
  );
}

/** Where one is not signed in yet: a refusal there says that something was wrong, not that the session has ended. */
const isGate = (path: string) => /^\/(claim|login|recover)(\/|$)/.test(path);

/** Server messages come without a capital and full stop; on the page they are sentences. */
export const sentence = (text: string) => {
  const trimmed = text.trim();
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.?:]$/.test(capital) ? capital : `${capital}.`;
};

export const api = {
  get: <T>(path: string, signal?: AbortSignal) => request<T>('GET', path, undefined, signal),
  post: <T>(path: string, body: unknown = {}, signal?: AbortSignal) => request<T>('POST', path, body, signal),
  put: <T>(path: string, body: unknown) => request<T>('PUT', path, body),
  delete: <T>(path: string, body?: unknown) => request<T>('DELETE', path, body),
};

/** `?a=1&b=2` of what is set. */
export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return pairs.length ? `?${new URLSearchParams(pairs.map(([k, v]) => [k, String(v)]))}` : '';
}

export const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
