// Which pages are of use to whom. The box refuses the rest by itself; this only keeps people from standing before closed doors.

import type { Role } from '../src/http/api.ts';
import type { Route } from './router.ts';

const everybody: readonly Route['page'][] = ['live', 'account', 'recover', 'missing'];
const viewers: readonly Route['page'][] = [...everybody, 'recordings', 'recording', 'day'];

export const mayVisit = (role: Role, page: Route['page']): boolean =>
  role === 'owner' || (role === 'viewer' ? viewers : everybody).includes(page);
