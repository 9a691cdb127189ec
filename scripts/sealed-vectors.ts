// Writes docs/reference/sealed-vectors/vectors.json: small sealed files, keyrings and recovery keys with what each must open to, all
// from fixed randomness. A test compares the result with what is checked in.
//
//   bun scripts/sealed-vectors.ts

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { hex, join, utf8 } from '../src/vault/bytes.ts';
import { sha256Now } from '../src/vault/cipher.ts';
import { SealError } from '../src/vault/fault.ts';
import {
  boxId,
  device,
  fixedRandom,
  sampleHeader,
  samplePieces,
  sealSample,
  summary,
  vaultKeys,
  vaultPair,
} from '../src/vault/fixture-file.ts';
import { keyIdHex, newKeyPair, sealFor } from '../src/vault/key-pair.ts';
import { type Gap, type Keys, openSealed } from '../src/vault/open.ts';
import { passphraseBytes } from '../src/vault/passphrase.ts';
import { addPerson, claimVault, rotate, unlock, unlockWithRecovery } from '../src/vault/people.ts';
import { DeviceChain, readRemovalNote, writeRemovalNote } from '../src/vault/record.ts';
import { recoveryPair, recoveryText, recoveryWords } from '../src/vault/recovery.ts';
import { beginSealed, sealPicture } from '../src/vault/seal.ts';
import { recoveredFacts, surveySealed } from '../src/vault/survey.ts';
import { type FileVerdict, verifyChains, verifyFile } from '../src/vault/verify.ts';
import { sourceOf } from '../src/vault/walk.ts';

export const vectorsPath = resolve(import.meta.dir, '../docs/reference/sealed-vectors/vectors.json');

/** What a reader must find in a file. */
export async function readingOf(bytes: Uint8Array, keys: Keys): Promise<object> {
  try {
    const reader = await openSealed(sourceOf(bytes), keys);
    const chunks: object[] = [];
    const gaps: Omit<Gap, 'kind'>[] = [];
    for await (const piece of reader.pieces()) {
      if (piece.kind === 'gap') {
        const { kind: _, ...gap } = piece;
        gaps.push(gap);
      } else {
        const { number, kind, key, moved, fromMs, toMs } = piece.entry;
        const entry = { number, kind, key, moved: moved ?? null, fromMs, toMs };
        chunks.push({ ...entry, bytes: piece.bytes.length, sha256: hex(sha256Now(piece.bytes)) });
      }
    }
    const { how, ...told } = reader.ending as { readonly how: string };
    return { header: reader.header, chunks, gaps, ending: how, ...told };
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return { fault: error.fault };
  }
}

async function sampleFiles(): Promise<readonly (readonly [string, Uint8Array])[]> {
  const random = (name: string) => fixedRandom(`vector ${name}`);
  const chain = new DeviceChain(device);
  const first = await sealSample({ chain, random: random('whole') });
  const second = await sealSample({
    chain,
    random: random('second'),
    header: { fileId: 'seg2', startMs: 1_700_000_002_000 },
  });
  const third = await sealSample({
    chain,
    random: random('third'),
    header: { fileId: 'seg3', bootId: 'boot2', wallSynchronised: null },
  });
  const { bytes, cuts } = first;
  const picture = fixedRandom('vector picture')(500);
  const still = sampleHeader({ kind: 'still', fileId: 'still1', mimeType: 'image/jpeg' });
  const sign = (facts: Parameters<DeviceChain['sign']>[0]) => chain.sign(facts);
  const options = { publicKeys: [vaultPair.publicKey], random: random('still'), sign };
  const changed = (place: number, bit: number) => bytes.with(place, bytes[place]! ^ bit);
  const torn = bytes.subarray(0, cuts[4]! + 30);
  const survey = await surveySealed(sourceOf(torn));
  const recovered = new DeviceChain(device).sign(recoveredFacts(survey)!);

  const stranger = newKeyPair(fixedRandom('vector stranger'));
  const sealTo = async (name: string, publicKeys: readonly Uint8Array[], box = boxId) => {
    const writer = await beginSealed(sampleHeader({ boxId: box }), { publicKeys, random: random(name) });
    return join(writer.head, (await writer.finish({ summary })).bytes);
  };
  const lossy = await beginSealed(sampleHeader(), { publicKeys: [vaultPair.publicKey], random: random('lost') });
  const [init, ...media] = samplePieces(3);
  const kept = [
    lossy.head,
    await lossy.push(init!.plain, init!.info),
    await lossy.push(media[0]!.plain, media[0]!.info),
  ];
  const length = lossy.bytes;
  await lossy.push(media[1]!.plain, media[1]!.info);
  lossy.cutTo(length);
  const lost = join(...kept, (await lossy.finish({ summary })).bytes);
  return [
    ['whole', bytes],
    ['second of the chain', second.bytes],
    ['third of the chain, after a restart', third.bytes],
    ['without record', bytes.subarray(0, cuts.at(-1)!)],
    ['picture', (await sealPicture(still, picture, options)).bytes],
    ['two recipients', await sealTo('two', [stranger.publicKey, vaultPair.publicKey])],
    ['torn in the middle of a chunk', torn],
    ['torn between two chunks', bytes.subarray(0, cuts[3]!)],
    ['torn and recovered', join(torn.subarray(0, survey.wholeBytes), recovered.bytes)],
    ['a chunk damaged', changed(cuts[2]! + 40, 1)],
    ['the length of a chunk damaged', changed(cuts[2]! + 13, 0x40)],
    ['a chunk damaged in a torn file', changed(cuts[1]! + 13, 0x40).subarray(0, cuts[4]!)],
    ['a chunk taken out', join(bytes.subarray(0, cuts[2]!), bytes.subarray(cuts[3]!))],
    ['a chunk doubled', join(bytes.subarray(0, cuts[2]!), bytes.subarray(cuts[1]!))],
    [
      'a chunk of another file',
      join(
        bytes.subarray(0, cuts[2]!),
        second.bytes.subarray(second.cuts[2]!, second.cuts[3]!),
        bytes.subarray(cuts[3]!),
      ),
    ],
    ['a chunk lost to a full disk', lost],
    ['the end damaged', changed(cuts[5]! - 0 + 50, 2)],
    ['header damaged', changed(40, 1)],
    ['cut in the header', bytes.subarray(0, 200)],
    ['newer version', changed(9, 3)],
    ['another key of this box', await sealTo('other key', [stranger.publicKey])],
    ['another box', await sealTo('other box', [stranger.publicKey], '0011223344556677')],
    ['not sealed', utf8('\u0000\u0000\u0000\u0018ftypmp42 a film like any other')],
    ['empty', new Uint8Array()],
  ];
}

export async function makeVectors(): Promise<object> {
  const files: object[] = [];
  const verdicts = new Map<string, FileVerdict>();
  for (const [name, bytes] of await sampleFiles()) {
    const verdict = await verifyFile(name, sourceOf(bytes), device.publicKey);
    verdicts.set(name, verdict);
    const verify = { findings: [...verdict.findings].sort(), link: verdict.link ?? null };
    files.push({
      name,
      base64: Buffer.from(bytes).toString('base64'),
      expect: await readingOf(bytes, vaultKeys),
      verify,
    });
  }
  const chainFiles = ['whole', 'third of the chain, after a restart'];
  const noteBytes = writeRemovalNote(
    { cameraId: 'cam1', stream: 'main', from: 2, to: 2, why: 'space', atMs: 1_700_000_100_000 },
    device,
  );
  const note = readRemovalNote(noteBytes, device.publicKey);
  const chained = chainFiles.map((name) => verdicts.get(name)!);

  const cheap = { n: 16_384, r: 8, p: 1 };
  const random = fixedRandom('vector people');
  const owner = { id: 'ann', passphrase: 'three old owls' };
  const claimed = await claimVault(owner, device.publicKey, 1_700_000_000_000, random, cheap);
  const ann = await unlock(claimed.keyring, 'ann', owner.passphrase);
  const ben = { id: 'ben', role: 'viewer', passphrase: 'Zo\u00eb  sees\u00a0owls ' } as const;
  const added = await addPerson(claimed.keyring, ann, ben, false, random, cheap);
  const keyring = rotate(added.keyring, ann, 1_700_000_200_000, random);
  const people = [];
  for (const { id, passphrase } of [owner, ben]) {
    const unlocked = await unlock(keyring, id, passphrase);
    const secrets = Object.fromEntries([...unlocked.secrets].map(([key, secret]) => [key, hex(secret)]));
    people.push({ id, passphrase, signIn: hex(unlocked.signIn), secrets });
  }
  const byRecovery = unlockWithRecovery(keyring, claimed.recoveryKey);
  const message = utf8('a sealed box');
  const recovery = [claimed.recoveryKey, new Uint8Array(16), new Uint8Array(16).fill(255)].map((key) => ({
    key: hex(key),
    words: recoveryWords(key).join(' '),
    text: recoveryText(key),
    publicKey: hex(recoveryPair(key).publicKey),
  }));
  const printed = recoveryWords(claimed.recoveryKey);
  return {
    about: 'Test vectors of docs/reference/sealed-format.md. Every key here is public: never use one.',
    vault: {
      secretKey: hex(vaultPair.secretKey),
      publicKey: hex(vaultPair.publicKey),
      keyId: keyIdHex(vaultPair.publicKey),
    },
    device: { publicKey: hex(device.publicKey), boxId },
    sealedBox: { message: hex(message), sealed: hex(sealFor(vaultPair.publicKey, message, fixedRandom('vector box'))) },
    files,
    chain: {
      files: chainFiles,
      note: hex(noteBytes),
      without: verifyChains(chained)[0]!.findings,
      with: verifyChains(chained, [note])[0]!.findings,
    },
    passphrases: ['three old owls', ' Zoe\u0308\t\u3000owl ', '\uff3a\u00b2 \u2003 owl', '\u200bZoe owl'].map(
      (typed) => ({
        typed,
        bytes: hex(passphraseBytes(typed)),
      }),
    ),
    keyring,
    people,
    recoverySecrets: Object.fromEntries([...byRecovery.secrets].map(([key, secret]) => [key, hex(secret)])),
    recovery,
    recoveryTyped: [
      {
        typed: printed.map((word, i) => `${i + 1}. ${word.slice(0, 4).toUpperCase()}`).join('\n'),
        key: hex(claimed.recoveryKey),
      },
      {
        typed: recoveryText(claimed.recoveryKey)
          .toLowerCase()
          .replace(/(.{5})/g, '$1 '),
        key: hex(claimed.recoveryKey),
      },
      { typed: printed.with(3, printed[3] === 'zinc' ? 'zero' : 'zinc').join(' '), key: null },
      { typed: printed.with(3, printed[4]!).with(4, printed[3]!).join(' '), key: null },
      { typed: printed.slice(1).join(' '), key: null },
    ],
  };
}

export const vectorsText = async (): Promise<string> => `${JSON.stringify(await makeVectors(), null, 1)}\n`;

if (import.meta.main) writeFileSync(vectorsPath, await vectorsText());
