// Light, dark, or as the device says. Kept in this browser only.

import { createStore } from '../store.ts';

export type Theme = 'system' | 'light' | 'dark';
const key = 'nightjar-theme';

function stored(): Theme {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

export const theme = createStore<Theme>('system');

export function applyTheme(next: Theme = stored()): void {
  theme.set(next);
  if (next === 'system') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.setAttribute('data-theme', next);
  try {
    if (next === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch {
    // A browser that keeps nothing still shows the theme for this visit.
  }
}
