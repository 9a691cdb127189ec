// Reads server-sent events out of pieces of text. The browser's own EventSource hides why an answer was refused, and here that
// matters: another camera is being tuned.

export interface StreamEvent {
  readonly name: string;
  readonly data: unknown;
}

export class EventReader {
  #rest = '';

  /** The events that are whole now; what follows the last of them waits for the next piece. */
  push(text: string): readonly StreamEvent[] {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      const name = /^event: (.+)$/m.exec(block)?.[1];
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (name === undefined || data === undefined) return [];
      try {
        return [{ name, data: JSON.parse(data) as unknown }];
      } catch {
        return [];
      }
    });
  }
}
