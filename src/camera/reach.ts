// Whether a machine answers at an address: name, then TCP. Nothing is sent.

import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import type { FaultKind } from '../media/types.ts';

export type Reached =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly fault: Extract<FaultKind, 'wrong-address' | 'refused' | 'unreachable'> };

export async function reachPeer(
  peer: { readonly host: string; readonly port: number },
  { timeoutMs = 4000, signal }: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<Reached> {
  const startedAt = performance.now();
  let address: string;
  try {
    address = (await lookup(peer.host)).address;
  } catch {
    return { ok: false, fault: 'wrong-address' };
  }
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: peer.port });
    const finish = (result: Reached) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(result);
    };
    const onAbort = () => finish({ ok: false, fault: 'unreachable' });
    const timer = setTimeout(onAbort, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('connect', () => finish({ ok: true, ms: performance.now() - startedAt }));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      finish({ ok: false, fault: error.code === 'ECONNREFUSED' ? 'refused' : 'unreachable' }),
    );
  });
}
