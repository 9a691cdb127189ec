// The session cookie. Over TLS it carries the `__Host-` prefix, so that no other host and no plain-HTTP page can set or read
// it; plain HTTP on the home network has a cookie of its own.

import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { parse } from 'hono/utils/cookie';

const MAX_AGE_S = 400 * 86_400; // the box ends sessions, the browser only forgets them (400 days is the browsers' limit)

export const cookieName = (secure: boolean): string => (secure ? '__Host-nightjar' : 'nightjar');

export function readCookie(header: string | undefined, secure: boolean): string | undefined {
  if (!header) return undefined;
  const name = cookieName(secure);
  const value = parse(header, name)[name];
  return value ? value : undefined;
}

export function giveCookie(c: Context, value: string, secure: boolean): void {
  setCookie(c, cookieName(secure), value, attributes(secure, MAX_AGE_S));
}

export function takeCookie(c: Context, secure: boolean): void {
  deleteCookie(c, cookieName(secure), attributes(secure, 0));
}

const attributes = (secure: boolean, maxAge: number) =>
  ({ httpOnly: true, sameSite: 'Strict', path: '/', secure, maxAge }) as const;
