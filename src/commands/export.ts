// `nightjar export`: film of one camera and time out of a folder of sealed files, as MP4, anywhere and offline: no box, no catalog, only the
// folder and the recovery key. Says what is not in it.

import { extname, join } from 'node:path';
import { NightjarError } from '../base/errors.ts';
import type { Jump } from '../playback/clip.ts';
import { hex } from '../vault/bytes.ts';
import { SealError } from '../vault/fault.ts';
import { surveySealed } from '../vault/survey.ts';
import { type CheckLoss, checkClip, type Neighbour } from './clip-check.ts';
import { camerasOf, chooseFiles, type Dated, dated, type Listed } from './clip-choice.ts';
import { type Loss, lengthWords, lossWords, sizeWords } from './clip-words.ts';
import { type Command, type Options, readOptions, type Terminal } from './command.ts';
import { mayWriteEvidence, sha256Of, writeEvidence } from './evidence.ts';
import { type KeysAtHand, keyringFrom, keyringsNear, unlockWith } from './keys-at-hand.ts';
import { type MadeClip, makeClip } from './make-clip.ts';
import { readMoment, showMoment, showSpan, zoneName } from './moment.ts';
import { progressOn } from './progress.ts';
import { recoveryKeyFrom } from './recovery-key-file.ts';
import { diskSource, listSealed, notedDates, pathsIn, removalNotes, type SealedFile } from './sealed-folder.ts';
import { mayWrite, writeWhole } from './whole-file.ts';

const usage = `usage: nightjar export --recovery-key-file FILE --from TIME --to TIME --camera ID [options] OUT.mp4

Opens what one camera recorded in a time, and writes it as one MP4. Works on any machine, without the box and without a
network: it needs the recordings folder, or a copy of it, and the recovery key.
  --recovery-key-file FILE  file with the fifteen words, or the text of the code; - reads what is typed
  --from TIME, --to TIME    such as "2026-11-21 18:04", in this machine's zone, or 2026-11-21T17:04:00Z; a day alone is all of it
  --camera ID               whose film; left out, the only camera there is
  --folder DIR              where the recordings are (default: the current folder)
  --data DIR                the same, for the data folder of a box
  --keyring FILE            the keyring, when it does not lie beside the recordings
  --stream main|sub         which of the camera's streams (default: main)
  --evidence                also write OUT.evidence: a folder with which others can check the clip (nightjar verify)
  --force                   replace OUT.mp4
Another picture size or codec begins another file: OUT-2.mp4, and so on; so does every six hours.
Exit code: 0 all that was recorded in that time is in it; 3 it is written, and something is missing, as is said; 1 nothing is
written; 2 wrong use.`;

export const exportFilm: Command = async (argv, io) => {
  const options = readOptions(argv, {
    'recovery-key-file': { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    camera: { type: 'string' },
    folder: { type: 'string' },
    data: { type: 'string' },
    keyring: { type: 'string' },
    stream: { type: 'string' },
    evidence: { type: 'boolean' },
    force: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (options.values.help) {
    io.out(usage);
    return 0;
  }
  const asked = readAsked(options);
  try {
    return await exportAsked(asked, io);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    // a damaged keyring or a wrong key is no wrong use
    io.err(`nightjar export: ${error.message}`);
    return 1;
  }
};

interface Asked {
  readonly folder: string;
  readonly out: string;
  readonly keyFile: string;
  readonly keyring?: string;
  readonly camera?: string;
  readonly stream: 'main' | 'sub';
  readonly fromMs: number;
  readonly toMs: number;
  readonly evidence: boolean;
  readonly mayReplace: boolean;
}

function readAsked({ values, positionals }: Options): Asked {
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const needed = (name: string): string => {
    const value = text(name);
    if (!value) throw new NightjarError('invalid', `--${name} is missing (see nightjar export --help)`);
    return value;
  };
  const [out, ...more] = positionals;
  const keyFile = needed('recovery-key-file');
  const [fromMs, toMs] = [readMoment(needed('from'), '--from'), readMoment(needed('to'), '--to')];
  if (!out || more.length > 0) throw new NightjarError('invalid', 'name one file to write, such as clip.mp4');
  if (toMs <= fromMs) throw new NightjarError('invalid', '--to must be later than --from');
  const stream = text('stream') ?? 'main';
  if (stream !== 'main' && stream !== 'sub') throw new NightjarError('invalid', '--stream must be main or sub');
  if (text('folder') && text('data')) throw new NightjarError('invalid', 'name --folder or --data, not both');
  const [camera, keyring] = [text('camera'), text('keyring')];
  return {
    ...{ folder: text('folder') ?? text('data') ?? '.', out, keyFile, stream, fromMs, toMs },
    ...(camera ? { camera } : {}),
    ...(keyring ? { keyring } : {}),
    ...{ evidence: values.evidence === true, mayReplace: values.force === true },
  };
}

type KnownFile = SealedFile & Listed;

async function exportAsked(asked: Asked, io: Terminal): Promise<number> {
  const { folder, out, mayReplace } = asked;
  mayWrite(out, mayReplace);
  const evidenceFolder = `${withoutExtension(out)}.evidence`;
  if (asked.evidence) mayWriteEvidence(evidenceFolder, mayReplace);
  const { keyring } = asked;
  const keyrings = keyring ? [{ path: keyring, keyring: keyringFrom(keyring) }] : keyringsNear(folder);
  const recoveryKey = await recoveryKeyFrom(asked.keyFile, io.err);
  const atHand = unlockWith(keyrings, recoveryKey);
  recoveryKey.fill(0);

  const progress = progressOn(io);
  const paths = pathsIn(folder);
  const { files: listed, refused } = await listSealed(folder, paths.sealed, (done) =>
    progress.show(`looking at the files … ${done} of ${paths.sealed.length}`),
  );
  const cameraId = cameraOf(asked.camera, camerasOf(listed), folder);
  const all = dated(await known(listed, { ...asked, cameraId }), notedDates(folder), listed);
  const wanted = { cameraId, stream: asked.stream, fromMs: asked.fromMs, toMs: asked.toMs };
  const { chosen, before, after } = chooseFiles(all, wanted);
  if (chosen.length === 0) {
    progress.done();
    throw new NightjarError('missing', nothingWords(all, wanted));
  }
  const sources = chosen.map(({ file, startMs }) => ({ name: file.name, startMs, source: diskSource(file.path) }));
  const clip = await makeClip(
    sources.map((source) => ({ ...source, keys: atHand.keys })),
    asked,
    (done) => progress.show(`opening … ${done} of ${sources.length}`),
  );
  try {
    if (clip.parts.length === 0) {
      progress.done();
      throw new NightjarError('unavailable', nothingOpens(clip));
    }
    const neighbours = [before, after].flatMap((one) => (one ? neighbourOf(one) : []));
    const notes = atHand.deviceKey ? removalNotes(folder, paths.notes, atHand.deviceKey).notes : [];
    const checked: readonly CheckLoss[] = atHand.deviceKey
      ? await checkClip(sources, neighbours, notes, atHand.deviceKey, (done) =>
          progress.show(`checking what the box signed … ${done} of ${sources.length}`),
        )
      : [];
    const names = clip.parts.map((_, i) => (i === 0 ? out : `${withoutExtension(out)}-${i + 1}${extname(out)}`));
    for (const name of names) mayWrite(name, mayReplace);
    for (const [i, part] of clip.parts.entries()) {
      await writeWhole(names[i]!, part.read(), {
        mayReplace,
        onBytes: (bytes) => progress.show(`writing ${names[i]} … ${Math.floor((bytes / part.bytes) * 100)} %`),
      });
    }
    const losses: readonly Loss[] = [...clip.losses, ...checked.filter((loss) => isInTime(loss, asked))];
    if (asked.evidence) {
      await writeEvidence(
        evidenceFolder,
        {
          facts: { ...wanted, deviceKey: deviceKeyFor(atHand), clips: await clipFacts(clip, names) },
          files: chosen.map(({ file, startMs, dating }) => ({ file, startMs, dating })),
          ...{ neighbours, notes: paths.notes, keys: atHand.keys },
        },
        mayReplace,
      );
    }
    progress.done();
    for (const { name, why } of refused) io.err(`${name}: ${why}`);
    io.out(reportWords(clip, names, losses, chosen, cameraId));
    if (asked.evidence) io.out(`Others can check it with: nightjar verify ${evidenceFolder}`);
    if (!atHand.deviceKey)
      io.out('The keyring was changed by somebody who holds no key: whether the box signed this was not checked.');
    return losses.length > 0 || !atHand.deviceKey ? 3 : 0;
  } finally {
    clip.forget();
  }
}

/** How long a file is: from what the box signed, else from looking through it. */
async function known(
  files: readonly SealedFile[],
  asked: Asked & { readonly cameraId: string },
): Promise<readonly KnownFile[]> {
  const found: KnownFile[] = [];
  for (const file of files) {
    const { header, record } = file;
    if (header.cameraId !== asked.cameraId || header.stream !== asked.stream || header.kind !== 'segment') continue;
    if (record) {
      found.push({ ...file, durationMs: record.record.durationMs, sequence: record.record.sequence });
      continue;
    }
    found.push({ ...file, durationMs: (await surveySealed(diskSource(file.path))).durationMs });
  }
  return found;
}

function cameraOf(camera: string | undefined, cameras: readonly string[], folder: string): string {
  if (cameras.length === 0) throw new NightjarError('missing', `there are no recordings in ${folder}`);
  if (camera === undefined && cameras.length === 1) return cameras[0]!;
  if (camera !== undefined && cameras.includes(camera)) return camera;
  const there = `Cameras with recordings here: ${cameras.join(', ')}.`;
  throw camera === undefined
    ? new NightjarError('invalid', `--camera is missing. ${there}`)
    : new NightjarError('missing', `there is no camera ${JSON.stringify(camera)} here. ${there}`);
}

const neighbourOf = ({ file, startMs }: Dated<KnownFile>): readonly Neighbour[] =>
  file.record ? [{ name: file.name, startMs, record: file.record }] : [];

/** A file that is missing between the clip and its neighbour may lie wholly outside the time. */
function isInTime(loss: CheckLoss, { fromMs, toMs }: Asked): boolean {
  return loss.kind !== 'absent' || (loss.fromMs < toMs && loss.toMs > fromMs);
}

function nothingWords(
  all: readonly Dated<KnownFile>[],
  { cameraId, fromMs, toMs }: { readonly cameraId: string; readonly fromMs: number; readonly toMs: number },
): string {
  const order = [...all].sort((a, b) => a.startMs - b.startMs);
  const before = order.findLast(({ startMs }) => startMs < fromMs);
  const after = order.find(({ startMs }) => startMs >= toMs);
  const near = [
    ...(before ? [`the last recording before it begins ${showMoment(before.startMs)}`] : []),
    ...(after ? [`the next one begins ${showMoment(after.startMs)}`] : []),
  ];
  return `${cameraId} has no recording here from ${showSpan(fromMs, toMs)} (${zoneName()})${near.length > 0 ? `; ${near.join(', ')}` : ''}`;
}

function nothingOpens({ losses }: MadeClip): string {
  const sentences = losses.flatMap((loss) => (loss.kind === 'closed' ? loss.sentence : []));
  const same = sentences.length > 0 && sentences.every((sentence) => sentence === sentences[0]);
  if (same) return sentences[0]!;
  return `nothing in that time can be shown:\n${lossWords(losses)
    .map(({ words }) => `  ${words}`)
    .join('\n')}`;
}

/** Evidence names the key that is to be compared; without one that the owner vouches for there is nothing to compare. */
function deviceKeyFor({ deviceKey }: KeysAtHand): string {
  if (!deviceKey) throw new SealError('changed-keyring', 'No evidence is written.');
  return hex(deviceKey);
}

async function clipFacts(clip: MadeClip, names: readonly string[]) {
  const facts: { name: string; bytes: number; sha256: string }[] = [];
  for (const [i, part] of clip.parts.entries()) {
    // made again rather than read back: if the two differ, the evidence would show it
    facts.push({ name: names[i]!.split('/').at(-1)!, bytes: part.bytes, sha256: await sha256Of(part.read()) });
  }
  return facts;
}

function reportWords(
  { parts, jumps, used }: MadeClip,
  names: readonly string[],
  losses: readonly Loss[],
  chosen: readonly Dated<KnownFile>[],
  cameraId: string,
): string {
  const lines = parts.map(
    ({ startMs, endMs, bytes, durationMs }, i) =>
      `${names[i]}: ${cameraId}, ${showSpan(startMs, endMs)} (${zoneName()}), ${lengthWords(durationMs)}, ${sizeWords(bytes)}`,
  );
  const unsure = chosen.filter(({ file, dating }) => dating !== 'known' && used.includes(file.name));
  if (unsure.some(({ dating }) => dating === 'guess')) {
    lines.push('The box did not know the time when it recorded some of this: those dates may be wrong.');
  } else if (unsure.length > 0) {
    lines.push('The box learned the time only later: some dates were worked out from that.');
  }
  const silent = jumps.filter((jump) => !losses.some((loss) => loss.kind === 'absent' && overlaps(loss, jump)));
  if (silent.length > 0) {
    lines.push('Nothing was recorded, and the clip goes on at once:');
    lines.push(...silent.map(({ fromMs, toMs }) => `  ${showSpan(fromMs, toMs)}`));
  }
  if (losses.length === 0) lines.push('Nothing is missing, and all of it is as the box signed it.');
  else
    lines.push(
      'Something is not in it, or not as the box left it:',
      ...lossWords(losses).map(({ words }) => `  ${words}`),
    );
  return lines.join('\n');
}

const overlaps = (a: Jump, b: Jump): boolean => a.fromMs < b.toMs && a.toMs > b.fromMs;

const withoutExtension = (path: string): string => join(path.slice(0, path.length - extname(path).length));
