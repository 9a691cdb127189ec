// Bundles the front end into web/dist: one script, one style sheet, the page and its icons. Minified, without source
// maps; the same sources give the same bytes. What serves them is `src/http`.

import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dir, '..', 'web');

export interface BuiltFile {
  readonly name: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** Builds into `outputFolder` (emptied first). Throws when anything does not compile. */
export async function buildWeb(outputFolder = join(root, 'dist')): Promise<readonly BuiltFile[]> {
  const built = await Bun.build({
    entrypoints: [join(root, 'main.tsx')],
    target: 'browser',
    format: 'esm',
    minify: true,
    sourcemap: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
    throw: true,
  });
  rmSync(outputFolder, { recursive: true, force: true });
  mkdirSync(outputFolder, { recursive: true });
  for (const output of built.outputs) {
    const name = output.path.endsWith('.css') ? 'app.css' : 'app.js';
    await Bun.write(join(outputFolder, name), await output.text());
  }
  cpSync(join(root, 'static'), outputFolder, { recursive: true });
  await nameContents(join(outputFolder, 'index.html'), outputFolder);
  return Promise.all(
    readdirSync(outputFolder)
      .sort()
      .map(async (name) => {
        const bytes = await Bun.file(join(outputFolder, name)).bytes();
        return { name, bytes: bytes.length, gzipBytes: Bun.gzipSync(bytes).length };
      }),
  );
}

/** `/app.js` becomes `/app.js?v=…`, the beginning of its ETag (see `src/http/assets.ts`): browsers need not ask for it again. */
async function nameContents(page: string, folder: string): Promise<void> {
  let html = await Bun.file(page).text();
  for (const name of ['app.js', 'app.css']) {
    const hash = createHash('sha256').update(await Bun.file(join(folder, name)).bytes());
    html = html.replace(`"/${name}"`, `"/${name}?v=${hash.digest('base64url').slice(0, 12)}"`);
  }
  await Bun.write(page, html);
}

if (import.meta.main) {
  for (const { name, bytes, gzipBytes } of await buildWeb()) {
    console.log(`web/dist/${name}  ${(bytes / 1024).toFixed(1)} KiB  (${(gzipBytes / 1024).toFixed(1)} KiB gzip)`);
  }
}
