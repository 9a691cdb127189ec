// What the routes about the box itself ask of the rooms `system/` and `setup/`: its state, updates, power, reset. `app/` hands in
// the real things; on somebody's own Linux there is only the state, and a refusal for the rest.

import type { SystemView, UpdateView } from './api-system.ts';

export interface SystemPort {
  view(): SystemView | Promise<SystemView>;
  /** Absent on somebody's own Linux: who started the program there restarts and updates it. */
  readonly appliance?: AppliancePort;
}

export interface AppliancePort {
  readonly update: UpdatePort;
  /** Notes for the next boot that everything is to be destroyed; it stays noted over a power cut once this resolves. */
  askForReset(): void | Promise<void>;
  /** Restarts the machine. Asked only once the answer is on its way, so that what fails here can only be logged. */
  restart(): Promise<void>;
  powerOff(): Promise<void>;
}

/** Implemented by `system/update/`. */
export interface UpdatePort {
  /**
   * Checks and keeps a file as it comes. Throws `invalid` for one that is no update for this box, `conflict` for an older one
   * or while another is on its way, `no-space`. The route reads the rest of a refused file by itself. After `restarting` the
   * service must live another second, so that the page hears of it.
   */
  receive(file: UpdateFile): Promise<UpdateView>;
  /** Asks the release address. Why it could not be asked is in the view. Throws `conflict` when it is switched off. */
  check(signal: AbortSignal): Promise<UpdateView>;
  /** Fetches what is offered; resolves when that has begun. Throws `conflict` when nothing is, or another is on its way. */
  install(): Promise<UpdateView>;
}

export interface UpdateFile {
  /** As announced; what comes may be less, or another. */
  readonly bytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly allowOlder: boolean;
  readonly signal: AbortSignal;
}
