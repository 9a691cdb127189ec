// The only file that knows where the built page is: the build embeds these files in the executable, and running from
// source reads them from `web/dist` (built by `scripts/build-web.ts`).

import { readFileSync } from 'node:fs';
import styles from '../../web/dist/app.css' with { type: 'file' };
import script from '../../web/dist/app.js' with { type: 'file' };
import icon from '../../web/dist/icon.svg' with { type: 'file' };
import icon180 from '../../web/dist/icon-180.png' with { type: 'file' };
import icon192 from '../../web/dist/icon-192.png' with { type: 'file' };
import icon512 from '../../web/dist/icon-512.png' with { type: 'file' };
import page from '../../web/dist/index.html' with { type: 'file' };
import manifest from '../../web/dist/manifest.webmanifest' with { type: 'file' };
import vaultWorker from '../../web/dist/vault-worker.js' with { type: 'file' };
import type { Assets } from './assets.ts';

const files: readonly (readonly [path: string, file: string, type: string])[] = [
  ['/index.html', page, 'text/html; charset=utf-8'],
  ['/app.js', script, 'text/javascript; charset=utf-8'],
  ['/vault-worker.js', vaultWorker, 'text/javascript; charset=utf-8'],
  ['/app.css', styles, 'text/css; charset=utf-8'],
  ['/icon.svg', icon, 'image/svg+xml'],
  ['/icon-180.png', icon180, 'image/png'],
  ['/icon-192.png', icon192, 'image/png'],
  ['/icon-512.png', icon512, 'image/png'],
  ['/manifest.webmanifest', manifest, 'application/manifest+json'],
];

/** Their names do not change with their content, so browsers ask each time and are answered 304. */
export function loadAssets(): Assets {
  return new Map(files.map(([path, file, type]) => [path, { bytes: readFileSync(file), type, immutable: false }]));
}
