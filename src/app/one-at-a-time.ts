// A queue of one: pictures are decoded one after the other, so that four cameras that trigger together do not starve the
// detection of all of them. What waits too long in it was not urgent.

export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}
