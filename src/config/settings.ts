// All settings of one box, as one schema. Validation, defaults, the settings form, the environment and the reference page
// come from here. Unknown keys are refused by name.

import { cameraSettings } from './camera.ts';
import { displayName } from './display-name.ts';
import { z } from './zod.ts';

export const SETTINGS_VERSION = 5;

const mailAddress = z
  .string()
  .regex(/^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\]+$/, 'must be a mail address')
  .max(254);

export const boxSettings = z.strictObject({
  name: displayName().default('Nightjar').describe('What the box is called on pages and in mails.'),
  timeZone: z
    .string()
    .default(() => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC')
    .refine((zone) => isTimeZone(zone), 'must be a time zone such as Europe/Berlin')
    .meta({ defaultText: "the system's" })
    .describe('Time zone for schedules and mails, for example Europe/Berlin.'),
  publicUrl: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .describe('Address of this page as you reach it, for links in mails. Empty: the address the box finds itself.'),
});

export const mailSettings = z.strictObject({
  enabled: z.boolean().default(false).describe('Send mail.'),
  preset: z
    .enum(['own', 'gmail', 'outlook', 'icloud', 'fastmail', 'resend'])
    .default('own')
    .describe('Your mail provider; fills in server, port and encryption.'),
  host: z.string().max(253).default('').describe('Mail server, for example smtp.example.org.'),
  port: z.int().min(1).max(65_535).default(587).describe('587 for STARTTLS, 465 for TLS.'),
  security: z
    .enum(['starttls', 'tls', 'none'])
    .default('starttls')
    .describe('Encryption. "none" only inside your own network.'),
  verifyCertificate: z.boolean().default(true).describe('Refuse servers whose certificate is not trusted.'),
  username: z.string().max(254).default('').describe('User name at the mail server.'),
  password: z
    .string()
    .max(1000)
    .default('')
    .meta({ secret: true })
    .describe('Password at the mail server (often an app password). Never shown again.'),
  from: z
    .union([z.literal(''), mailAddress])
    .default('')
    .describe('Sender address. Empty: the user name.'),
  to: z.array(mailAddress).max(20).default([]).describe('Who gets the mails.'),
});

export const storageSettings = z.strictObject({
  keepFreeMB: z
    .int()
    .min(50)
    .max(10_000_000)
    .default(2000)
    .describe('The oldest recordings go when less than this is free, in megabytes.'),
  maxAgeDays: z
    .number()
    .min(0)
    .max(3650)
    .default(0)
    .describe('Recordings older than this go, except starred ones. 0: kept until space is needed.'),
  warnAtPercent: z
    .array(z.int().min(1).max(100))
    .max(5)
    .default([90])
    .describe('Send a mail when this much of the space for recordings is used, in percent. Several levels are fine.'),
  warnBelowDays: z
    .number()
    .min(0)
    .max(3650)
    .default(1)
    .describe('Send a mail when the disk holds fewer days of recordings than this. 0: never.'),
});

export const updateSettings = z.strictObject({
  address: z
    .union([
      z.literal(''),
      z
        .url({ protocol: /^https?$/ })
        .max(500)
        .refine(isWithoutPassword, 'must hold no password'),
    ])
    .default('')
    .describe(
      'Where newer versions are announced and fetched from. Empty: nobody is asked. What comes must be signed.',
    ),
  check: z
    .boolean()
    .default(true)
    .describe('Ask that address once a day whether there is a newer version. It is installed only when you say so.'),
});

export const remoteSettings = z.strictObject({
  provider: z
    .enum(['none', 'duckdns', 'url'])
    .default('none')
    .describe('Who gives the box a name on the internet, so that you find it from outside and browsers trust it.'),
  domain: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.duckdns\.org)?)?$/, 'must be a name such as my-house')
    .transform((name) => name.replace(/\.duckdns\.org$/, ''))
    .default('')
    .describe('Your name at duckdns.org, for example my-house.'),
  token: z
    .string()
    .trim()
    .regex(/^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/i, 'must be the token that duckdns.org shows you')
    .default('')
    .meta({ secret: true })
    .describe('The token that duckdns.org shows you. Never shown again.'),
  hostName: z
    .string()
    .trim()
    .toLowerCase()
    .max(253)
    .regex(
      /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+)?$/,
      'must be a name such as cam.example.org',
    )
    .default('')
    .describe('The name that the update address keeps, for example cam.example.org.'),
  updateUrl: z
    .union([z.literal(''), z.url({ protocol: /^https$/ }).max(1000)])
    .default('')
    .meta({ secret: true })
    .describe(
      'Address that your provider asks to be called when your address changes; {ip} and {ipv6} in it are filled in. Never shown again.',
    ),
  points: z
    .enum(['outside', 'home', 'chosen'])
    .default('outside')
    .describe(
      'Which address the name leads to: the one of your connection, the one of the box at home, or one you choose.',
    ),
  chosenAddress: z
    .union([z.literal(''), z.ipv4(), z.ipv6()])
    .default('')
    .describe('That address, IPv4 or IPv6, for example of a VPN.'),
  ipv6: z.boolean().default(true).describe('Let the name lead to the IPv6 address of the box, too, where it has one.'),
  certificate: z
    .boolean()
    .default(true)
    .describe(
      'Get a certificate that browsers trust from Let’s Encrypt, with your DuckDNS name. You agree to its terms. Nothing has to be forwarded.',
    ),
  email: z
    .union([z.literal(''), mailAddress])
    .default('')
    .describe('Your mail address, for the certificate authority. May be empty.'),
});

export const settings = z.strictObject({
  version: z.literal(SETTINGS_VERSION),
  box: boxSettings.prefault({}),
  mail: mailSettings.prefault({}),
  storage: storageSettings.prefault({}),
  updates: updateSettings.prefault({}),
  remote: remoteSettings.prefault({}),
  cameras: z
    .array(cameraSettings)
    .max(32)
    .default([])
    .refine((all) => new Set(all.map((c) => c.id)).size === all.length, 'two cameras have the same id'),
});

export type BoxSettings = z.infer<typeof boxSettings>;
export type MailSettings = z.infer<typeof mailSettings>;
export type StorageSettings = z.infer<typeof storageSettings>;
export type UpdateSettings = z.infer<typeof updateSettings>;
export type RemoteSettings = z.infer<typeof remoteSettings>;
export type Settings = z.infer<typeof settings>;
/** The parts that are edited as a whole on the settings page. */
export const sections = {
  box: boxSettings,
  mail: mailSettings,
  storage: storageSettings,
  updates: updateSettings,
  remote: remoteSettings,
} as const;
export type SectionName = keyof typeof sections;

export const defaultSettings = (): Settings => settings.parse({ version: SETTINGS_VERSION });

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function isWithoutPassword(url: string): boolean {
  const { username, password } = new URL(url);
  return username === '' && password === '';
}
