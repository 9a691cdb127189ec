// From starting the process to the first page answered, with a data folder that has been used before.

import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executable } from '../../tests/support/box.ts';

export async function firstPageMs(runs: number): Promise<readonly number[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nightjar-start-'));
  const times: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const port = await freePort();
    const startMs = performance.now();
    const box = Bun.spawn([executable, 'run', '--data', dataDir, '--http', `127.0.0.1:${port}`, '--https', 'off'], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    for (;;) {
      try {
        const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { accept: 'text/html' } });
        if (!page.ok || !(await page.text()).includes('<html')) throw new Error(`the page answered ${page.status}`);
        break;
      } catch (error) {
        if (performance.now() - startMs > 20_000) throw error;
        await Bun.sleep(1);
      }
    }
    if (run > 0) times.push(performance.now() - startMs);
    box.kill('SIGTERM');
    await box.exited;
  }
  return times;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
