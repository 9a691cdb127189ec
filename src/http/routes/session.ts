// Claiming the box, signing in and out. Who may do what is decided by `access/`; here its answers become status codes and the
// cookie.

import { Hono } from 'hono';
import { z } from 'zod';
import type { SessionView } from '../api.ts';
import type { PresetView } from '../api-system.ts';
import { bytes32, jsonBody, personName } from '../checked.ts';
import { addressOf, type HttpContext, type HttpEnv, type HttpParts, isSecure } from '../context.ts';
import { giveCookie, takeCookie } from '../cookie.ts';
import { RequestRefused, tooManyTries } from '../errors.ts';
import type { Begun, Person, Ports } from '../ports.ts';

export const sessionRoutes = ({ ports }: HttpParts) => {
  const { access } = ports;
  return new Hono<HttpEnv>()
    .get('/session', (c) => c.json(sessionView(ports, c.get('session')?.person)))
    .post(
      '/claim',
      jsonBody(() =>
        z.strictObject({
          code: z.string().max(100).optional(),
          name: personName(),
          keyring: z.unknown(),
          signIn: bytes32(),
        }),
      ),
      (c) => {
        const result = access.claim(c.req.valid('json') as Parameters<typeof access.claim>[0], addressOf(c));
        if (result.ok) return begun(c, ports, result);
        switch (result.reason) {
          case 'throttled':
            throw tooManyTries(result.retryAfterS);
          case 'claimed':
            throw new RequestRefused(409, 'conflict', result.message);
          case 'invalid':
            throw new RequestRefused(400, 'invalid', result.message);
          case 'wrong':
            throw new RequestRefused(
              401,
              'denied',
              'That is not the claim code. It is on the screen or console of the box.',
            );
        }
      },
    )
    .post(
      '/login/parameters',
      jsonBody(() => z.strictObject({ name: personName() })),
      (c) => {
        const result = access.loginParameters(c.req.valid('json').name, addressOf(c));
        if (!result.ok) throw tooManyTries(result.retryAfterS);
        return c.json(result.parameters);
      },
    )
    .post(
      '/login',
      jsonBody(() => z.strictObject({ name: personName(), signIn: bytes32(), code: z.string().max(40).optional() })),
      (c) => {
        const { name, signIn, code } = c.req.valid('json');
        const result = access.login({ name, signIn, ...(code === undefined ? {} : { code }) }, addressOf(c));
        if (result.ok) return begun(c, ports, result);
        if (result.reason === 'throttled') throw tooManyTries(result.retryAfterS);
        if (result.reason === 'second-factor') {
          throw new RequestRefused(401, 'second-factor', 'Type the code that your authenticator app shows.');
        }
        const words =
          code === undefined ? 'Name or passphrase is wrong.' : 'That code is not right, or was used already.';
        throw new RequestRefused(401, 'denied', words);
      },
    )
    .post('/logout', (c) => {
      endSession(c, ports);
      takeCookie(c, isSecure(c));
      return c.json(sessionView(ports, undefined));
    });
};

export const sessionView = ({ access, boxName, version, setup }: Ports, person: Person | undefined): SessionView => ({
  state: person ? 'signed-in' : access.isClaimed() ? 'signed-out' : 'unclaimed',
  boxName: boxName(),
  version,
  deviceKey: access.deviceKey(),
  ...(person ? { person } : {}),
  ...(person || access.isClaimed() || !setup ? {} : { setup: setupView(access.isClaimCodeNeeded(), setup.preset()) }),
});

/** What somebody may know who has not shown that the box is theirs: never what was taken from nightjar.toml. */
const setupView = (codeNeeded: boolean, preset: PresetView | undefined): NonNullable<SessionView['setup']> => ({
  codeNeeded,
  ...(preset && preset.problems.length > 0 ? { preset: { problems: preset.problems } } : {}),
});

/** Somebody has come in. Who signs in again in the same browser leaves no second session behind. */
export function begun(c: HttpContext, ports: Ports, { session, cookie }: Begun): Response {
  endSession(c, ports);
  giveCookie(c, cookie, isSecure(c));
  return c.json(sessionView(ports, session.person));
}

function endSession(c: HttpContext, { access }: Ports): void {
  const session = c.get('session');
  if (session) access.logout(session.id);
}
