// Bundles the front end into web/dist: one script, the worker that holds the keys, one style sheet, the page and its icons.
// Minified, without source maps; the same sources give the same bytes. What serves them is `src/http`.

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
  const worker = await bundle('vault/worker.ts', {});
  const workerScript = await worker.outputs[0]!.text();
  // the page names the worker it was built with: another version would speak another language
  const built = await bundle('main.tsx', {
    'process.env.NIGHTJAR_VAULT_WORKER': `"/vault-worker.js?v=${versionOf(new TextEncoder().encode(workerScript))}"`,
  });
  rmSync(outputFolder, { recursive: true, force: true });
  mkdirSync(outputFolder, { recursive: true });
  for (const output of built.outputs) {
    const name = output.path.endsWith('.css') ? 'app.css' : 'app.js';
    await Bun.write(join(outputFolder, name), await output.text());
  }
  await Bun.write(join(outputFolder, 'vault-worker.js'), workerScript);
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

const bundle = (entry: string, define: Readonly<Record<string, string>>) =>
  Bun.build({
    entrypoints: [join(root, entry)],
    target: 'browser',
    format: 'esm',
    minify: true,
    sourcemap: 'none',
    define: { 'process.env.NODE_ENV': '"production"', ...define },
    throw: true,
  });

const versionOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url').slice(0, 12);

/** `/app.js` becomes `/app.js?v=…`, the beginning of its ETag (see `src/http/assets.ts`): browsers need not ask for it again. */
async function nameContents(page: string, folder: string): Promise<void> {
  let html = await Bun.file(page).text();
  for (const name of ['app.js', 'app.css']) {
    html = html.replace(`"/${name}"`, `"/${name}?v=${versionOf(await Bun.file(join(folder, name)).bytes())}"`);
  }
  await Bun.write(page, html);
}

if (import.meta.main) {
  for (const { name, bytes, gzipBytes } of await buildWeb()) {
    console.log(`web/dist/${name}  ${(bytes / 1024).toFixed(1)} KiB  (${(gzipBytes / 1024).toFixed(1)} KiB gzip)`);
  }
}
