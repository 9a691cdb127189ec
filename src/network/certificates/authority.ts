// The way to the certificate authority: carries what `acme-client` asks, one exchange at a time, within limits of time and size, and
// remembers what was refused. In place of that library's own way, which under Bun loses what went wrong when nobody answers
// (its retries then read a property of no answer), waits for hours where it is told to, and cannot be let go.

import type { axios } from 'acme-client';
import type { Clock } from '../../base/clock.ts';

/** A refusal, as RFC 7807 and RFC 8555 section 6.7 have it. */
export interface Refusal {
  readonly status: number;
  /** Without `urn:ietf:params:acme:error:`. Empty where it said none. */
  readonly type: string;
  /** Its own words. */
  readonly detail: string;
  /** It wants to be left alone until then. */
  readonly notBeforeMs?: number;
}

/** Nobody answered, or somebody else did. */
export class NoAnswer extends Error {
  /** `ECONNREFUSED`, `CERT_HAS_EXPIRED` …, or one of ours. */
  readonly code: string;
  constructor(code: string, options?: { readonly cause: unknown }) {
    super(`the certificate authority did not answer (${code})`, options);
    this.code = code;
  }
}

export interface AuthorityOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** PEM: trusted instead of the system's authorities. For tests. */
  readonly trustedCa?: string | undefined;
}

type Adapter = Extract<NonNullable<typeof axios.defaults.adapter>, (...args: never[]) => unknown>;
type Request = Parameters<Adapter>[0];

const ANSWER_MS = 30_000;
const MAX_BYTES = 1024 * 1024;

/** What was refused last. */
export interface LastRefusal {
  get(): Refusal | undefined;
  set(refusal: Refusal | undefined): void;
}

/** One order at a time: the library has one way for all of its clients. */
export function connectAuthority(client: typeof axios, options: AuthorityOptions): LastRefusal {
  let last: Refusal | undefined;
  // What is thrown here has no `config`: the library passes it on untouched. What is answered, it does not try again.
  client.defaults.adapter = (async (config) => {
    const { status, headers, text } = await exchange(config, options);
    if (status >= 400) last = refusalOf(status, headers, text, options.clock.wallMs());
    return { status, statusText: '', headers: Object.fromEntries(headers), data: text, config };
  }) satisfies Adapter;
  return {
    get: () => last,
    set(refusal) {
      last = refusal;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function exchange(config: Request, { clock, signal, trustedCa }: AuthorityOptions): Promise<Answer> {
  const slow = new AbortController();
  const calm = clock.after(ANSWER_MS, () => slow.abort());
  try {
    const response = await fetch(config.url ?? '', {
      method: (config.method ?? 'get').toUpperCase(),
      headers: { ...(config.headers.toJSON() as Record<string, string>), 'user-agent': 'Nightjar' },
      ...(config.data === undefined ? {} : { body: String(config.data) }),
      redirect: 'manual',
      // Its next use is in two months: a connection that was kept leads nowhere by then.
      keepalive: false,
      signal: AbortSignal.any([signal, slow.signal]),
      ...(trustedCa === undefined ? {} : { tls: { ca: trustedCa } }),
    } as BunFetchRequestInit);
    const { status, headers } = response;
    if (status >= 300 && status < 400) throw new NoAnswer('REDIRECTED');
    return { status, headers, text: await readText(response) };
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof NoAnswer) throw cause;
    const { code } = cause as { readonly code?: unknown };
    throw new NoAnswer(slow.signal.aborted ? 'TIMEOUT' : String(code ?? 'UNKNOWN'), { cause });
  } finally {
    calm();
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new NoAnswer('TOO_LARGE');
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

export function refusalOf(status: number, headers: Headers, text: string, nowMs: number): Refusal {
  let problem: { readonly type?: unknown; readonly detail?: unknown } = {};
  try {
    problem = (JSON.parse(text) ?? {}) as typeof problem;
  } catch {
    // a page of whatever stands before the authority
  }
  const detail = String(problem.detail ?? '');
  const notBeforeMs = waitUntil(headers.get('retry-after'), detail, nowMs);
  return {
    status,
    type: String(problem.type ?? '').replace(/^urn:ietf:params:acme:error:/, ''),
    detail,
    ...(notBeforeMs === undefined ? {} : { notBeforeMs }),
  };
}

/** `Retry-After` in seconds or as a date; Let’s Encrypt also says it in words: `retry after 2026-03-01 10:00:00 UTC`. */
function waitUntil(header: string | null, detail: string, nowMs: number): number | undefined {
  const given = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(given)) return nowMs + Number(given) * 1000;
  const said = /retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)/i.exec(detail);
  for (const date of [given, said ? `${said[1]}T${said[2]}Z` : '']) {
    const atMs = Date.parse(date);
    if (Number.isFinite(atMs)) return atMs;
  }
  return undefined;
}
