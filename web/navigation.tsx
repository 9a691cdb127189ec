// Moving between pages with the browser's own history. What an address means is `router.ts`.

import type { ComponentChildren } from 'preact';
import { createStore } from './store.ts';

const here = () => `${location.pathname}${location.search}`;

/** The address of the page that is shown. */
export const address = createStore('/');

let guard: (() => boolean) | undefined;
/** Asks before leaving a page with changes that are not saved; pass undefined to stop asking. */
export function setLeaveGuard(ask: (() => boolean) | undefined): void {
  guard = ask;
}

export function startNavigation(): () => void {
  address.set(here());
  const onPop = () => {
    guard = undefined;
    address.set(here());
  };
  const onUnload = (event: BeforeUnloadEvent) => {
    if (guard && !guard()) event.preventDefault();
  };
  addEventListener('popstate', onPop);
  addEventListener('beforeunload', onUnload);
  return () => {
    removeEventListener('popstate', onPop);
    removeEventListener('beforeunload', onUnload);
  };
}

export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
  if (to === here()) return;
  if (guard && !guard() && !confirm('Leave without saving the changes?')) return;
  guard = undefined;
  const samePage = to.split('?')[0] === location.pathname;
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  address.set(here());
  if (!samePage) {
    scrollTo(0, 0);
    requestAnimationFrame(() => document.getElementById('main')?.focus({ preventScroll: true }));
  }
}

export interface LinkProps {
  readonly href: string;
  readonly class?: string;
  readonly children?: ComponentChildren;
  readonly 'aria-label'?: string;
  readonly 'aria-current'?: 'page';
}

/** A link inside the application: a real link that the middle mouse button opens in a new tab. */
export function Link({ href, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        navigate(href);
      }}
    />
  );
}
