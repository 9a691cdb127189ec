// Every route that answers somebody who is not signed in, and nothing else: deny by default. Beside these there are only the
// files of the page itself, which are the same for everybody.

/** Answered to anybody. */
export const publicRoutes: readonly string[] = [
  'GET /health',
  'GET /api/v1/session',
  'POST /api/v1/claim',
  'POST /api/v1/login/parameters',
  'POST /api/v1/login',
  'POST /api/v1/recover',
  'POST /api/v1/recover/answer',
];

/** Answered to who is signed in, or who has a stream token: for players that cannot sign in. */
export const streamTokenRoutes: readonly string[] = ['GET /stream.mjpg', 'GET /snapshot.jpg'];

export type Demand = 'nothing' | 'session-or-token' | 'session';

/** What a request must show. HEAD is GET without a body. */
export function demandOf(method: string, path: string): Demand {
  const route = `${method === 'HEAD' ? 'GET' : method} ${path}`;
  if (publicRoutes.includes(route)) return 'nothing';
  return streamTokenRoutes.includes(route) ? 'session-or-token' : 'session';
}
