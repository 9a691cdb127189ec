// The second reader, written in Python from docs/reference/sealed-format.md alone, against the published vectors and against
// files that are sealed anew each time.

import { expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath, resolve } from 'node:path';
import { readingOf } from '../scripts/sealed-vectors.ts';
import { hex, join } from '../src/vault/bytes.ts';
import { boxId, device, sampleHeader, summary } from '../src/vault/fixture-file.ts';
import { keyIdHex, newKeyPair } from '../src/vault/key-pair.ts';
import { DeviceChain } from '../src/vault/record.ts';
import { beginSealed } from '../src/vault/seal.ts';
import { verifyFile } from '../src/vault/verify.ts';
import { sourceOf } from '../src/vault/walk.ts';

setDefaultTimeout(60_000);

async function python(...args: readonly string[]): Promise<{ readonly out: string; readonly code: number }> {
  const child = Bun.spawn(['/usr/bin/python3', resolve(import.meta.dir, 'sealed_reader.py'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const out = await new Response(child.stdout).text();
  return { out, code: await child.exited };
}

test('the second reader agrees with every published vector', async () => {
  const { out, code } = await python('vectors', resolve(import.meta.dir, '../docs/reference/sealed-vectors'));
  expect(out).toMatch(/^\d+ checked, 0 wrong\n$/);
  expect(code).toBe(0);
});

test('the second reader opens and verifies what was just sealed, whole, cut and damaged', async () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'sealed-'));
  try {
    const pair = newKeyPair();
    const writer = await beginSealed(sampleHeader(), { publicKeys: [pair.publicKey] });
    const parts = [writer.head];
    const sizes = [700, 1, 65_536, 300_000, 0, 12_345];
    for (const [i, size] of sizes.entries()) {
      const plain = Uint8Array.from({ length: size }, () => Math.random() * 256);
      const kind = i === 0 ? 'init' : 'media';
      parts.push(
        await writer.push(plain, { kind, fromMs: i * 500, toMs: i * 500 + 500, key: i % 3 === 1, moved: i * 7 }),
      );
    }
    const chain = new DeviceChain(device);
    const end = await writer.finish({ summary, secret: { word: 'Zoë' }, sign: (facts) => chain.sign(facts) });
    const whole = join(...parts, end.bytes);
    const damaged = whole.slice();
    damaged[whole.length >> 1]! ^= 4;
    const keys = {
      kind: 'vault',
      boxId,
      pair: (id: string) => (id === keyIdHex(pair.publicKey) ? pair : undefined),
    } as const;
    const path = joinPath(folder, 'file.nj');
    for (const bytes of [whole, whole.subarray(0, whole.length - 20_000), damaged, whole.subarray(0, 90)]) {
      writeFileSync(path, bytes);
      const opened = await python('open', path, hex(pair.secretKey), boxId);
      expect(JSON.parse(opened.out)).toEqual(JSON.parse(JSON.stringify(await readingOf(bytes, keys))));
      const verified = await python('verify', path, hex(device.publicKey));
      const { findings, link } = await verifyFile('f', sourceOf(bytes), device.publicKey);
      expect(JSON.parse(verified.out)).toEqual({ findings: [...findings].sort(), link: link ?? null });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
