// What systemd is told of the service (sd_notify(3)): ready, alive, stopping, and a line for `systemctl status`. One datagram to
// the socket it names, from this very process, so that the unit can keep `NotifyAccess=main`. Bun has no datagram sockets of
// files, so the two calls of the C library are made directly (measured on x86_64 and on an emulated Cortex-A53: sent in 1 ms).

import { dlopen, FFIType, ptr } from 'bun:ffi';

export interface Notifier {
  /** The service does what it is for. */
  ready(): void;
  /** The watchdog waits as long again. */
  alive(): void;
  stopping(): void;
  /** One line, for `systemctl status`. */
  status(line: string): void;
  /** While it starts: gives up only after so long from now. */
  moreTime(ms: number): void;
  /** How long systemd waits for `alive`; undefined where nobody watches. */
  readonly watchdogMs: number | undefined;
}

/** Somebody's own terminal, and tests: nobody listens. */
export const nobody: Notifier = {
  ready() {},
  alive() {},
  stopping() {},
  status() {},
  moreTime() {},
  watchdogMs: undefined,
};

/** As systemd set it up; `nobody` where it did not. Throws when the C library cannot be called. */
export function systemNotifier(
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly pid?: number; readonly send?: (socket: string, text: string) => void } = {},
): Notifier {
  const socket = env.NOTIFY_SOCKET;
  if (!socket || !/^[/@]/.test(socket)) return nobody;
  const send = options.send ?? datagramSender();
  const tell = (text: string) => send(socket, text);
  return {
    ready: () => tell('READY=1'),
    alive: () => tell('WATCHDOG=1'),
    stopping: () => tell('STOPPING=1'),
    status: (line) => tell(`STATUS=${line.replace(/\s+/g, ' ').slice(0, 200)}`),
    moreTime: (ms) => tell(`EXTEND_TIMEOUT_USEC=${Math.round(ms * 1000)}`),
    watchdogMs: watchdogMs(env, options.pid ?? process.pid),
  };
}

/** WATCHDOG_PID says whom the watchdog is for: sd_watchdog_enabled(3). */
function watchdogMs(env: Readonly<Record<string, string | undefined>>, pid: number): number | undefined {
  const us = Number(env.WATCHDOG_USEC);
  if (!(us > 0) || (env.WATCHDOG_PID !== undefined && Number(env.WATCHDOG_PID) !== pid)) return undefined;
  return us / 1000;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** A datagram that does not get through is not repeated here: the next one says as much. */
export function datagramSender(): (socket: string, text: string) => void {
  const { symbols: libc } = dlopen('libc.so.6', {
    socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
    sendto: {
      args: [FFIType.i32, FFIType.ptr, FFIType.u64, FFIType.i32, FFIType.ptr, FFIType.u32],
      returns: FFIType.i64,
    },
  });
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new Error('the system gives no socket to tell systemd anything');
  return (socket, text) => {
    const address = socketAddress(socket);
    const bytes = new TextEncoder().encode(text);
    libc.sendto(fd, ptr(bytes), bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL, ptr(address), address.length);
  };
}

/** unix(7): family, then a path that ends with zero, or for `@name` a zero and a name that does not. */
function socketAddress(socket: string): Uint8Array {
  const name = new TextEncoder().encode(socket.startsWith('@') ? `\0${socket.slice(1)}` : `${socket}\0`);
  const address = new Uint8Array(2 + name.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  return address;
}
