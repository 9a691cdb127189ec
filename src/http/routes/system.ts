// The box itself: what it is and found at its start, updates, restart, power, factory reset. All that reaches deeper than a
// setting is done only for who shows that they typed the passphrase; and only on the appliance.

import { Hono } from 'hono';
import { z } from 'zod';
import { describeError, NightjarError } from '../../base/errors.ts';
import { prolongBody } from '../body-time.ts';
import { bytes32, jsonBody, nothing } from '../checked.ts';
import { type HttpContext, type HttpEnv, type HttpParts, sessionOf } from '../context.ts';
import { RequestRefused } from '../errors.ts';
import type { AppliancePort } from '../ports-system.ts';
import { demandProof } from '../proof.ts';
import { UpdateTickets } from '../update-tickets.ts';

/** More than twice what an executable has today. */
export const MAX_UPDATE_BYTES = 256 * 1024 * 1024;
/** By then the answer has reached the page: whoever restarts stops the server first. */
const ANSWER_FIRST_MS = 500;

const proof = () => bytes32().optional();

export const systemRoutes = ({ ports, clock, log }: HttpParts) => {
  const tickets = new UpdateTickets(clock);
  const appliance = (): AppliancePort => {
    const { appliance } = ports.system;
    if (!appliance) {
      throw new NightjarError('conflict', 'this Nightjar runs on a machine of your own: restart and update it there');
    }
    return appliance;
  };
  const afterAnswer = (what: string, act: () => Promise<void>) => {
    clock.after(ANSWER_FIRST_MS, () => {
      act().catch((error: unknown) => log.error(`cannot ${what}`, { reason: describeError(error) }));
    });
  };
  return new Hono<HttpEnv>()
    .get('/system', async (c) => c.json(await ports.system.view()))
    .post(
      '/system/restart',
      jsonBody(() => z.strictObject({ proof: proof() })),
      (c) => {
        demandProof(c, ports.access, c.req.valid('json').proof);
        const box = appliance();
        log.warn('the owner asked for a restart');
        afterAnswer('restart the box', () => box.restart());
        return c.json({});
      },
    )
    .post(
      '/system/power-off',
      jsonBody(() => z.strictObject({ proof: proof() })),
      (c) => {
        demandProof(c, ports.access, c.req.valid('json').proof);
        const box = appliance();
        log.warn('the owner asked to switch the box off');
        afterAnswer('switch the box off', () => box.powerOff());
        return c.json({});
      },
    )
    .post(
      '/system/reset',
      jsonBody(() => z.strictObject({ proof: proof(), boxName: z.string().max(200) })),
      async (c) => {
        const { proof, boxName } = c.req.valid('json');
        demandProof(c, ports.access, proof);
        const box = appliance();
        if (plainName(boxName) !== plainName(ports.boxName())) {
          throw new NightjarError('conflict', `this box is called ${ports.boxName()}; nothing was destroyed`);
        }
        await box.askForReset();
        log.warn('the owner asked for a factory reset');
        afterAnswer('restart the box for the reset', () => box.restart());
        return c.json({});
      },
    )
    .post(
      '/system/update/ticket',
      jsonBody(() => z.strictObject({ proof: proof(), allowOlder: z.boolean().default(false) })),
      (c) => {
        const { proof, allowOlder } = c.req.valid('json');
        demandProof(c, ports.access, proof);
        appliance();
        return c.json({ ticket: tickets.issue(sessionOf(c).id, allowOlder) });
      },
    )
    .put('/system/update/:ticket', async (c) => {
      const { update } = appliance();
      const bytes = announcedBytes(c);
      const chunks = piecesOf(c);
      try {
        const ticket = tickets.take(c.req.param('ticket'), sessionOf(c).id);
        if (!ticket) throw new NightjarError('missing', 'this upload has expired; choose the file again');
        const { signal } = c.req.raw;
        return c.json(await update.receive({ bytes, chunks, allowOlder: ticket.allowOlder, signal }));
      } catch (error) {
        // A browser listens to a refusal only when it has sent everything.
        await readToEnd(chunks, bytes);
        throw error;
      }
    })
    .post('/system/update/check', jsonBody(nothing), async (c) =>
      c.json(await appliance().update.check(c.req.raw.signal)),
    )
    .post(
      '/system/update/install',
      jsonBody(() => z.strictObject({ proof: proof() })),
      async (c) => {
        demandProof(c, ports.access, c.req.valid('json').proof);
        return c.json(await appliance().update.install());
      },
    );
};

/** Typed on a phone: spaces at the ends, and letters made of two parts, are the same name. */
const plainName = (name: string) => name.normalize('NFC').trim();

function announcedBytes(c: HttpContext): number {
  const bytes = Number(c.req.header('content-length'));
  if (!Number.isSafeInteger(bytes) || bytes <= 0) throw new RequestRefused(411, 'invalid', 'the file has no length');
  if (bytes > MAX_UPDATE_BYTES) {
    throw new NightjarError('too-large', `this is no update: it has more than ${MAX_UPDATE_BYTES / 1024 ** 2} MB`);
  }
  return bytes;
}

/** The body as it comes. Who stops reading leaves the rest where it is: it is not cancelled, and may be read on. */
function piecesOf(c: HttpContext): AsyncIterable<Uint8Array> {
  const reader = c.req.raw.body?.getReader();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const piece = await reader?.read();
        prolongBody(c.env?.incoming);
        return piece && !piece.done ? { done: false, value: piece.value } : { done: true, value: undefined };
      },
      return: async () => ({ done: true, value: undefined }),
    }),
  };
}

async function readToEnd(chunks: AsyncIterable<Uint8Array>, atMostBytes: number): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > atMostBytes) return;
    }
  } catch {
    // Who hung up hears nothing anyway.
  }
}
