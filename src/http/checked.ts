// Reads what a request carries through a schema; what does not fit is refused with the place and the words. Also the few
// shapes that several routes share. Schemas are given as functions and built when first asked for: building them all costs
// more than half of what the application takes to start.

import { zValidator } from '@hono/zod-validator';
import { z } from 'zod';
import { NightjarError } from '../base/errors.ts';

export const jsonBody = <S extends z.ZodType>(schema: () => S) =>
  zValidator('json', z.lazy(schema), (result) => {
    if (!result.success) throw result.error;
  });

export const query = <S extends z.ZodType>(schema: () => S) =>
  zValidator('query', z.lazy(schema), (result) => {
    if (!result.success) throw result.error;
  });

/** A body that says no more than that something is to be done. */
export const nothing = () => z.strictObject({});
export const cameraId = () => z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be the id of a camera');
const RECORD_ID = /^[A-Za-z0-9_-]{1,80}$/;
/** An id that cannot be one never reaches the rooms that make paths of ids. */
export const isRecordId = (text: string): boolean => RECORD_ID.test(text);
export const recordId = () => z.string().regex(RECORD_ID, 'must be an id');
export const momentMs = () => z.coerce.number().int().min(0).max(8.64e15);
export const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
/** 32 bytes, hex: what signs in, and the answer to a challenge. */
export const bytes32 = () => z.string().regex(/^[0-9a-f]{64}$/, 'must be 32 bytes in hex');
export const personName = () => z.string().trim().min(1).max(200);
export const personId = () => z.string().regex(/^[a-z0-9-]{1,80}$/, 'must be the id of a person');
/** A keyring and the revision it was read at. What is in it is judged by `access/`. */
export const sentKeyring = () => ({
  keyring: z.unknown(),
  revision: z.string().min(1).max(100),
  proof: bytes32().optional(),
});
export const reason = () => z.enum(['motion', 'continuous', 'manual']);

export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new NightjarError('missing', `there is no such ${what}`);
  return value;
}
