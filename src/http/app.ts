// The web application: what every request passes, and the resources behind it. Thin: the rooms do the work, here is only how
// it looks from outside. It knows no sockets; `server.ts` does.

import { Hono } from 'hono';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Assets, createPageFiles } from './assets.ts';
import type { HttpContext, HttpEnv, HttpParts } from './context.ts';
import { failureOf, RequestRefused } from './errors.ts';
import { hostGuard, type OurNames, originGuard, sessionGuard, sizeGuard, typeGuard } from './guard.ts';
import { secureHeaders } from './headers.ts';
import type { Ports } from './ports.ts';
import { cameraRoutes } from './routes/cameras.ts';
import { changesRoutes } from './routes/changes.ts';
import { eventRoutes } from './routes/events.ts';
import { mailRoutes } from './routes/mail.ts';
import { networkRoutes } from './routes/network.ts';
import { peopleRoutes } from './routes/people.ts';
import { pictureRoutes } from './routes/pictures.ts';
import { recordingRoutes, segmentRoutes } from './routes/recordings.ts';
import { recoverRoutes } from './routes/recover.ts';
import { secondFactorRoutes } from './routes/second-factor.ts';
import { sessionRoutes } from './routes/session.ts';
import { settingsRoutes } from './routes/settings.ts';
import { healthRoutes, statusRoutes } from './routes/status.ts';
import { streamTokenRoutes } from './routes/stream-tokens.ts';
import { systemRoutes } from './routes/system.ts';
import { timelineRoutes } from './routes/timeline.ts';
import { tuningRoutes } from './routes/tuning.ts';
import { vaultRoutes } from './routes/vault.ts';

export interface HttpAppOptions {
  readonly assets: Assets;
  readonly clock: Clock;
  readonly log: Log;
  readonly ours: OurNames;
}

export type HttpApp = Hono<HttpEnv>;

export function createHttpApp(ports: Ports, { assets, clock, log, ours }: HttpAppOptions): HttpApp {
  const parts: HttpParts = { ports, clock, log };
  const page = createPageFiles(assets);
  const app = new Hono<HttpEnv>();

  app.use(secureHeaders);
  app.use(hostGuard(ours));
  app.use(originGuard(ours));
  app.use(sessionGuard(ports.access, page.has));
  // The body is only read for those who got this far.
  app.use(typeGuard);
  app.use(sizeGuard);

  const resources = [
    sessionRoutes,
    recoverRoutes,
    peopleRoutes,
    vaultRoutes,
    secondFactorRoutes,
    cameraRoutes,
    recordingRoutes,
    segmentRoutes,
    eventRoutes,
    timelineRoutes,
    settingsRoutes,
    mailRoutes,
    statusRoutes,
    streamTokenRoutes,
    changesRoutes,
    tuningRoutes,
    systemRoutes,
    networkRoutes,
  ];
  for (const resource of resources) app.route('/api/v1', resource(parts));
  app.route('/', healthRoutes(parts));
  app.route('/', pictureRoutes(parts));

  const routes = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, is: pathPattern(path) }));
  app.notFound((c) => {
    const { method, path } = c.req;
    const answer = page.answer({
      method,
      path,
      accept: c.req.header('accept') ?? '',
      acceptEncoding: c.req.header('accept-encoding') ?? '',
      ifNoneMatch: c.req.header('if-none-match') ?? '',
      version: c.req.query('v') ?? '',
    });
    if (answer) return answer;
    const allowed = [...new Set(routes.filter(({ is }) => is.test(path)).map((route) => route.method))];
    if (allowed.length === 0) return failed(c, new RequestRefused(404, 'missing', 'there is nothing at this address'));
    const words = `this address knows ${allowed.join(', ')}`;
    return failed(c, new RequestRefused(405, 'invalid', words, { allow: allowed.join(', ') }));
  });
  app.onError((error, c) => failed(c, error));

  const failed = (c: HttpContext, thrown: unknown) => {
    // Who hung up in the middle of a request is no fault of ours, and reads no answer.
    const error = c.req.raw.signal.aborted
      ? new RequestRefused(408, 'invalid', 'the request was not finished')
      : thrown;
    const { status, body, headers } = failureOf(error, log);
    return c.json(body, status, headers);
  };
  return app;
}

const pathPattern = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}$`);
