// What is kept about people and stream tokens in access.json: hashes only, nothing that opens anything by itself.

import { z } from 'zod';

export const accessFile = z.strictObject({
  version: z.literal(1),
  people: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        name: z.string().min(1),
        passphraseHash: z.string().startsWith('$argon2id$'),
        createdAtMs: z.number(),
        /** Networks from which this person has signed in before: guesses made elsewhere do not slow them down. Newest last. */
        knownAddresses: z.array(z.string()).max(32),
      }),
    )
    .max(50),
  streamTokens: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        name: z.string(),
        cameraId: z.string().nullable(),
        hash: z.string().length(43),
        createdAtMs: z.number(),
        lastUsedMs: z.number().optional(),
      }),
    )
    .max(100),
});

export type AccessFile = z.infer<typeof accessFile>;
export type KeptPerson = AccessFile['people'][number];
export type KeptStreamToken = AccessFile['streamTokens'][number];

export const nobody: AccessFile = { version: 1, people: [], streamTokens: [] };

/** Names are compared without case and surrounding space, so that a phone's capital letter keeps nobody out. */
export const sameName = (a: string, b: string) => foldName(a) === foldName(b);

export const foldName = (name: string) => name.normalize('NFKC').trim().toLowerCase();

/** Why a person cannot be called that; undefined when they can. */
export function nameProblem(name: string): string | undefined {
  const trimmed = name.trim();
  if (trimmed === '') return 'Say what you want to be called.';
  if ([...trimmed].length > 60) return 'Use at most 60 characters for your name.';
  if (/[\u0000-\u001f\u007f\u2028\u2029]/.test(trimmed)) return 'Your name contains characters that cannot be shown.';
  return undefined;
}
