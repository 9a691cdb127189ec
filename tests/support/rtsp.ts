// A real RTSP camera (GStreamer's server, tests/fixtures/rtsp-server.py) in a process of its own.

import { resolve } from 'node:path';

export interface RtspCamera extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startRtsp(...args: readonly string[]): Promise<RtspCamera> {
  const child = Bun.spawn(['/usr/bin/python3', resolve(import.meta.dir, '../fixtures/rtsp-server.py'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  void (async () => {
    for await (const chunk of child.stderr) errors = (errors + Buffer.from(chunk).toString()).slice(-5000);
  })();
  const reader = child.stdout.getReader();
  let out = '';
  while (!out.includes('\n')) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the RTSP camera did not start: ${errors}`);
    out += Buffer.from(value).toString();
  }
  void (async () => {
    while (!(await reader.read()).done);
  })();
  const { url, port, pid } = JSON.parse(out) as { url: string; port: number; pid: number };
  const stop = async () => {
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), 3000);
    await child.exited;
    clearTimeout(kill);
  };
  return { url, port, pid, stop, [Symbol.asyncDispose]: stop };
}
