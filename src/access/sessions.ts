// Who is signed in. A browser holds a random cookie; the box keeps only its hash, so that a stolen card opens nothing.
// Ages are running time, plus the time the box was off as far as its clock can tell: see docs/design/access.md.

import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { replaceFile } from '../base/durable.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

const dayMs = 86_400_000;
export const IDLE_MS = 30 * dayMs;
export const ABSOLUTE_MS = 180 * dayMs;
/** Before this the clock has not been set yet: a Pi without network starts in 1970. */
const PLAUSIBLE_MS = Date.UTC(2025, 0, 1);
const MAX_PER_PERSON = 40;
/** Prolonging is no reason to wear out a card: it reaches the disk this much later at most. */
const LAZY_SAVE_MS = 10 * 60_000;

const sessionsFile = z.strictObject({
  version: z.literal(1),
  savedAtMs: z.number(),
  sessions: z.array(
    z.strictObject({
      id: z.string(),
      personId: z.string(),
      hash: z.string().length(43),
      ageMs: z.number().min(0),
      idleMs: z.number().min(0),
      recovering: z.literal(true).optional(),
    }),
  ),
});

interface Kept {
  readonly id: string;
  readonly personId: string;
  readonly hash: string;
  /** Monotonic times of this run; negative for what began in an earlier one. */
  bornMs: number;
  usedMs: number;
  /** Begun with the recovery key, and no new passphrase set yet. */
  recovering: boolean;
}

export interface LiveSession {
  readonly id: string;
  readonly personId: string;
  readonly recovering: boolean;
}

export interface SessionsOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: (length: number) => Uint8Array;
}

export class Sessions {
  readonly #o: SessionsOptions;
  #byHash = new Map<string, Kept>();
  #cancelSave: (() => void) | undefined;
  #saveDueMs = Number.POSITIVE_INFINITY;

  constructor(options: SessionsOptions) {
    this.#o = options;
    this.#load();
  }

  /** A new session and its cookie, which is not kept. */
  begin(personId: string, recovering = false): { readonly session: LiveSession; readonly cookie: string } {
    const cookie = Buffer.from(this.#o.random(32)).toString('base64url');
    const now = this.#o.clock.monotonicMs();
    const kept: Kept = {
      id: Buffer.from(this.#o.random(9)).toString('base64url'),
      personId,
      hash: hashOf(cookie),
      bornMs: now,
      usedMs: now,
      recovering,
    };
    this.#dropExpired(now);
    const mine = [...this.#byHash.values()].filter((s) => s.personId === personId).sort((a, b) => a.usedMs - b.usedMs);
    for (const old of mine.slice(0, Math.max(0, mine.length - MAX_PER_PERSON + 1))) this.#byHash.delete(old.hash);
    this.#byHash.set(kept.hash, kept);
    this.#saveWithin(1000);
    return { session: { id: kept.id, personId, recovering }, cookie };
  }

  /** The session of a cookie, prolonged by this use; undefined when it is unknown, ended or too old. */
  find(cookie: string): LiveSession | undefined {
    if (cookie.length !== 43) return undefined;
    const kept = this.#byHash.get(hashOf(cookie));
    if (!kept) return undefined;
    const now = this.#o.clock.monotonicMs();
    if (isExpired(kept, now)) {
      this.#byHash.delete(kept.hash);
      this.#saveWithin(1000);
      return undefined;
    }
    if (now - kept.usedMs > 60_000) this.#saveWithin(LAZY_SAVE_MS);
    kept.usedMs = now;
    return { id: kept.id, personId: kept.personId, recovering: kept.recovering };
  }

  /** A session that began with the recovery key has done what it was for, and is one like any other. */
  recovered(sessionId: string): void {
    for (const session of this.#byHash.values()) if (session.id === sessionId) session.recovering = false;
    this.#save();
  }

  /** Ends one session, on the disk too before this returns. */
  end(sessionId: string): void {
    this.#endWhere((s) => s.id === sessionId);
  }

  /** Ends a person's sessions except one. */
  endOthers(personId: string, exceptId: string | undefined): void {
    this.#endWhere((s) => s.personId === personId && s.id !== exceptId);
  }

  get size(): number {
    return this.#byHash.size;
  }

  close(): void {
    if (this.#byHash.size > 0 || this.#cancelSave) this.#save();
  }

  #endWhere(test: (session: Kept) => boolean): void {
    const before = this.#byHash.size;
    for (const session of [...this.#byHash.values()]) if (test(session)) this.#byHash.delete(session.hash);
    if (this.#byHash.size !== before) this.#save();
  }

  #dropExpired(now: number): void {
    for (const session of [...this.#byHash.values()]) if (isExpired(session, now)) this.#byHash.delete(session.hash);
  }

  #saveWithin(delayMs: number): void {
    const dueMs = this.#o.clock.monotonicMs() + delayMs;
    if (dueMs >= this.#saveDueMs) return;
    this.#cancelSave?.();
    this.#saveDueMs = dueMs;
    this.#cancelSave = this.#o.clock.after(delayMs, () => this.#save());
  }

  #save(): void {
    this.#cancelSave?.();
    this.#cancelSave = undefined;
    this.#saveDueMs = Number.POSITIVE_INFINITY;
    const now = this.#o.clock.monotonicMs();
    const file: z.infer<typeof sessionsFile> = {
      version: 1,
      savedAtMs: this.#o.clock.wallMs(),
      sessions: [...this.#byHash.values()].map(({ id, personId, hash, bornMs, usedMs, recovering }) => ({
        id,
        personId,
        hash,
        ageMs: Math.round(now - bornMs),
        idleMs: Math.round(now - usedMs),
        ...(recovering ? { recovering } : {}),
      })),
    };
    try {
      replaceFile(this.#o.path, JSON.stringify(file));
    } catch (error) {
      // A full disk must not keep the owner out of the page on which the disk is emptied.
      this.#o.log.warn(`who is signed in could not be saved: ${describeError(error)}. A restart may sign people out.`);
      this.#saveWithin(60_000);
    }
  }

  /** A file that cannot be read means signing in again. An older copy is never used: it could bring back a session that was ended. */
  #load(): void {
    if (!existsSync(this.#o.path)) return;
    try {
      chmodSync(this.#o.path, 0o600);
      const file = sessionsFile.parse(JSON.parse(readFileSync(this.#o.path, 'utf8')));
      const [now, wall] = [this.#o.clock.monotonicMs(), this.#o.clock.wallMs()];
      const bothKnown = wall > PLAUSIBLE_MS && file.savedAtMs > PLAUSIBLE_MS;
      const offMs = bothKnown ? Math.max(0, wall - file.savedAtMs) : 0;
      for (const { id, personId, hash, ageMs, idleMs, recovering = false } of file.sessions) {
        const kept: Kept = {
          id,
          personId,
          hash,
          bornMs: now - ageMs - offMs,
          usedMs: now - idleMs - offMs,
          recovering,
        };
        if (!isExpired(kept, now)) this.#byHash.set(hash, kept);
      }
    } catch (error) {
      this.#o.log.warn(
        `the list of who is signed in is damaged (${describeError(error).slice(0, 120)}). Everybody signs in again.`,
      );
    }
  }
}

const hashOf = (cookie: string) => createHash('sha256').update(cookie).digest('base64url');

const isExpired = (session: Kept, now: number) => now - session.usedMs > IDLE_MS || now - session.bornMs > ABSOLUTE_MS;
