import { expect, test } from 'bun:test';
import { Hono } from 'hono';
import type { HttpEnv, HttpParts } from './context.ts';
import { visit } from './fake-ports.ts';
import { mayAsk } from './role-routes.ts';
import { recordingRoutes } from './routes/recordings.ts';

test('a star is set and taken away, and the answer says how the recording stands', async () => {
  let starred = false;
  const recordings = {
    get: (id: string) => (id === 'r1' ? { ...visit, starred } : undefined),
    setStarred: async (_: string, wanted: boolean) => {
      starred = wanted;
      return true;
    },
  };
  const app = new Hono<HttpEnv>().route('/', recordingRoutes({ ports: { recordings } } as unknown as HttpParts));
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

test('stars are the owner’s: a viewer may neither set nor take one', () => {
  for (const method of ['PUT', 'DELETE']) {
    expect([
      mayAsk('owner', method, '/api/v1/recordings/r1/star'),
      mayAsk('viewer', method, '/api/v1/recordings/r1/star'),
    ]).toEqual([true, false]);
  }
});
