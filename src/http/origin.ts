// Two questions about where a request comes from: is the name it was sent to one of ours (a page elsewhere can point its own
// name at the box: DNS rebinding), and was it made by our own page (a page elsewhere can send one with the owner's cookie).

import { isIP } from 'node:net';

/** Names that nobody outside can own: addresses, this machine, and the endings reserved for home networks. */
const HOME_ENDINGS = ['.local', '.localhost', '.lan', '.home.arpa', '.internal'];

/** `ourNames`: further host names of this box, from its settings. */
export function isOurHost(host: string, ourNames: readonly string[]): boolean {
  const name = hostName(host);
  if (name === undefined) return false;
  if (isIP(name) !== 0 || !name.includes('.')) return true;
  return HOME_ENDINGS.some((ending) => name.endsWith(ending)) || ourNames.some((ours) => hostName(ours) === name);
}

export interface ChangeRequest {
  /** Scheme, host and port the request was sent to. */
  readonly url: URL;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly hasCookie: boolean;
  /** Further origins of this box, such as the public address behind a proxy. */
  readonly ourOrigins: readonly string[];
}

/**
 * Whether a request that changes something may go on. Browsers send Origin with every one; a script that signs in
 * without a cookie need not, one that uses a cookie must.
 */
export function isOwnPage({ url, origin, fetchSite, hasCookie, ourOrigins }: ChangeRequest): boolean {
  if (origin !== undefined) return origin === url.origin || ourOrigins.includes(origin);
  if (fetchSite !== undefined) return fetchSite === 'same-origin';
  return !hasCookie;
}

/** Lower case, without port, brackets and the final dot; undefined when it is no host. */
function hostName(host: string): string | undefined {
  if (host === '' || /[\s/@\\?#]/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}
