// Reads what a request carries through a schema; what does not fit is refused with the place and the words. Also the few
// shapes that several routes share.

import { zValidator } from '@hono/zod-validator';
import { z } from 'zod';
import { NightjarError } from '../base/errors.ts';

export const jsonBody = <S extends z.ZodType>(schema: S) =>
  zValidator('json', schema, (result) => {
    if (!result.success) throw result.error;
  });

export const query = <S extends z.ZodType>(schema: S) =>
  zValidator('query', schema, (result) => {
    if (!result.success) throw result.error;
  });

export const cameraId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be the id of a camera');
export const recordId = z.string().regex(/^[A-Za-z0-9_.:-]{1,80}$/, 'must be an id');
export const momentMs = z.coerce.number().int().min(0).max(8.64e15);
export const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
export const reason = z.enum(['motion', 'continuous', 'manual']);

export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new NightjarError('missing', `there is no such ${what}`);
  return value;
}
