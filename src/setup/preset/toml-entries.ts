// Where in a TOML text each key and value stands: for "line 7, column 12" and for taking values out in place. The grammar is
// smol-toml's business, which has read the text before; this only walks what is known to be good, and throws where it is not.

export type TomlPath = readonly (string | number)[];

export interface TomlEntry {
  /** Keys as written, and numbers (from 0) for the entries of lists. */
  readonly path: TomlPath;
  /** Offset of the key, of the header's first key, or of the value where it has no key. */
  readonly at: number;
  /** Offsets of the value as written, quotes included; undefined for a table's header. */
  readonly value?: { readonly from: number; readonly to: number };
  /** A text, number or the like: nothing stands inside it. */
  readonly isLeaf: boolean;
}

/** From 1, in characters. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

const MAX_DEPTH = 16;

export function placeOf(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

/** The place of the path, or of the nearest thing around it that is written down; the start of the text when nothing is. */
export function locate(text: string, entries: readonly TomlEntry[], path: TomlPath): TextPlace {
  for (let length = path.length; length > 0; length--) {
    const around = path.slice(0, length);
    const isIn = (e: TomlEntry) => around.every((key, i) => key === e.path[i]);
    const exact = entries.find((e) => e.path.length === length && isIn(e));
    if (exact) return placeOf(text, length === path.length ? (exact.value?.from ?? exact.at) : exact.at);
    // `[mail.x]` makes a table `mail` that has no line of its own.
    const inside = entries.find(isIn);
    if (inside) return placeOf(text, inside.at);
  }
  return { line: 1, column: 1 };
}

/** Every key, header and list entry, in the order of the text. Throws for a text that is not TOML. */
export function tomlEntries(text: string): readonly TomlEntry[] {
  const entries: TomlEntry[] = [];
  const lists = new Map<string, number>();
  // The mark of UTF-16, or of UTF-8 seen as bytes.
  let at = /^(?:\ufeff|\u00ef\u00bb\u00bf)?/.exec(text)![0].length;
  let table: TomlPath = [];

  const stop = (): never => {
    throw new Error(`not TOML at offset ${at}`);
  };
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const expect = (sign: string): void => {
    if (!text.startsWith(sign, at)) stop();
    at += sign.length;
  };
  const blank = () => match(/(?:[ \t\r\n]+|#[^\n]*)*/y);
  const spaces = () => match(/[ \t]*/y);

  const quoted = (): void => {
    const mark = text[at]!;
    const wide = mark.repeat(3);
    if (text.startsWith(wide, at)) {
      at += 3;
      match(mark === '"' ? /(?:[^"\\]|\\[\s\S]|"(?!""))*/y : /(?:[^']|'(?!''))*/y);
      expect(wide);
      // Up to two quotes more are the text's own.
      match(mark === '"' ? /"{0,2}/y : /'{0,2}/y);
    } else {
      at++;
      match(mark === '"' ? /(?:[^"\\\n]|\\.)*/y : /[^'\n]*/y);
      expect(mark);
    }
  };
  const key = (): string[] => {
    const parts: string[] = [];
    for (;;) {
      spaces();
      const from = at;
      if (text[at] === '"' || text[at] === "'") {
        quoted();
        parts.push(text.slice(from + 1, at - 1));
      } else parts.push(match(/[A-Za-z0-9_-]+/y) || stop());
      spaces();
      if (parts.length > MAX_DEPTH) stop();
      if (text[at] !== '.') return parts;
      at++;
    }
  };
  const note = (path: TomlPath, keyAt: number, from: number, isLeaf: boolean) =>
    entries.push({ path, at: keyAt, value: { from, to: at }, isLeaf });

  const list = (path: TomlPath, depth: number): void => {
    at++;
    for (let i = 0; ; i++) {
      blank();
      if (text[at] === ']') break;
      value([...path, i], at, depth + 1);
      blank();
      if (text[at] !== ',') break;
      at++;
    }
    expect(']');
  };
  const inlineTable = (path: TomlPath, depth: number): void => {
    at++;
    for (;;) {
      blank();
      if (text[at] === '}') break;
      pair(path, depth + 1);
      blank();
      if (text[at] !== ',') break;
      at++;
    }
    expect('}');
  };
  const value = (path: TomlPath, keyAt: number, depth: number): void => {
    if (depth > MAX_DEPTH) stop();
    const from = at;
    const sign = text[at];
    if (sign === '[') list(path, depth);
    else if (sign === '{') inlineTable(path, depth);
    else if (sign === '"' || sign === "'") quoted();
    else at = from + (match(/[^\n\r,\]}#]+/y).trimEnd().length || stop());
    note(path, keyAt, from, sign !== '[' && sign !== '{');
  };
  const pair = (path: TomlPath, depth: number): void => {
    const keyAt = at;
    const name = key();
    expect('=');
    blank();
    value([...path, ...name], keyAt, depth);
  };
  /** `[cameras.source]` after a `[[cameras]]` is of the last camera. */
  const resolved = (name: readonly string[], opensList: boolean): TomlPath => {
    const path: (string | number)[] = [];
    name.forEach((part, i) => {
      path.push(part);
      const id = JSON.stringify(path);
      if (opensList && i === name.length - 1) lists.set(id, (lists.get(id) ?? -1) + 1);
      const index = lists.get(id);
      if (index !== undefined) path.push(index);
    });
    return path;
  };

  for (blank(); at < text.length; blank()) {
    if (text[at] !== '[') {
      pair(table, 0);
      continue;
    }
    const opensList = text[at + 1] === '[';
    at += opensList ? 2 : 1;
    const keyAt = at;
    table = resolved(key(), opensList);
    expect(opensList ? ']]' : ']');
    entries.push({ path: table, at: keyAt, isLeaf: false });
  }
  return entries;
}
