import { expect, test } from 'bun:test';
import { hex } from './bytes.ts';
import { device, fixedRandom, sealSample, vaultKeys, vaultPair } from './fixture-file.ts';
import { useNativeCurves } from './fixture-native.ts';
import { keyPairOf } from './key-pair.ts';
import { openSealed } from './open.ts';
import { verifyFile } from './verify.ts';
import { sourceOf } from './walk.ts';

test('the system’s curves give the same files and pairs as tweetnacl, open them, and see what is changed', async () => {
  const make = async () => hex((await sealSample({ random: fixedRandom('curves') })).bytes);
  const slow = await make();
  useNativeCurves();
  expect(await make()).toBe(slow);
  expect(keyPairOf(vaultPair.secretKey)).toEqual(vaultPair);
  const { bytes } = await sealSample();
  expect((await openSealed(sourceOf(bytes), vaultKeys)).ending.how).toBe('finished');
  expect((await verifyFile('f', sourceOf(bytes), device.publicKey)).findings).toEqual([]);
  const changed = bytes.slice();
  changed[bytes.length - 20]! ^= 1;
  expect((await verifyFile('f', sourceOf(changed), device.publicKey)).findings).toEqual(['changed']);
});
