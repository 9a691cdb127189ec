// The programs of one connection: ffmpeg and, where there is one, what feeds it. Every pipe is drained until all have exited;
// what comes out of them is the session's business.

import { closeSync } from 'node:fs';
import { type Child, spawnChild } from '../base/child.ts';
import type { LumaReader } from './luma.ts';
import type { InputPlan } from './source-plan.ts';
import type { StderrTail } from './stderr-tail.ts';

export interface Reading {
  readonly signal: AbortSignal;
  readonly tail: StderrTail;
  readonly onOutput: (bytes: Uint8Array) => void;
  readonly luma?: LumaReader;
}

/** Runs ffmpeg (and what feeds it) and drains every pipe until it has exited. Resolves with its exit code. */
export async function readChild(
  argv: readonly [string, ...string[]],
  input: InputPlan,
  { signal, tail, onOutput, luma }: Reading,
): Promise<number | null> {
  await using producer = input.producer ? spawnChild(input.producer, { signal }) : undefined;
  await using child = spawnChild(argv, {
    signal,
    // On TERM ffmpeg first waits for its peer, who may be silent; it holds nothing that KILL could damage.
    killAfterMs: 1500,
    extraOutputs: luma ? 1 : 0,
    stdin: producer ? 'pipe' : input.script !== undefined ? new TextEncoder().encode(input.script) : 'ignore',
  });
  await Promise.all([
    tail.drain(child.stderr),
    drain(child.stdout, onOutput),
    luma ? drainAndClose(child.extraFds[0]!, (bytes) => luma.push(bytes)) : undefined,
    producer ? tail.drain(producer.stderr) : undefined,
    producer ? feed(producer, child) : undefined,
  ]);
  return (await child.exited).code;
}

async function drain(stream: ReadableStream<Uint8Array>, onBytes: (bytes: Uint8Array) => void): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    let bytes: Uint8Array | undefined;
    try {
      bytes = (await reader.read()).value;
    } catch {
      return; // the program is gone; how it ended is told by its exit
    }
    if (!bytes) return;
    onBytes(bytes);
  }
}

/** Neither Bun's child nor its file stream closes an extra pipe: one descriptor would be lost with every connection. */
async function drainAndClose(fd: number, onBytes: (bytes: Uint8Array) => void): Promise<void> {
  try {
    await drain(Bun.file(fd).stream(), onBytes);
  } finally {
    closeSync(fd);
  }
}

/** Carries a producer's output to ffmpeg. When either side is gone, so is the other. */
async function feed(producer: Child, child: Child): Promise<void> {
  void child.exited.then(() => producer.stop());
  try {
    for await (const bytes of producer.stdout) {
      child.stdin!.write(bytes);
      await child.stdin!.flush();
    }
  } catch {
    // ffmpeg closed its input: its exit says why
  } finally {
    try {
      await child.stdin!.end();
    } catch {
      // closed already
    }
  }
}
