// Whether the cameras are still being worked on. Not whether they give pictures: an unplugged camera is the owner's to plug in,
// and no reason to restart the box. What must not happen is that nothing happens: a live camera without packets, or a lost one
// that nobody tries to reach. Pure; the caller brings the time.

import { type Proof, proven, unproven } from './proof.ts';

export interface CaptureSign {
  readonly id: string;
  readonly name: string;
  readonly state: 'off' | 'starting' | 'live' | 'lost';
  /** How often it was connected anew. */
  readonly restarts: number;
  /** Packets since the camera is known; only has to change when one comes. */
  readonly packets: number;
}

/** A camera without packets is called lost after 5 s, and its program gets 5 s more to end. */
const LIVE_MS = 20_000;
/** The longest pause between two tries is 36 s, and a connection may take 20 s until its first packet. */
const TRYING_MS = 180_000;

export class CaptureWatch {
  readonly #seen = new Map<string, { readonly mark: string; readonly atMs: number }>();

  look(cameras: readonly CaptureSign[], atMs: number): Proof {
    for (const id of this.#seen.keys()) if (!cameras.some((camera) => camera.id === id)) this.#seen.delete(id);
    const still: string[] = [];
    for (const { id, name, state, restarts, packets } of cameras) {
      const mark = `${state} ${restarts} ${packets}`;
      const seen = this.#seen.get(id);
      if (seen?.mark !== mark) this.#seen.set(id, { mark, atMs });
      else if (state !== 'off' && atMs - seen.atMs >= (state === 'live' ? LIVE_MS : TRYING_MS)) still.push(name);
    }
    if (still.length === 0) return proven;
    return unproven(
      still.length === 1
        ? `nothing came from ${still[0]} any more`
        : `nothing came from ${still.length} cameras any more`,
    );
  }
}

/**
 * What an update on trial has to show: at least one camera gives pictures, if one did before the update. With a broken call of
 * ffmpeg every camera would be lost, and that must not pass for unplugged.
 */
export function provesCapture(cameras: readonly CaptureSign[], liveBefore: number): Proof {
  const wanted = cameras.filter((camera) => camera.state !== 'off');
  const live = wanted.filter((camera) => camera.state === 'live').length;
  return liveBefore === 0 || wanted.length === 0 || live > 0 ? proven : unproven('no camera gives a picture');
}
