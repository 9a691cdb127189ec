// nightjar.toml read and judged: what it presets, and every mistake with line and column. One bad section does not spoil the
// others. Pure. Messages never hold a value: the page shows them before anybody has signed in.

import { parse, TomlError } from 'smol-toml';
import { issuesOf } from '../../config/issues.ts';
import { type SectionName, sections } from '../../config/settings.ts';
import type { z } from '../../config/zod.ts';
import type { PresetProblem } from './outcome.ts';
import { wasTakenOut } from './redact.ts';
import {
  cameraDefaults,
  countrySetting,
  isCameraDefault,
  isNetworkPart,
  isPublic,
  isSectionName,
  type NetworkPartName,
  type NetworkPreset,
  networkParts,
  presetCamera,
} from './schema.ts';
import { locate, type TomlEntry, type TomlPath, tomlEntries } from './toml-entries.ts';

export const MAX_PRESET_BYTES = 64 * 1024;
const MAX_PROBLEMS = 50;
const MAX_CAMERAS = 32;

type Table = Readonly<Record<string, unknown>>;

export interface PresetCamera {
  /** Where it stands in the file, from 0. */
  readonly index: number;
  readonly id: string;
  /** What is written about it, defaults of the file laid under. */
  readonly given: Table;
}

/** A part of the network whose secret was taken out when the file was read before. */
export interface AsBefore {
  readonly name: NetworkPartName;
  /** All that is written about it but the secret; not judged. */
  readonly given: Table;
  readonly secretAt: TomlPath;
}

export interface PresetReading {
  /** Only what is written down. */
  readonly settings: Partial<Readonly<Record<SectionName, Table>>>;
  readonly cameras: readonly PresetCamera[];
  readonly network: NetworkPreset;
  readonly asBefore: readonly AsBefore[];
  readonly problems: readonly PresetProblem[];
  /** False when it is not TOML at all: then nothing is taken. */
  readonly isToml: boolean;
  /** False for nothing but comments. */
  readonly saysSomething: boolean;
  readonly problemAt: (path: TomlPath, message: string) => PresetProblem;
}

/** Never throws: whatever is wrong is in `problems`. */
export function readPreset(text: string): PresetReading {
  const problems: PresetProblem[] = [];
  let entries: readonly TomlEntry[] = [];
  const problemAt = (path: TomlPath, message: string): PresetProblem => ({
    ...locate(text, entries, path),
    path: shownPath(path),
    message,
  });
  const blame = (path: TomlPath, message: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(problemAt(path, message));
  };
  const result: {
    settings: PresetReading['settings'];
    network: NetworkPreset;
    cameras: PresetCamera[];
    asBefore: AsBefore[];
  } = { settings: {}, network: {}, cameras: [], asBefore: [] };
  const reading = (saysSomething: boolean, isToml: boolean): PresetReading => ({
    ...result,
    problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column),
    isToml,
    saysSomething,
    problemAt,
  });
  let file: Table;
  try {
    if (text.length > MAX_PRESET_BYTES) throw new Error('too large');
    file = parse(text, { maxDepth: 8, unsafeKeyBehaviour: 'throw' });
    entries = tomlEntries(text);
  } catch (error) {
    problems.push(
      error instanceof TomlError
        ? { line: error.line, column: error.column, path: '', message: tomlWords(error.message) }
        : { line: 1, column: 1, path: '', message: 'This file cannot be read. Begin again with the example file.' },
    );
    return reading(true, false);
  }
  const deep = entries.find((e) => e.path.length > 10);
  if (deep) {
    blame(deep.path, 'There is no such setting.');
    return reading(true, false);
  }
  const judge = <S extends z.ZodType>(schema: S, value: unknown, at: TomlPath): z.output<S> | undefined => {
    const judged = schema.safeParse(value);
    if (judged.success) return judged.data;
    for (const issue of judged.error.issues) {
      for (const { path, message } of issuesOf({ issues: [issue] } as unknown as z.core.$ZodError)) {
        const unknown = issue.code === 'unrecognized_keys';
        const inside = issue.path.map((key) => (typeof key === 'symbol' ? '' : key));
        const name = unknown ? [path.slice(issue.path.join('.').length).replace(/^\./, '')] : [];
        blame(
          [...at, ...inside, ...name],
          sentence(unknown ? 'there is no such setting' : issue.code === 'invalid_union' ? noSuchKind : message),
        );
      }
    }
    return undefined;
  };
  const table = (name: string, value: unknown): Table | undefined => {
    if (isTable(value)) return value;
    blame([name], `Write this as a section: a line [${name}], and the settings below it.`);
    return undefined;
  };

  const defaults: Record<string, Table> = {};
  for (const [name, value] of Object.entries(file)) {
    if (name === 'cameras') continue;
    if (isNetworkPart(name)) {
      const { given, takenOut } = withoutTakenOut(table(name, value), [name]);
      if (!given) continue;
      if (takenOut.length > 0) {
        result.asBefore.push({ name, given, secretAt: takenOut[0]! });
        continue;
      }
      const part = judge(networkParts[name], given, [name]);
      if (part) result.network = { ...result.network, [name]: part };
    } else if (isCameraDefault(name)) {
      const given = table(name, value);
      if (given && judge(cameraDefaults[name], given, [name])) defaults[name] = given;
    } else if (isSectionName(name)) {
      const { given: all } = withoutTakenOut(table(name, value), [name]);
      if (!all) continue;
      const { country, ...given } = all as { country?: unknown };
      const isBox = name === 'box';
      if (isBox && country !== undefined) {
        const code = judge(countrySetting, country, [name, 'country']);
        if (code) result.network = { ...result.network, country: code };
      }
      const judged = judge(sections[name] as z.ZodType<Table>, isBox ? given : all, [name]);
      if (judged) result.settings = { ...result.settings, [name]: pick(judged, Object.keys(isBox ? given : all)) };
    } else {
      blame([name], isTable(value) ? 'There is no such section.' : 'There is no such setting.');
    }
  }
  if (file.cameras !== undefined) readCameras(file.cameras);
  return reading(Object.keys(file).length > 0, true);

  function readCameras(value: unknown): void {
    if (!Array.isArray(value)) {
      blame(['cameras'], 'Write each camera as a section of its own: a line [[cameras]].');
      return;
    }
    if (value.length > MAX_CAMERAS) blame(['cameras', MAX_CAMERAS], 'There can be at most 32 cameras.');
    const ids = new Set<string>();
    for (const [index, one] of value.slice(0, MAX_CAMERAS).entries()) {
      const at = ['cameras', index];
      if (!isTable(one)) {
        blame(at, 'Write each camera as a section: a line [[cameras]].');
        continue;
      }
      const { given: written, takenOut } = withoutTakenOut(one, at);
      if (takenOut.some((path) => path.at(-1) !== 'password')) {
        const message = 'User name and password were taken out of this address when the file was read. Type it again.';
        blame(takenOut.find((path) => path.at(-1) !== 'password')!, message);
        continue;
      }
      const given: Record<string, unknown> = { ...written };
      for (const [part, under] of Object.entries(defaults)) {
        if (given[part] === undefined || isTable(given[part])) given[part] = { ...under, ...(given[part] as Table) };
      }
      const id = typeof given.id === 'string' ? given.id : freeId(given.name, ids);
      if (!judge(presetCamera, { ...given, id }, at)) continue;
      if (ids.has(id)) {
        blame([...at, 'id'], 'Another camera of this file has the same id.');
        continue;
      }
      ids.add(id);
      result.cameras.push({ index, id, given });
    }
  }
}

/** Unions are told apart by `kind`, and only sources are unions that can fail so. */
const noSuchKind = 'must be one of rtsp, mjpeg, usb, picamera, file and demo';

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const pick = (value: Table, keys: readonly string[]): Table =>
  Object.fromEntries(keys.filter((key) => Object.hasOwn(value, key)).map((key) => [key, value[key]]));

/** As the page makes it from a name; the same file gives the same ids again. */
function freeId(name: unknown, taken: ReadonlySet<string>): string {
  const base =
    String(typeof name === 'string' ? name : '')
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 34) || 'camera';
  // `new` is the address of the page that adds a camera.
  for (let n = base === 'new' ? 2 : 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!taken.has(id)) return id;
  }
}

/** The table without the secrets that were taken out when the file was read before, and where those stood. */
function withoutTakenOut(
  table: Table | undefined,
  at: TomlPath,
): { readonly given: Table | undefined; readonly takenOut: readonly TomlPath[] } {
  const takenOut: TomlPath[] = [];
  const strip = (node: Table, path: TomlPath): Table =>
    Object.fromEntries(
      Object.entries(node).flatMap(([key, value]) => {
        const here = [...path, key];
        if (isTable(value)) return [[key, strip(value, here)]];
        const gone =
          typeof value === 'string' && wasTakenOut(value) && (!isPublic(here) || /url$/i.test(key)) && isKnown(here);
        if (!gone) return [[key, value]];
        takenOut.push(here);
        return [];
      }),
    );
  return { given: table && strip(table, at), takenOut };
}

const isKnown = (path: TomlPath) => isPublic(path) || ['password', 'token'].includes(String(path.at(-1)));

const shownPath = (path: TomlPath): string =>
  path
    .map((key) => (typeof key === 'number' ? String(key + 1) : key.replace(/[^\w-]/g, '?').slice(0, 40)))
    .join('.')
    .slice(0, 120);

const sentence = (words: string): string =>
  `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.?]$/.test(words) ? '' : '.'}`;

/** What smol-toml says, for somebody who has never heard of TOML. Its own message quotes the line, which may hold a password. */
function tomlWords(message: string): string {
  const [first = ''] = message.split('\n');
  if (/redefine/.test(first)) return 'This is written twice. Leave one of them out.';
  if (/string|control character/.test(first))
    return 'A text on this line does not end: is a closing quotation mark missing?';
  if (/end-of-line/.test(first))
    return 'Nothing more may stand on this line. Is a quotation mark or a line break missing?';
  if (/escape/.test(first)) return 'A backslash in a text must be written twice.';
  if (/array|table|structure/.test(first)) return 'A bracket on this line is not closed.';
  return 'This line cannot be read. Write: name = "value", with quotation marks around texts.';
}
