// Whether the page answers, asked the way a browser on this machine would ask. A server that turns us away because somebody
// holds all of its connections is alive: who floods the page must not be able to stop the recording.

import { type Proof, proven, unproven } from './proof.ts';

const ANSWER_MS = 5000;

export interface WebProof {
  readonly proof: Proof;
  /** The page itself was given, not only a sign of life. */
  readonly answered: boolean;
}

/** `address`: where the page listens, as `http://127.0.0.1:80` or, with the box's own certificate, `https://127.0.0.1:8443`. */
export async function probeWeb(address: string, answerMs = ANSWER_MS): Promise<WebProof> {
  const no = (because: string): WebProof => ({ proof: unproven(because), answered: false });
  try {
    const response = await fetch(`${address}/health`, {
      signal: AbortSignal.timeout(answerMs),
      redirect: 'manual',
      keepalive: false,
      headers: { connection: 'close' },
      tls: { rejectUnauthorized: false },
    });
    await response.arrayBuffer();
    return response.ok ? { proof: proven, answered: true } : no('the page gives only errors');
  } catch (error) {
    // accepted, then closed on purpose
    const isTurnedAway = (error as { code?: unknown }).code === 'ECONNRESET';
    return isTurnedAway ? { proof: proven, answered: false } : no('the page does not answer');
  }
}
