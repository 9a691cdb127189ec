import { expect, test } from 'bun:test';
import { Hono } from 'hono';
import { silentLog } from '../base/log.ts';
import type { HttpEnv, HttpParts } from './context.ts';
import { failureOf } from './errors.ts';
import { visit } from './fake-ports.ts';
import { mayAsk } from './role-routes.ts';
import { recordingRoutes } from './routes/recordings.ts';

/** The routes over one recording, `r1`; what was asked of the library is in `asked`. */
function oneRecording() {
  let starred = false;
  const asked: string[] = [];
  const recordings = {
    get: (id: string) => (id === 'r1' ? { ...visit, starred } : undefined),
    setStarred: async (id: string, wanted: boolean) => {
      asked.push(id);
      starred = wanted;
      return true;
    },
  };
  const app = new Hono<HttpEnv>().route('/', recordingRoutes({ ports: { recordings } } as unknown as HttpParts));
  app.onError((error, c) => {
    const { status, body } = failureOf(error, silentLog);
    return c.json(body, status);
  });
  return { app, asked };
}

test('a star is set and taken away, and the answer says how the recording stands', async () => {
  const { app } = oneRecording();
  for (const [method, expected] of [
    ['PUT', true],
    ['DELETE', false],
  ] as const) {
    const response = await app.request('/recordings/r1/star', { method });
    const view = (await response.json()) as object;
    expect([response.status, view]).toMatchObject([200, { id: 'r1', starred: expected }]);
    expect(view).not.toHaveProperty('segments');
  }
});

test('an unknown recording gets and loses no star: 404, and the library is not asked', async () => {
  const { app, asked } = oneRecording();
  for (const method of ['PUT', 'DELETE']) {
    for (const id of ['r2', '..%2Fr1']) {
      const response = await app.request(`/recordings/${id}/star`, { method });
      expect([response.status, await response.json()]).toMatchObject([404, { error: { kind: 'missing' } }]);
    }
  }
  expect(asked).toEqual([]);
});

test('stars are the owner’s: a viewer may neither set nor take one', () => {
  for (const method of ['PUT', 'DELETE']) {
    expect([
      mayAsk('owner', method, '/api/v1/recordings/r1/star'),
      mayAsk('viewer', method, '/api/v1/recordings/r1/star'),
    ]).toEqual([true, false]);
  }
});
