// Checks the evidence of a clip: each file against the box's signature, the row of files for one that is missing, and the clip itself against
// what the files contain, byte for byte.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hex, sameBytes, unhex } from '../vault/bytes.ts';
import { keyIdHex } from '../vault/key-pair.ts';
import { readHeadOf, readRecordOf } from '../vault/walk.ts';
import { version } from '../version.ts';
import { checkClip } from './clip-check.ts';
import { isFault, type Loss, lossWords } from './clip-words.ts';
import type { Terminal } from './command.ts';
import { type Evidence, neighboursOf, readEvidence, remakeClip, sha256Of } from './evidence.ts';
import { showMoment, showSpan, zoneName } from './moment.ts';
import { progressOn } from './progress.ts';
import { diskSource, pathsIn, removalNotes } from './sealed-folder.ts';

interface ClipAnswer {
  readonly name: string;
  /** absent: the clip does not lie beside the evidence, or in it. */
  readonly is: 'the same' | 'another' | 'absent';
}

/** Resolves with the exit code. */
export async function verifyEvidence(
  folder: string,
  { deviceKey: given, isJson }: { readonly deviceKey: Uint8Array | undefined; readonly isJson: boolean },
  io: Terminal,
): Promise<number> {
  const evidence = readEvidence(folder);
  const deviceKey = given ?? unhex(evidence.deviceKey, 32)!;
  const isItsBox = sameBytes(deviceKey, unhex(evidence.deviceKey, 32)!);
  const progress = progressOn(io);
  const there = evidence.files.filter(({ file }) => existsSync(join(folder, file)));
  const gone = evidence.files.filter((file) => !there.includes(file)).map(({ file }) => file);
  const sources = there.map(({ file, startMs }) => ({ name: file, startMs, source: diskSource(join(folder, file)) }));
  const { notes } = removalNotes(folder, pathsIn(folder).notes, deviceKey);
  const checked = await checkClip(sources, neighboursOf(evidence), notes, deviceKey, (done) =>
    progress.show(`checking … ${done} of ${sources.length}`),
  );
  const remade = await remakeClip(folder, evidence, (done) => progress.show(`opening … ${done} of ${there.length}`));
  const hashes: string[] = [];
  for (const part of remade.parts) hashes.push(await sha256Of(part.read()));
  remade.forget();
  const clips: ClipAnswer[] = [];
  for (const [i, { name }] of evidence.clips.entries()) clips.push(await compare(folder, name, hashes[i]));
  progress.done();

  const absences = checked.filter(
    (loss) => loss.kind !== 'absent' || (loss.fromMs < evidence.toMs && loss.toMs > evidence.fromMs),
  );
  const losses: readonly Loss[] = [...remade.losses, ...absences];
  const isRemade =
    evidence.clips.length === hashes.length && evidence.clips.every((clip, i) => clip.sha256 === hashes[i]);
  const claims = await judgeClaims(folder, evidence);
  const isTrue =
    isItsBox &&
    isRemade &&
    gone.length === 0 &&
    !losses.some(isFault) &&
    claims.foreign.length === 0 &&
    claims.isInOrder &&
    clips.length > 0 &&
    clips.every(({ is }) => is === 'the same');
  const report = {
    isTrue,
    box: { id: keyIdHex(deviceKey), deviceKey: hex(deviceKey) },
    isItsBox,
    isRemade,
    clips,
    gone,
  };
  const neighbours = neighboursOf(evidence).filter(({ record }) => record.isTrue());
  const next = {
    // the first that the box ever counted has none before it
    isBeforeKnown: claims.first === 1 || neighbours.some(({ record }) => record.record.sequence < claims.first),
    isAfterKnown: neighbours.some(({ record }) => record.record.sequence > claims.last),
  };
  const facts: Facts = { ...report, ...claims, ...next, losses, files: there.length };
  io.out(
    isJson
      ? JSON.stringify({ ...report, ...claims, losses: lossWords(losses) })
      : words(evidence, facts, given !== undefined),
  );
  return isTrue ? 0 : 1;
}

/** The clip may lie in the evidence, or beside it. */
async function compare(folder: string, name: string, hash: string | undefined): Promise<ClipAnswer> {
  const plain = name.split(/[\\/]/).at(-1) ?? '';
  const path = [join(folder, plain), join(dirname(folder), plain)].find((one) => plain !== '' && existsSync(one));
  if (!path) return { name: plain, is: 'absent' };
  return { name: plain, is: (await sha256Of(Bun.file(path).stream())) === hash ? 'the same' : 'another' };
}

/** Clocks that are synchronised are still moved by as much. */
const SAME_MS = 2000;

interface Claims {
  /** Where the date is not what the box wrote into the file, it is only as good as whoever exported. */
  readonly redated: readonly string[];
  /** Files of another camera or stream than is claimed. */
  readonly foreign: readonly string[];
  /** In the order in which the box has counted them. */
  readonly isInOrder: boolean;
  /** Sequences of the first and the last of them. */
  readonly first: number;
  readonly last: number;
}

/** What `evidence.json` says of the files against what they say themselves. */
async function judgeClaims(folder: string, { files, cameraId, stream }: Evidence): Promise<Claims> {
  const [redated, foreign]: [string[], string[]] = [[], []];
  let isInOrder = true;
  let [first, last] = [Number.MAX_SAFE_INTEGER, 0];
  for (const { file, startMs } of files) {
    if (!existsSync(join(folder, file))) continue;
    const source = diskSource(join(folder, file));
    const head = await readHeadOf(source).catch(() => undefined);
    const sequence = (await readRecordOf(source))?.record.sequence;
    if (sequence !== undefined) {
      isInOrder &&= sequence > last;
      [first, last] = [Math.min(first, sequence), Math.max(last, sequence)];
    }
    if (!head) continue;
    const isMoved = Math.abs(head.header.startMs - startMs) >= SAME_MS;
    if (isMoved || head.header.wallSynchronised === false) redated.push(file);
    if (head.header.cameraId !== cameraId || head.header.stream !== stream) foreign.push(file);
  }
  return { redated, foreign, isInOrder, first, last };
}

interface Facts extends Claims {
  readonly isTrue: boolean;
  readonly isItsBox: boolean;
  readonly isRemade: boolean;
  readonly box: { readonly id: string; readonly deviceKey: string };
  readonly clips: readonly ClipAnswer[];
  readonly gone: readonly string[];
  readonly losses: readonly Loss[];
  readonly files: number;
  /** Whether the box's word about the file before, and after, is here. */
  readonly isBeforeKnown: boolean;
  readonly isAfterKnown: boolean;
}

function words(evidence: Evidence, facts: Facts, isGiven: boolean): string {
  const { cameraId, fromMs, toMs } = evidence;
  const lines = [`Evidence of ${cameraId}, ${showSpan(fromMs, toMs)} (${zoneName()}), ${facts.files} files`];
  for (const { name, is } of facts.clips) {
    if (is === 'the same') lines.push(`  ${name} holds what these files hold, byte for byte, and nothing else`);
    if (is === 'another') lines.push(`! ${name} is not what these files hold`);
    if (is === 'absent') lines.push(`! ${name} is not here; put it beside the evidence to compare`);
  }
  if (!facts.isItsBox) lines.push('! this evidence names another box than the key that was given');
  if (!facts.isRemade) {
    const madeBy =
      evidence.madeBy === `nightjar ${version}` ? '' : ` (it was made by ${evidence.madeBy}; try with that)`;
    lines.push(`! the clip that these files give is not the one that was exported${madeBy}`);
  }
  lines.push(...facts.gone.map((name) => `! ${name} is missing from the evidence`));
  lines.push(...facts.foreign.map((name) => `! ${name} is not of ${cameraId}`));
  if (!facts.isInOrder) lines.push('! the files are not in the order in which the box recorded them');
  lines.push(...lossWords(facts.losses).map((said) => `${said.isFault ? '!' : ' '} ${said.words}`));
  if (!facts.losses.some(isFault) && facts.gone.length === 0) {
    lines.push('  each file is as the box signed it, and none between them is missing without its word');
  }
  if (!facts.isBeforeKnown)
    lines.push('  whether something was recorded just before the first file does not show here');
  if (!facts.isAfterKnown) lines.push('  whether something was recorded just after the last file does not show here');
  for (const file of evidence.files.filter(({ file: name }) => facts.redated.includes(name))) {
    lines.push(
      `  ${file.file}: ${showMoment(file.startMs)} is what the exporter says; the box had another time when it recorded it, or none`,
    );
  }
  lines.push('');
  lines.push(facts.isTrue ? 'All of it is true.' : 'Not all of it is true: see the lines that begin with “!”.');
  lines.push(
    `Signed by box ${facts.box.id}, key ${facts.box.deviceKey}${isGiven ? '' : '. Compare that key with what you have from its owner'}.`,
  );
  return lines.join('\n');
}
