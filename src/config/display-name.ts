// What people call a thing: shown on pages, in mails, in logs and in names of files.

import { z } from './zod.ts';

/** Line breaks and other control characters, and those that turn the direction of all the text that follows. */
const unshowable = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;

export const displayName = () =>
  z
    .string()
    .trim()
    .min(1)
    .max(60)
    .refine((text) => !unshowable.test(text), 'must be one line of letters, digits and signs');
