// Short notes about what was done or what failed. Read out by screen readers; failures stay until they are closed.

import { describe } from '../api.ts';
import { createStore, useStore } from '../store.ts';
import { Icon } from './icons.tsx';

interface Toast {
  readonly id: number;
  readonly kind: 'ok' | 'error' | 'busy';
  readonly text: string;
}

const toasts = createStore<readonly Toast[]>([]);
let nextId = 1;

function show(kind: Toast['kind'], text: string): number {
  const id = nextId++;
  toasts.update((all) => [...all.filter((t) => t.text !== text), { id, kind, text }].slice(-4));
  if (kind === 'ok') setTimeout(() => dismiss(id), 5000);
  return id;
}
const dismiss = (id: number) => toasts.update((all) => all.filter((t) => t.id !== id));

export const toast = {
  ok: (text: string) => void show('ok', text),
  error: (error: unknown) => void show('error', describe(error)),
};

/**
 * Runs something that takes time: says so while it runs (after a moment), says when it is done, and says what failed.
 * Resolves to undefined on failure.
 */
export async function withToast<T>(
  words: { readonly busy: string; readonly done?: string },
  work: () => Promise<T>,
): Promise<T | undefined> {
  let id: number | undefined;
  const timer = setTimeout(() => {
    id = show('busy', words.busy);
  }, 300);
  try {
    const result = await work();
    if (words.done) show('ok', words.done);
    return result;
  } catch (error) {
    toast.error(error);
    return undefined;
  } finally {
    clearTimeout(timer);
    if (id !== undefined) dismiss(id);
  }
}

export function Toasts() {
  const all = useStore(toasts);
  return (
    <section class="toasts" aria-label="Notes">
      <div aria-live="polite">
        {all
          .filter((t) => t.kind !== 'error')
          .map((t) => (
            <div key={t.id} class={`toast toast-${t.kind}`}>
              {t.kind === 'busy' ? <span class="spinner" aria-hidden="true" /> : <Icon name="ok" />}
              <span>{t.text}</span>
            </div>
          ))}
      </div>
      <div aria-live="assertive">
        {all
          .filter((t) => t.kind === 'error')
          .map((t) => (
            <div key={t.id} class="toast toast-error">
              <Icon name="error" />
              <span>{t.text}</span>
              <button type="button" class="icon-button" aria-label="Close this note" onClick={() => dismiss(t.id)}>
                <Icon name="close" size={18} />
              </button>
            </div>
          ))}
      </div>
    </section>
  );
}
