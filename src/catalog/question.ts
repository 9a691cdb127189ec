// The words that questions to the catalog are put together from.

export type Values = Record<string, string | number | boolean | null>;

/** `WHERE …` of those that are given, or nothing. */
export const conditions = (parts: readonly (string | false)[]): string => {
  const given = parts.filter((part) => part !== false && part !== '');
  return given.length > 0 ? `WHERE ${given.join(' AND ')}` : '';
};
