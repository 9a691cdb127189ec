// The release address: what it announces, and the file itself. Whoever stands behind the address, or on the way to it, can only
// offer what a known key has signed, or nothing. The owner switches it off by leaving it empty.

import type { Clock } from '../../base/clock.ts';
import { describeError, NightjarError } from '../../base/errors.ts';
import { acceptedRelease } from './install.ts';
import { judgeManifest, type Machine, type Manifest } from './manifest.ts';
import { headFileName, updateFileName } from './names.ts';
import { MAX_HEAD_BYTES, readHead } from './package-head.ts';

export interface ReleaseAddressOptions {
  readonly keys: readonly Uint8Array[];
  readonly machine: Machine;
  readonly clock: Clock;
  readonly fetch: (
    url: string,
    init: { readonly signal: AbortSignal; readonly redirect: 'manual' },
  ) => Promise<Response>;
}

const REDIRECTS = 5;
/** The address answers, and goes on sending, within this. */
const SILENCE_MS = 30_000;
/** However steadily it sends, it is done by then: no other update is taken meanwhile. */
const LONGEST_MS = 60 * 60_000;

/** What is announced there for this machine. Throws `unavailable` or `invalid` with a sentence for the owner. */
export async function askReleaseAddress(
  options: ReleaseAddressOptions,
  address: string,
  signal: AbortSignal,
): Promise<Manifest> {
  await using answer = await get(options, new URL(headFileName(options.machine), asFolder(address)), signal);
  const read = await readHead(atMost(answer.chunks, MAX_HEAD_BYTES));
  if (!read.ok) throw new NightjarError('unavailable', 'what the release address answers is no release of Nightjar');
  return acceptedRelease(judgeManifest(read.head.manifest, read.head.signature, options.keys), options.machine)
    .manifest;
}

export interface Answer extends AsyncDisposable {
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** The update file as it comes; judged by who installs it. Throws as above, also while it comes. */
export const fetchUpdate = (
  options: ReleaseAddressOptions,
  address: string,
  version: string,
  signal: AbortSignal,
): Promise<Answer> => get(options, new URL(updateFileName(version, options.machine), asFolder(address)), signal);

const asFolder = (address: string): string => (address.endsWith('/') ? address : `${address}/`);

/** Gives up after `SILENCE_MS` in which nothing came. */
async function get(options: ReleaseAddressOptions, first: URL, signal: AbortSignal): Promise<Answer> {
  const giveUp = new AbortController();
  const ends = AbortSignal.any([signal, giveUp.signal]);
  let why = 'it does not answer';
  const tooLong = options.clock.after(LONGEST_MS, () => {
    why = 'it sends too slowly';
    giveUp.abort();
  });
  let notSilent = () => {};
  const calm = () => {
    notSilent();
    tooLong();
  };
  const awaited = () => {
    notSilent();
    notSilent = options.clock.after(SILENCE_MS, () => giveUp.abort());
  };
  const trouble = (cause: unknown) => {
    if (cause instanceof NightjarError) return cause;
    const because = giveUp.signal.aborted ? why : describeError(cause);
    return new NightjarError('unavailable', `the release address cannot be reached: ${because}`);
  };
  try {
    awaited();
    const { body } = await following(options, first, ends);
    const chunks = async function* () {
      try {
        for await (const chunk of body ?? []) {
          awaited();
          yield chunk;
        }
      } catch (cause) {
        throw trouble(cause);
      } finally {
        calm();
      }
    };
    const end = async () => {
      calm();
      giveUp.abort();
    };
    return { chunks: chunks(), [Symbol.asyncDispose]: end };
  } catch (cause) {
    calm();
    giveUp.abort();
    throw trouble(cause);
  }
}

/** Follows redirects, never from an encrypted address to a plain one. */
async function following(options: ReleaseAddressOptions, first: URL, signal: AbortSignal): Promise<Response> {
  let url = first;
  for (let i = 0; i <= REDIRECTS; i++) {
    const response = await options.fetch(url.href, { signal, redirect: 'manual' });
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (location === null) {
      if (response.ok) return response;
      await response.body?.cancel();
      const why = response.status === 404 ? 'there is no release' : `it answered ${response.status}`;
      throw new NightjarError('unavailable', `${why} at the release address; look whether it is typed right`);
    }
    await response.body?.cancel();
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (!next || !(next.protocol === 'https:' || (next.protocol === 'http:' && url.protocol === 'http:'))) {
      throw new NightjarError('unavailable', 'the release address leads on to something that is not safe to follow');
    }
    url = next;
  }
  throw new NightjarError('unavailable', 'the release address leads in a circle');
}

async function* atMost(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of chunks) {
    done += chunk.length;
    yield chunk;
    if (done > bytes) return;
  }
}
