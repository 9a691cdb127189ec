// What every request passes before a route sees it, in this order: the name it was sent to, the size and type of its body,
// who sent it, and whether that is enough for what it asks: signed in, and in a role that may.

import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { NightjarError } from '../base/errors.ts';
import { type HttpEnv, isSecure } from './context.ts';
import { readCookie } from './cookie.ts';
import { RequestRefused } from './errors.ts';
import { isOurHost, isOwnPage } from './origin.ts';
import type { AccessPort } from './ports.ts';
import { demandOf } from './public-routes.ts';
import { mayAsk } from './role-routes.ts';
import { isUpdateUpload } from './update-tickets.ts';

export const MAX_BODY_BYTES = 1024 * 1024;
/** Signing in and claiming need a few. A megabyte from each of 512 connections at once would be more memory than a Pi has. */
export const MAX_STRANGERS_BODY_BYTES = 64 * 1024;

export interface OurNames {
  /** Host names of this box beside addresses and home names, e.g. `cam.duckdns.org`. */
  readonly hosts: () => readonly string[];
  /** Origins of this box behind a proxy, e.g. `https://cam.example.org`. */
  readonly origins: () => readonly string[];
}

export const hostGuard =
  (ours: OurNames): MiddlewareHandler<HttpEnv> =>
  async (c, next) => {
    if (!isOurHost(new URL(c.req.url).host, ours.hosts())) {
      throw new RequestRefused(421, 'invalid', 'this box does not go by that name; set its address under Settings');
    }
    await next();
  };

const changes = (method: string) => !['GET', 'HEAD', 'OPTIONS'].includes(method);

export const originGuard =
  (ours: OurNames): MiddlewareHandler<HttpEnv> =>
  async (c, next) => {
    const allowed =
      !changes(c.req.method) ||
      isOwnPage({
        url: new URL(c.req.url),
        origin: c.req.header('origin'),
        fetchSite: c.req.header('sec-fetch-site'),
        hasCookie: c.req.header('cookie') !== undefined,
        ourOrigins: ours.origins(),
      });
    if (!allowed) throw new RequestRefused(403, 'denied', 'this request does not come from the page of this box');
    await next();
  };

/** Refuses larger ones, before they are read to the end. */
export const bodiesUpTo = (bytes: number): MiddlewareHandler<HttpEnv> =>
  bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw new NightjarError('too-large', `a request may have at most ${bytes / 1024} KiB`);
    },
  });
const smallBodies = bodiesUpTo(MAX_BODY_BYTES);
const strangersBodies = bodiesUpTo(MAX_STRANGERS_BODY_BYTES);

/** An update is larger; its route bounds it. */
export const sizeGuard: MiddlewareHandler<HttpEnv> = (c, next) =>
  isUpdateUpload(c.req.method, c.req.path) && c.get('session')
    ? next()
    : (c.get('session') ? smallBodies : strangersBodies)(c, next);

/** Only JSON is read, and the bytes of an update: a form on a page elsewhere can send neither. */
export const typeGuard: MiddlewareHandler<HttpEnv> = async (c, next) => {
  const type = c.req.header('content-type');
  const hasBody = c.req.header('transfer-encoding') !== undefined || Number(c.req.header('content-length') ?? 0) > 0;
  const wanted = isUpdateUpload(c.req.method, c.req.path) ? 'application/octet-stream' : 'application/json';
  const isWanted = type?.split(';')[0]?.trim().toLowerCase() === wanted;
  if (changes(c.req.method) && (type !== undefined || hasBody) && !isWanted) {
    const what = wanted === 'application/json' ? 'JSON' : 'the file itself';
    throw new RequestRefused(415, 'invalid', `send ${what}, with the content type ${wanted}`);
  }
  await next();
};

/** `isPage`: whether the path is a file of the page, which anybody may see. */
export const sessionGuard =
  (access: AccessPort, isPage: (method: string, path: string, accept: string) => boolean): MiddlewareHandler<HttpEnv> =>
  async (c, next) => {
    const cookie = readCookie(c.req.header('cookie'), isSecure(c));
    const session = cookie === undefined ? undefined : access.session(cookie);
    if (session && cookie !== undefined) {
      c.set('session', session);
      c.set('cookie', cookie);
    }
    const demand = demandOf(c.req.method, c.req.path);
    if (demand === 'session' && !session && !isPage(c.req.method, c.req.path, c.req.header('accept') ?? '')) {
      throw new NightjarError('denied', 'sign in first');
    }
    if (demand !== 'nothing' && session && !mayAsk(session.person.role, c.req.method, c.req.path)) {
      const isFile = isPage(c.req.method, c.req.path, c.req.header('accept') ?? '');
      if (!isFile) throw new RequestRefused(403, 'denied', 'Only an owner of this box may do that.');
    }
    await next();
  };
