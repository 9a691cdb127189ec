// Servers of common mail providers: choosing one fills in server, port and encryption. Pure.

import type { Draft } from '../forms/draft.ts';

const servers: Readonly<Record<string, Draft>> = {
  gmail: { host: 'smtp.gmail.com', port: 587, security: 'starttls' },
  outlook: { host: 'smtp-mail.outlook.com', port: 587, security: 'starttls' },
  icloud: { host: 'smtp.mail.me.com', port: 587, security: 'starttls' },
  fastmail: { host: 'smtp.fastmail.com', port: 465, security: 'tls' },
  resend: { host: 'smtp.resend.com', port: 465, security: 'tls' },
};

export function followPreset(next: Draft, before: Draft): Draft {
  return next.preset === before.preset ? next : { ...next, ...servers[String(next.preset)] };
}

/** With a known provider, what it fixes need not be shown. */
export const hiddenByPreset = (draft: Draft): readonly string[] =>
  draft.preset === 'own' ? [] : ['host', 'port', 'security'];
