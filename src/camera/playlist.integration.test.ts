// A "camera" that is none: it serves a playlist, which would make ffmpeg open whatever the playlist names.

import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testSource } from './test.ts';

test('an MJPEG address that serves a playlist opens neither files nor other addresses', async () => {
  const clip = join(mkdtempSync(join(tmpdir(), 'nightjar-playlist-')), 'private.ts');
  spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=s=320x180:d=4', '-f', 'mpegts', clip]);
  let asked = 0;
  const elsewhere = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => {
      asked++;
      return new Response(Bun.file(clip));
    },
  });
  const lines = (address: string) =>
    ['#EXTM3U', '#EXT-X-TARGETDURATION:4', '#EXTINF:4,', address, '#EXT-X-ENDLIST', ''].join('\n');
  const camera = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request) =>
      new Response(lines(request.url.includes('file') ? `file://${clip}` : `http://127.0.0.1:${elsewhere.port}/x.ts`), {
        headers: { 'content-type': 'application/vnd.apple.mpegurl' },
      }),
  });
  try {
    for (const path of ['file.m3u8', 'other.m3u8']) {
      const report = await testSource({
        kind: 'mjpeg',
        url: `http://127.0.0.1:${camera.port}/${path}`,
        username: '',
        password: '',
        width: 320,
        height: 180,
        fps: 5,
        bitrateKbps: 500,
        grayscale: false,
      });
      expect({ ok: report.ok, fault: report.fault?.kind, picture: report.picture }).toEqual({
        ok: false,
        fault: 'not-video',
        picture: undefined,
      });
    }
    expect(asked).toBe(0);
  } finally {
    camera.stop(true);
    elsewhere.stop(true);
  }
}, 60_000);
