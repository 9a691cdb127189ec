// The frame of every page: name of the box, where one can go, and a word when the box does not answer.

import type { ComponentChildren } from 'preact';
import { connected } from '../changes.ts';
import { mayVisit } from '../may-visit.ts';
import { Link } from '../navigation.tsx';
import { addressOf, type Route } from '../router.ts';
import { usePerson } from '../session.ts';
import { useStore } from '../store.ts';
import { IconButton } from './button.tsx';
import { Icon, type IconName, Mark } from './icons.tsx';
import { applyTheme, theme } from './theme.ts';

const places: readonly { icon: IconName; name: string; href: string; pages: readonly Route['page'][] }[] = [
  { icon: 'live', name: 'Live', href: addressOf.live(), pages: ['live'] },
  { icon: 'recordings', name: 'Recordings', href: addressOf.recordings(), pages: ['recordings', 'recording', 'day'] },
  {
    icon: 'settings',
    name: 'Settings',
    href: addressOf.settings(),
    pages: ['settings', 'camera', 'add-camera', 'tune', 'people', 'system', 'remote'],
  },
  { icon: 'status', name: 'Status', href: addressOf.status(), pages: ['status'] },
];

const nextTheme = { system: 'light', light: 'dark', dark: 'system' } as const;
const themeIcon = { system: 'auto', light: 'sun', dark: 'moon' } as const;
const themeName = { system: 'as this device', light: 'light', dark: 'dark' } as const;

export function Shell({
  boxName,
  page,
  children,
}: {
  readonly boxName: string;
  readonly page: Route['page'];
  readonly children: ComponentChildren;
}) {
  const isConnected = useStore(connected);
  const current = useStore(theme);
  const person = usePerson();
  const open = places.filter(({ pages }) => pages.some((p) => person === undefined || mayVisit(person.role, p)));
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <Link href="/" class="brand">
          <Mark />
          <span>{boxName}</span>
        </Link>
        {open.length > 1 ? (
          <nav class="places" aria-label="Pages">
            {open.map(({ icon, name, href, pages }) => (
              <Link key={href} href={href} class="place" {...(pages.includes(page) ? { 'aria-current': 'page' } : {})}>
                <Icon name={icon} size={22} />
                <span>{name}</span>
              </Link>
            ))}
          </nav>
        ) : null}
        <IconButton
          icon={themeIcon[current]}
          label={`Colours: ${themeName[current]}. Change to ${themeName[nextTheme[current]]}`}
          onClick={() => applyTheme(nextTheme[current])}
        />
        {person ? (
          <Link
            class="icon-button"
            href={addressOf.account()}
            aria-label={`You: ${person.name}`}
            {...(page === 'account' ? { 'aria-current': 'page' } : {})}
          >
            <Icon name="person" />
          </Link>
        ) : null}
      </header>
      {isConnected ? null : (
        <p class="offline" role="status">
          <span class="spinner" aria-hidden="true" /> The box does not answer. Trying again.
        </p>
      )}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
