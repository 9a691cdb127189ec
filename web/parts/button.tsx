// Buttons, and the small boxes that say "loading", "nothing here" and "this is wrong".

import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icons.tsx';

export function Button({
  kind = 'plain',
  type = 'button',
  icon,
  busy = false,
  disabled = false,
  small = false,
  onClick,
  children,
}: {
  readonly kind?: 'primary' | 'plain' | 'danger' | 'quiet';
  readonly type?: 'button' | 'submit';
  readonly icon?: IconName;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly small?: boolean;
  readonly onClick?: () => unknown;
  readonly children: ComponentChildren;
}) {
  return (
    <button
      type={type}
      class={`button button-${kind}${small ? ' button-small' : ''}`}
      aria-busy={busy}
      disabled={disabled || busy}
      onClick={() => void onClick?.()}
    >
      {busy ? <span class="spinner" aria-hidden="true" /> : icon ? <Icon name={icon} size={18} /> : null}
      <span>{children}</span>
    </button>
  );
}

export function IconButton({
  icon,
  label,
  pressed,
  busy = false,
  onClick,
}: {
  readonly icon: IconName;
  readonly label: string;
  readonly pressed?: boolean;
  readonly busy?: boolean;
  readonly onClick: () => unknown;
}) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      aria-busy={busy}
      disabled={busy}
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      onClick={() => void onClick()}
    >
      {busy ? <span class="spinner" aria-hidden="true" /> : <Icon name={icon} />}
    </button>
  );
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" /> Loading {what}…
    </p>
  );
}

export function Notice({
  level,
  message,
  advice,
}: {
  readonly level: 'info' | 'warn' | 'error' | 'ok';
  readonly message: string;
  readonly advice?: string | undefined;
}) {
  return (
    <div class={`notice notice-${level}`} role={level === 'error' ? 'alert' : 'status'}>
      <Icon name={level} />
      <div>
        <p class="notice-message">{message}</p>
        {advice ? <p class="notice-advice">{advice}</p> : null}
      </div>
    </div>
  );
}
