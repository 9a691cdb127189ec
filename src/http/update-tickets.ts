// A ticket lets one file in: the proof of who sends it travels in JSON, the file itself as bare bytes. Good once, for ten
// minutes, and only in the session that asked for it.

import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';

const GOOD_FOR_MS = 10 * 60_000;
/** More are not kept: the oldest goes. */
const MOST = 8;

interface Ticket {
  readonly sessionId: string;
  readonly allowOlder: boolean;
  readonly untilMs: number;
}

export class UpdateTickets {
  readonly #clock: Clock;
  readonly #tickets = new Map<string, Ticket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(sessionId: string, allowOlder: boolean): string {
    const name = randomBytes(32).toString('hex');
    this.#tickets.set(name, { sessionId, allowOlder, untilMs: this.#clock.monotonicMs() + GOOD_FOR_MS });
    for (const oldest of [...this.#tickets.keys()].slice(0, -MOST)) this.#tickets.delete(oldest);
    return name;
  }

  /** Undefined for one that is unknown, used, too old or somebody else's; the last of these stays good. */
  take(name: string, sessionId: string): { readonly allowOlder: boolean } | undefined {
    const ticket = this.#tickets.get(name);
    if (ticket?.sessionId !== sessionId) return undefined;
    this.#tickets.delete(name);
    return this.#clock.monotonicMs() < ticket.untilMs ? { allowOlder: ticket.allowOlder } : undefined;
  }
}

/** Of all requests, only these carry something else than JSON, and more than a megabyte of it. */
export const isUpdateUpload = (method: string, path: string): boolean =>
  method === 'PUT' && /^\/api\/v1\/system\/update\/[0-9a-f]{64}$/.test(path);
