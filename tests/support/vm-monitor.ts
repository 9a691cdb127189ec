// The emulator's own control socket (QMP): what a hand does outside the box, such as pressing a button or pulling a plug.

export interface Monitor {
  /** A command of the emulator's human monitor; answers what it printed. */
  say(command: string): Promise<string>;
  /** What the emulator told by itself so far, by QMP's names: 'WATCHDOG', 'RESET', 'POWERDOWN'… */
  readonly events: readonly string[];
  close(): void;
}

export async function openMonitor(path: string, withinMs = 10_000): Promise<Monitor> {
  let partial = '';
  let greeted = false;
  const events: string[] = [];
  const waiting: { done(text: string): void; failed(error: Error): void }[] = [];
  const receive = (chunk: Buffer) => {
    const lines = (partial + chunk.toString()).split('\n');
    partial = lines.pop()!;
    for (const line of lines) {
      const message = JSON.parse(line) as {
        QMP?: unknown;
        event?: string;
        return?: unknown;
        error?: { desc: string };
      };
      if (message.QMP) greeted = true;
      else if (message.event) events.push(message.event);
      else if (message.error) waiting.shift()?.failed(new Error(message.error.desc));
      else if ('return' in message) waiting.shift()?.done(String(message.return));
    }
  };
  const over = () => {
    for (const { failed } of waiting.splice(0)) failed(new Error('the emulator has ended'));
  };
  const deadline = Date.now() + withinMs;
  const connect = async () => {
    for (;;) {
      try {
        return await Bun.connect({ unix: path, socket: { data: (_, chunk) => receive(chunk), close: over } });
      } catch (cause) {
        if (Date.now() > deadline) throw new Error('the emulator made no control socket', { cause });
        await Bun.sleep(50);
      }
    }
  };
  const socket = await connect();
  const ask = (message: unknown) => {
    const { promise, resolve: done, reject: failed } = Promise.withResolvers<string>();
    waiting.push({ done, failed });
    socket.write(`${JSON.stringify(message)}\n`);
    return promise;
  };
  while (!greeted && Date.now() < deadline) await Bun.sleep(10);
  await ask({ execute: 'qmp_capabilities' });
  return {
    say: (command) => ask({ execute: 'human-monitor-command', arguments: { 'command-line': command } }),
    events,
    close: () => socket.end(),
  };
}
