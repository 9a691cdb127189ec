// The same vault code in a real browser, on a page that has `crypto.subtle` and on one that has not, as on a plain http address.

import { expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { vectorsPath } from '../scripts/sealed-vectors.ts';
import { sampleHeader } from '../src/vault/fixture-file.ts';
import type { VaultPage } from './fixtures/vault-in-page.ts';
import { openBrowser } from './support/browser.ts';

setDefaultTimeout(60_000);

interface Vectors {
  readonly vault: { readonly secretKey: string };
  readonly files: readonly { readonly name: string; readonly base64: string }[];
  readonly keyring: unknown;
  readonly people: readonly { readonly id: string; readonly passphrase: string }[];
  readonly recovery: readonly { readonly words: string }[];
}
const vectors = JSON.parse(readFileSync(vectorsPath, 'utf8')) as Vectors;

async function bundle(): Promise<string> {
  const built = await Bun.build({
    entrypoints: [resolve(import.meta.dir, 'fixtures/vault-in-page.ts')],
    target: 'browser',
    minify: true,
  });
  expect(built.success).toBe(true);
  return await built.outputs[0]!.text();
}

test('files open and people unlock in a browser, with WebCrypto and without', async () => {
  const script = await bundle();
  expect(script).not.toMatch(/\bBun\.|require\(["']node:|from["']node:/);
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => new Response('<!doctype html><title>vault</title>', { headers: { 'content-type': 'text/html' } }),
  });
  const browser = await openBrowser();
  try {
    for (const withSubtle of [true, false]) {
      const page = await browser.newPage();
      if (!withSubtle) {
        await page.addInitScript(() => Object.defineProperty(crypto, 'subtle', { value: undefined }));
      }
      await page.goto(server.url.href);
      await page.addScriptTag({ content: script });
      const file = vectors.files.find((each) => each.name === 'a chunk damaged')!;
      const found = await page.evaluate(
        async ([base64, secretKey, header, keyring, person, words]) => {
          const { vault } = globalThis as unknown as { vault: VaultPage };
          return {
            subtle: vault.hasSubtle(),
            chunks: await vault.openVector(base64, secretKey),
            own: await vault.sealAndOpen(header, secretKey),
            secrets: await vault.unlock(keyring, person.id, person.passphrase, words),
          };
        },
        [
          file.base64,
          vectors.vault.secretKey,
          sampleHeader(),
          vectors.keyring,
          vectors.people[1]!,
          vectors.recovery[0]!.words,
        ] as const,
      );
      expect(found).toEqual({ subtle: withSubtle, chunks: [0, 1, 3, 4], own: [0], secrets: [2, 2] });
      await page.close();
    }
  } finally {
    await browser.close();
    await server.stop(true);
  }
});
