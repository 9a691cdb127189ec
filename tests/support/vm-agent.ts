// The host's end of tests/support/vm-agent.sh: how the agent gets into an unchanged image, and scripts and answers over a
// virtio serial port. It knows boots by the agent's hello; who starts and ends the machine is vm.ts.

import { resolve } from 'node:path';

const SCRIPT = resolve(import.meta.dir, 'vm-agent.sh');

const unit = `[Unit]
Description=The tests' hand in this machine
DefaultDependencies=no
Conflicts=shutdown.target
Before=shutdown.target
[Service]
ExecStart=/bin/bash /run/credentials/@system/vm-agent
Restart=always
RestartSec=1
OOMScoreAdjust=-900
LimitCORE=0
`;

/** Kernel argument that pulls the agent in; its unit comes as a credential (systemd 256 and later). */
export const agentArgument = 'systemd.wants=vm-agent.service';

/** Values for `-smbios type=11`: credentials that systemd reads before it starts anything. */
export async function agentCredentials(): Promise<readonly string[]> {
  const packed = (name: string, text: string) =>
    `io.systemd.credential.binary:${name}=${Buffer.from(text).toString('base64')}`;
  return [packed('systemd.extra-unit.vm-agent.service', unit), packed('vm-agent', await Bun.file(SCRIPT).text())];
}

export interface Ran {
  /** 124 when it took too long. */
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

interface Waiting {
  done(ran: Ran): void;
  failed(error: Error): void;
}

export class Agent {
  #socket: { write(data: string): number; end(): void } | undefined;
  #unsent = '';
  #partial = '';
  #next = 1;
  readonly #waiting = new Map<number, Waiting>();
  readonly #boots: string[] = [];
  readonly #onBoot = new Set<() => void>();

  /** Connects to the port's Unix socket as soon as the emulator has made it. */
  async connect(path: string, withinMs = 10_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      try {
        this.#socket = await Bun.connect({
          unix: path,
          socket: {
            data: (_, chunk) => this.#receive(chunk.toString()),
            drain: () => this.#send(''),
            close: () => this.close(),
          },
        });
        return;
      } catch (cause) {
        if (Date.now() > deadline) throw new Error('the emulator made no port for the agent', { cause });
        await Bun.sleep(50);
      }
    }
  }

  /** Boot ids in the order in which they were greeted; the last is the running one. */
  get boots(): readonly string[] {
    return this.#boots;
  }

  /** Resolves with the id of boot number `count` (from 1) of this machine's life. */
  async boot(count: number, withinMs: number): Promise<string> {
    const deadline = Date.now() + withinMs;
    while (this.#boots.length < count) {
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) throw new Error(`boot ${count} did not come within ${withinMs / 1000} s`);
      const { promise, resolve: woken } = Promise.withResolvers<void>();
      this.#onBoot.add(woken);
      await Promise.race([promise, Bun.sleep(Math.min(leftMs, 500))]);
      this.#onBoot.delete(woken);
    }
    return this.#boots[count - 1]!;
  }

  /** Runs a script by bash, as root. Throws when the machine starts anew or ends before it has answered. */
  run(script: string, withinMs: number): Promise<Ran> {
    const id = this.#next++;
    const { promise, resolve: done, reject: failed } = Promise.withResolvers<Ran>();
    this.#waiting.set(id, { done, failed });
    // Under a busy emulator the answer itself takes its time; a machine that hangs must not hold the test for ever.
    const limit = setTimeout(() => {
      this.#waiting.delete(id);
      failed(new Error(`no answer from the machine within ${withinMs / 1000} s to: ${script.slice(0, 200)}`));
    }, withinMs + 10_000);
    this.#send(`${id} ${Math.ceil(withinMs / 1000)} ${Buffer.from(script).toString('base64')}\n`);
    return promise.finally(() => clearTimeout(limit));
  }

  close(): void {
    this.#giveUp('the machine was switched off');
    this.#socket?.end();
  }

  #send(text: string): void {
    this.#unsent += text;
    if (!this.#socket || this.#unsent === '') return;
    const sent = this.#socket.write(this.#unsent);
    this.#unsent = Buffer.from(this.#unsent).subarray(Math.max(0, sent)).toString();
  }

  #receive(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop()!;
    for (const line of lines) {
      const [first = '', second = '', out = '-', err = '-'] = line.trim().split(' ');
      if (first === 'hello') {
        this.#giveUp('the machine started anew');
        this.#boots.push(second);
        for (const woken of this.#onBoot) woken();
        continue;
      }
      const unpacked = (packed: string) => (packed === '-' ? '' : Buffer.from(packed, 'base64').toString());
      this.#waiting.get(Number(first))?.done({ status: Number(second), out: unpacked(out), err: unpacked(err) });
      this.#waiting.delete(Number(first));
    }
  }

  #giveUp(reason: string): void {
    for (const { failed } of this.#waiting.values()) failed(new Error(reason));
    this.#waiting.clear();
  }
}
