// A child process's whole life. It ends with its scope: TERM, then KILL after 5 s, judged by its exit code and never by
// "a signal was sent". Arguments are an array; no shell ever sees them. Output pipes must be read: whoever asks for a
// pipe drains it (an unread pipe either grows without limit or stops the child).

import { describeError, NightjarError } from './errors.ts';

export interface ChildOptions {
  readonly stdin?: 'pipe' | 'ignore' | Uint8Array;
  /** How many extra pipes the child writes to, from descriptor 3 on. */
  readonly extraOutputs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Ends the child when it aborts. */
  readonly signal?: AbortSignal;
  readonly killAfterMs?: number;
}

export interface ChildExit {
  /** Exit code, or null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Descriptor numbers of the extra output pipes on our side, in order. Who asked for them reads and closes them; Bun does not. */
  readonly extraFds: readonly number[];
  readonly stdin: Bun.FileSink | undefined;
  readonly exited: Promise<ChildExit>;
  /** Processor time the child has used, user and system, in milliseconds. Undefined until it has exited. */
  cpuMs(): number | undefined;
  /** TERM, and KILL if it has not exited in time. Resolves when it has really exited. */
  stop(): Promise<ChildExit>;
}

/** Starts a program. Throws `unavailable` when it cannot be started (not installed, not executable). */
export function spawnChild(argv: readonly [string, ...string[]], options: ChildOptions = {}): Child {
  const extra = Array.from({ length: options.extraOutputs ?? 0 }, () => 'pipe' as const);
  let process_: Bun.Subprocess<'pipe' | 'ignore', 'pipe', 'pipe'>;
  try {
    process_ = Bun.spawn([...argv], {
      stdio: [
        options.stdin instanceof Uint8Array ? options.stdin : (options.stdin ?? 'ignore'),
        'pipe',
        'pipe',
        ...extra,
      ] as never,
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        HOME: process.env.HOME ?? '/',
        LC_ALL: 'C.UTF-8',
        ...options.env,
      },
      ...(options.cwd ? { cwd: options.cwd } : {}),
    }) as never;
  } catch (cause) {
    throw new NightjarError('unavailable', `cannot start ${argv[0]}`, { cause });
  }
  const exited = process_.exited.then(
    (): ChildExit => ({ code: process_.exitCode, signal: process_.signalCode as string | null }),
  );
  let stopping: Promise<ChildExit> | undefined;
  const stop = (): Promise<ChildExit> => {
    stopping ??= (async () => {
      if (process_.exitCode === null && process_.signalCode === null) process_.kill('SIGTERM');
      const kill = setTimeout(() => process_.kill('SIGKILL'), options.killAfterMs ?? 5000);
      try {
        return await exited;
      } finally {
        clearTimeout(kill);
      }
    })();
    return stopping;
  };
  const onAbort = () => void stop();
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  void exited.then(() => options.signal?.removeEventListener('abort', onAbort));
  return {
    pid: process_.pid,
    stdout: process_.stdout as ReadableStream<Uint8Array>,
    stderr: process_.stderr as ReadableStream<Uint8Array>,
    extraFds: extra.map((_, i) => (process_.stdio as readonly unknown[])[3 + i] as number),
    stdin: (options.stdin === 'pipe' ? process_.stdin : undefined) as Bun.FileSink | undefined,
    exited,
    cpuMs: () => {
      const usage = process_.resourceUsage();
      return usage ? Number(usage.cpuTime.total) / 1000 : undefined;
    },
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

export interface Ran extends ChildExit {
  readonly stdout: Uint8Array;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Runs a program to its end and keeps its output, bounded in bytes and time. A failing exit code is a value, not an error. */
export async function runChild(
  argv: readonly [string, ...string[]],
  options: ChildOptions & { readonly timeoutMs?: number; readonly maxBytes?: number } = {},
): Promise<Ran> {
  await using child = spawnChild(argv, options);
  const maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void child.stop();
  }, options.timeoutMs ?? 30_000);
  try {
    const [stdout, stderr] = await Promise.all([
      collect(child.stdout, maxBytes, () => void child.stop()),
      collect(child.stderr, 1024 * 1024, () => {}),
    ]);
    const exit = await child.exited;
    return { ...exit, stdout, stderr: new TextDecoder().decode(stderr), timedOut };
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a stream to its end, keeping at most `maxBytes`; the rest is drained and dropped, and `onFull` is told once. */
async function collect(stream: ReadableStream<Uint8Array>, maxBytes: number, onFull: () => void): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let full = false;
  try {
    for await (const chunk of stream) {
      if (size + chunk.length <= maxBytes) {
        chunks.push(chunk);
        size += chunk.length;
      } else if (!full) {
        full = true;
        onFull();
      }
    }
  } catch (error) {
    throw new NightjarError('unavailable', `reading a program's output failed (${describeError(error)})`, {
      cause: error,
    });
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
