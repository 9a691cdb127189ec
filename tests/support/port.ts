// A port for something that goes away and comes back. One that the system chose would be given to somebody else meanwhile, most
// likely to another test; so it is chosen below the range from which the system gives them out.

import { readFileSync } from 'node:fs';

export function lastingPort(): number {
  const given = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
  const from = Math.min(20_000, given >> 1);
  for (let tries = 0; tries < 50; tries++) {
    const port = from + Math.floor(Math.random() * (given - from));
    try {
      Bun.listen({ hostname: '127.0.0.1', port, socket: { data: () => {} } }).stop(true);
      return port;
    } catch {
      // taken by something that stays
    }
  }
  throw new Error(`no free port between ${from} and ${given}`);
}
