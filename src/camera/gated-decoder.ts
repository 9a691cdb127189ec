// A decoder that is given only the pictures worth decoding: while a camera rests its key pictures, one by one; awake, every
// picture, beginning with the last seconds, which are still in memory. One ffmpeg lives through both, so that waking starts
// no process: it has just decoded the key picture that the rest of the group is built on. Who decides is asked elsewhere.

import { readFileSync } from 'node:fs';
import { type Child, spawnChild } from '../base/child.ts';
import { writeFragment } from '../media/mp4-write.ts';
import type { Packet, StreamInfo } from '../media/types.ts';
import { withoutAudio } from '../media/without-audio.ts';
import { DecoderTimeline } from './decoder-timeline.ts';
import { gatedArgv } from './ffmpeg-argv.ts';
import { LUMA_FPS, type LumaPicture, LumaReader } from './luma.ts';
import { StderrTail } from './stderr-tail.ts';

export interface GatedDecoderOptions {
  readonly stream: StreamInfo;
  /** The picture is valid during the call only. `sparse`: a key picture by itself. */
  readonly onPicture: (picture: LumaPicture, atMs: number, sparse: boolean) => void;
  readonly nowMs: () => number;
}

/** A packet, and whether any other is built on it: what none is built on is not decoded, as on a camera that never rests. */
interface Given extends Packet {
  readonly reference: boolean;
}

interface Group {
  readonly packets: Given[];
  /** How many of them the decoder has been given, or cannot be given. */
  fed: number;
  bytes: number;
}

/** A group that grows beyond this is decoded as it comes: it must not be held for a waking that may come. */
const MAX_GROUP_BYTES = 16 * 1024 * 1024;
/** Written faster than decoded: the decoder is begun anew with the next key picture. */
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;
/** Resting, key pictures may cost this share of what decoding everything would. Where groups are short some are left out. */
const RESTING_SHARE = 0.16;
/**
 * Bytes that take as long to decode as a macroblock in which nothing changed: 0.3 µs and 1.8 µs were measured. A key picture costs
 * three of the others where these are large, of noise, and eight where they are small.
 */
const BYTES_PER_BLOCK = 6;
/** Waking so soon after a key picture begins one group earlier: what woke it began before. */
const LOOK_BACK_MS = 1000;
/** …unless that group is longer than this. */
const LONGEST_LOOK_BACK_MS = 5000;
/** A decoder that ends is started again with the first key picture after this. */
const RESTART_MS = 1000;
/** How long `settled` waits for pictures that should come; then the decoder holds back more than was thought. */
const SETTLE_MS = 2000;

export class GatedDecoder implements AsyncDisposable {
  readonly #o: GatedDecoderOptions;
  readonly #stream: StreamInfo;
  #groups: Group[] = [];
  #run: Run | undefined;
  #following = false;
  /** Pictures that a key picture by itself is followed by: until its own comes out of the decoder. */
  #extra = 0;
  /** What resting may spend, in unchanged macroblocks. */
  #credit = 0;
  #tellMs = Number.NEGATIVE_INFINITY;
  #reorder = 0;
  #shown: number[] = [];
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #closed = false;
  readonly #ending = new Set<Promise<unknown>>();
  #endedCpuMs = 0;

  /** Pictures the decoder was given, and how often it ended by itself. */
  fed = 0;
  failures = 0;

  constructor(options: GatedDecoderOptions) {
    this.#o = options;
    this.#stream = withoutAudio(options.stream);
  }

  /** Takes every video packet of the stream, in order. `reference`: others are built on it. */
  packet(taken: Packet, reference: boolean, awake: boolean): void {
    const packet: Given = { ...taken, reference };
    if (this.#closed) return;
    if (packet.key) {
      this.#groups.push({ packets: [], fed: 0, bytes: 0 });
      if (this.#groups.length > 2) this.#groups.shift();
      this.#shown = [];
    }
    const group = this.#groups.at(-1);
    if (!group) return;
    group.packets.push(packet);
    group.bytes += packet.data.length;
    this.#learnReorder(packet);
    const run = this.#running(packet.key);
    if (!run) {
      this.#following = false;
      return;
    }
    if (awake || (!packet.key && group.bytes > MAX_GROUP_BYTES)) this.#follow(run, group);
    else this.#rest(run, group);
    if (run.queuedBytes > MAX_QUEUED_BYTES) this.#drop(run);
    // What was given and can be wanted no more is let go.
    if (this.#following && group.bytes > MAX_GROUP_BYTES) this.#forget(group);
  }

  /** Resolves when every picture that must have come by now has come: for reading a file faster than time goes. */
  async settled(): Promise<void> {
    const run = this.#run;
    if (!run) return;
    const until = this.#o.nowMs() + SETTLE_MS;
    while (run === this.#run && run.slots < run.timeline.dueSlots(this.#reorder)) {
      if (this.#o.nowMs() > until) {
        if (this.#reorder < 16) this.#reorder++;
        return;
      }
      await run.next();
    }
  }

  /** Ends the input and resolves when what was still in the decoder has come out. */
  async finish(): Promise<void> {
    await this.#run?.finish();
  }

  /** Processor time of all its processes so far, in ms, as far as the system tells. */
  cpuMs(): number {
    return this.#endedCpuMs + (this.#run ? (cpuMsOf(this.#run.child.pid) ?? 0) : 0);
  }

  get pid(): number | undefined {
    return this.#run?.child.pid;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#run) this.#end(this.#run);
    await Promise.all(this.#ending);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #follow(run: Run, group: Group): void {
    const placed: Packet[] = [];
    const take = (from: Group) => {
      for (; from.fed < from.packets.length; from.fed++) {
        const packet = from.packets[from.fed]!;
        const next = packet.reference ? run.timeline.next(packet) : run.timeline.pass(packet);
        if (next) placed.push(next);
      }
    };
    const begin = (from: Group) => {
      placed.push(run.timeline.begin(from.packets[0]!, { sparse: false }));
      from.fed = 1;
    };
    if (!this.#following) {
      const before = this.#groups.length > 1 ? this.#groups[0]! : undefined;
      if (before && this.#looksBack(before, group)) {
        run.timeline.dropLast();
        begin(before);
        take(before);
        group.fed = 0;
      } else if (group.fed === 0) begin(group);
      else run.timeline.wantAll();
      this.#following = true;
      this.#extra = 0;
    }
    take(group);
    this.#write(run, placed);
  }

  #looksBack(before: Group, group: Group): boolean {
    const [first, start, last] = [before.packets[0], group.packets[0], group.packets.at(-1)];
    if (!first || !start || !last || before.bytes > MAX_GROUP_BYTES) return false;
    const fedWhole = before.fed > before.packets.length / 2;
    return !fedWhole && last.atMs - start.atMs < LOOK_BACK_MS && start.atMs - first.atMs <= LONGEST_LOOK_BACK_MS;
  }

  /**
   * A key picture by itself waits until waking would no longer look back across it. Then it is given together with as many of the
   * following as the decoder holds back, which brings it out.
   */
  #rest(run: Run, group: Group): void {
    this.#following = false;
    const last = group.packets.at(-1)!;
    if (last.reference) this.#credit += RESTING_SHARE * this.#costOf(last);
    const before = this.#groups.length > 1 && group.packets.length === 1 ? this.#groups[0]! : undefined;
    if (before?.fed === 0) this.#giveKey(run, before);
    else if (group.fed === 0 && last.atMs - group.packets[0]!.atMs >= LOOK_BACK_MS) this.#giveKey(run, group);
    else if (this.#extra > 0 && group.fed > 0) this.#giveExtra(run, group, []);
  }

  #giveKey(run: Run, group: Group): void {
    const [key, next] = [group.packets[0]!, group.packets[1]];
    const cost = this.#costOf(key) + (this.#reorder + 1) * this.#costOf(next ?? key);
    if (this.#credit < cost) return;
    // What was saved beyond that in a long group is no reason to spend it in the next.
    this.#credit = 0;
    this.#extra = this.#reorder + 1;
    group.fed = 1;
    this.#giveExtra(run, group, [run.timeline.begin(key, { sparse: true })]);
  }

  #giveExtra(run: Run, group: Group, placed: Packet[]): void {
    while (this.#extra > 0 && group.fed < group.packets.length) {
      const packet = group.packets[group.fed++]!;
      const next = packet.reference ? run.timeline.next(packet) : run.timeline.pass(packet);
      if (!next) continue;
      placed.push(next);
      this.#extra--;
    }
    this.#write(run, placed);
  }

  #write(run: Run, packets: readonly Packet[]): void {
    if (packets.length === 0) return;
    this.fed += packets.length;
    run.write(writeFragment(this.#stream, packets, { sequence: run.sequence++ }));
  }

  #costOf({ data }: Packet): number {
    const { width, height } = this.#stream.video;
    return (width * height) / 256 + data.length / BYTES_PER_BLOCK;
  }

  /** How many pictures are decoded before one that is shown before them: so many are held back. */
  #learnReorder({ dts, ctsOffset }: Packet): void {
    const shown = dts + ctsOffset;
    this.#reorder = Math.max(this.#reorder, Math.min(16, this.#shown.filter((other) => other > shown).length));
    this.#shown.push(shown);
    if (this.#shown.length > 17) this.#shown.shift();
  }

  #running(key: boolean): Run | undefined {
    if (this.#run || !key || this.#o.nowMs() < this.#retryAtMs) return this.#run;
    for (const group of this.#groups) group.fed = 0;
    this.#following = false;
    const { stream, onPicture } = this.#o;
    const timeline = new DecoderTimeline(stream.video.timescale, LUMA_FPS);
    const run = new Run(timeline, (picture, atMs, sparse) => {
      // What is decoded a second time was told the first time.
      if (this.#run !== run || this.#closed || atMs < this.#tellMs) return;
      this.#tellMs = atMs;
      onPicture(picture, atMs, sparse);
    });
    this.#run = run;
    run.write(this.#stream.init);
    void run.ended.then(() => {
      if (this.#run !== run) return;
      if (!run.finishing) this.failures++;
      this.#retryAtMs = this.#o.nowMs() + RESTART_MS;
      this.#end(run);
    });
    return run;
  }

  #end(run: Run): void {
    this.#run = undefined;
    this.#following = false;
    const ending = run.stop().then(() => {
      this.#endedCpuMs += run.child.cpuMs() ?? 0;
      this.#ending.delete(ending);
    });
    this.#ending.add(ending);
  }

  #drop(run: Run): void {
    this.failures++;
    this.#end(run);
  }

  #forget(group: Group): void {
    this.#groups = [group];
    group.packets.splice(0, group.fed);
    group.fed = 0;
    group.bytes = MAX_GROUP_BYTES + 1;
  }
}

/** One process of it. */
class Run {
  readonly child: Child;
  readonly timeline: DecoderTimeline;
  readonly ended: Promise<unknown>;
  /** Pictures that came, wanted or not. */
  slots = 0;
  sequence = 1;
  queuedBytes = 0;
  finishing = false;
  readonly #queue: Uint8Array[] = [];
  readonly #tail = new StderrTail();
  #pumping: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(timeline: DecoderTimeline, onPicture: (picture: LumaPicture, atMs: number, sparse: boolean) => void) {
    this.timeline = timeline;
    // It holds nothing that KILL could damage.
    const child = spawnChild(gatedArgv(), { stdin: 'pipe', killAfterMs: 500 });
    this.child = child;
    const reader = new LumaReader((picture, index) => {
      this.slots = index + 1;
      const time = timeline.slot(index);
      if (time) onPicture(picture, time.atMs, time.sparse);
    });
    const drained = (async () => {
      try {
        for await (const bytes of child.stdout) {
          reader.push(bytes);
          this.#woken();
        }
      } catch {
        // it is gone; how it ended is told by its exit
      }
    })();
    this.ended = Promise.all([drained, this.#tail.drain(child.stderr), child.exited]).then(() => this.#woken());
  }

  write(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.queuedBytes += bytes.length;
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
    });
  }

  /** Resolves when something more has come, or after a moment. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#woken(), 100);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async finish(): Promise<void> {
    this.finishing = true;
    await this.#pumping;
    try {
      await this.child.stdin!.end();
    } catch {
      // closed already
    }
    await this.ended;
  }

  async stop(): Promise<void> {
    this.#queue.length = 0;
    await this.child.stop();
    await this.ended;
  }

  #woken(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  async #pump(): Promise<void> {
    try {
      for (let bytes = this.#queue.shift(); bytes; bytes = this.#queue.shift()) {
        this.child.stdin!.write(bytes);
        await this.child.stdin!.flush();
        this.queuedBytes -= bytes.length;
      }
    } catch {
      // it closed its input: its exit is seen elsewhere
    }
  }
}

/** User and system time of a running process. Linux tells it in hundredths of a second (proc(5)). */
function cpuMsOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ms = (Number(fields[11]) + Number(fields[12])) * 10;
    return Number.isFinite(ms) ? ms : undefined;
  } catch {
    return undefined;
  }
}
