// What is kept about people and stream tokens in access.json: names, and hashes of what signs in. Who may do what stands in
// the keyring; nothing here opens a recording.

import { z } from 'zod';

const hash256 = z.string().regex(/^[0-9a-f]{64}$/);

/** SHA-256 of the sign-in secret, and the salt of the passphrase it came from: that says which keyring it goes with. */
const signIn = z.strictObject({ salt: z.string().regex(/^[0-9a-f]{32}$/), hash: hash256 });

const person = z.strictObject({
  id: z.string().min(1).max(80),
  name: z.string().min(1),
  /** Absent while the keyring that has this person was not written yet. */
  signIn: signIn.optional(),
  /** Holds from when the keyring that it goes with is written: two files cannot change at the same moment. */
  next: signIn.extend({ dropsSecondFactor: z.boolean() }).optional(),
  createdAtMs: z.number(),
  lastSeenMs: z.number().optional(),
  /** Networks from which this person has signed in before: guesses made elsewhere do not slow them down. Newest last. */
  knownAddresses: z.array(z.string()).max(32),
  /** Base32, and the last step (30 s each) whose code was used: a code is good once. */
  totp: z.strictObject({ secret: z.string().regex(/^[A-Z2-7]{16,64}$/), lastUsedStep: z.int() }).optional(),
});

const streamToken = z.strictObject({
  id: z.string().min(1),
  name: z.string(),
  cameraId: z.string().nullable(),
  hash: z.string().length(43),
  createdAtMs: z.number(),
  lastUsedMs: z.number().optional(),
});

export const MAX_PEOPLE = 50;

const accessFile = z.strictObject({
  version: z.literal(2),
  /** Makes up passphrase parameters for names that nobody has. */
  secret: hash256,
  people: z.array(person).max(MAX_PEOPLE + 1),
  streamTokens: z.array(streamToken).max(100),
});

export type AccessFile = z.infer<typeof accessFile>;
export type KeptPerson = AccessFile['people'][number];
export type KeptStreamToken = AccessFile['streamTokens'][number];

/** Throws, in words for the owner. */
export function readAccessFile(value: unknown): AccessFile {
  if (typeof value === 'object' && value !== null && 'version' in value && value.version === 1) {
    throw new Error('it was made by an earlier build of Nightjar');
  }
  return accessFile.parse(value);
}

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

/** They signed in from this network: guesses made elsewhere do not slow them down there. The oldest is forgotten first. */
export const seenFrom = (person: KeptPerson, network: string): KeptPerson => ({
  ...person,
  knownAddresses: person.knownAddresses.includes(network)
    ? person.knownAddresses
    : [...person.knownAddresses, network].slice(-32),
});
