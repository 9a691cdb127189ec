// Where a page of recordings ends, as an opaque word: start and id of its last one. New recordings at the top do not shift it.

export interface Place {
  readonly startMs: number;
  readonly id: string;
}

export const cursorOf = ({ startMs, id }: Place): string => `${startMs}-${id}`;

/** Undefined when the word is no cursor. */
export function readCursor(cursor: string): Place | undefined {
  const found = /^(\d{1,15})-([a-z0-9]{1,40})$/.exec(cursor);
  return found ? { startMs: Number(found[1]), id: found[2]! } : undefined;
}
