// The values of a form while they are edited: reading and changing by path, without touching what came from the box.

export type Draft = Readonly<Record<string, unknown>>;

export function valueAt(draft: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], draft);
}

/** A copy with one value changed. */
export function withValue(draft: Draft, path: string, value: unknown): Draft {
  const [name, ...rest] = path.split('.') as [string, ...string[]];
  if (rest.length === 0) return { ...draft, [name]: value };
  return { ...draft, [name]: withValue((draft[name] ?? {}) as Draft, rest.join('.'), value) };
}

export const sameDraft = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * The message for one field. The box may name paths with or without the section in front (`mail.host`, `host`), and inside
 * lists (`to.1`): the list's field shows those.
 */
export function issueFor(
  issues: readonly { readonly path: string; readonly message: string }[],
  path: string,
  section = '',
): string | undefined {
  const plain = (text: string) =>
    section !== '' && text.startsWith(`${section}.`) ? text.slice(section.length + 1) : text;
  return issues.find((issue) => {
    const at = plain(issue.path);
    return at === path || at.startsWith(`${path}.`);
  })?.message;
}

/** What is typed into a number field, as a number; undefined while it is none. German and French commas count. */
export function numberFrom(text: string): number | undefined {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '' || !/^-?\d*\.?\d+$/.test(trimmed)) return undefined;
  return Number(trimmed);
}
