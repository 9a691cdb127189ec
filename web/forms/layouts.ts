// The order and the words of the settings forms. What the schema has and nobody names here appears at the end.

import type { SchemaField } from './schema-fields.ts';

export interface FieldWords {
  readonly path: string;
  readonly label: string;
  readonly unit?: string;
  readonly choices?: Readonly<Record<string, string>>;
  /** The choices are sentences: all of them are shown, below each other. */
  readonly listed?: boolean;
  /** What 0 means, and what any other number is: chosen in words first. */
  readonly zero?: readonly [zero: string, other: string, firstOther: number];
  /** Numbers with a natural scale are slid, not typed. */
  readonly slider?: readonly [low: string, high: string];
}
export interface Group {
  readonly title: string;
  readonly fields: readonly FieldWords[];
  /** Folded away until somebody wants it. */
  readonly folded?: boolean;
  /** Short fields, two beside each other: least and most. */
  readonly pairs?: boolean;
}
export interface LaidOutGroup {
  readonly title: string;
  readonly folded: boolean;
  readonly pairs: boolean;
  readonly fields: readonly (SchemaField & { readonly words: FieldWords })[];
}

/** Puts the schema's fields into the groups; what no group names goes into one at the end. */
export function layOut(fields: readonly SchemaField[], groups: readonly Group[]): readonly LaidOutGroup[] {
  const named = new Set(groups.flatMap((g) => g.fields.map((f) => f.path)));
  const rest = fields.filter((f) => !named.has(f.path));
  const laidOut = groups.map(({ title, folded = false, pairs = false, fields: words }) => ({
    title,
    folded,
    pairs,
    fields: words.flatMap((word) => {
      const field = fields.find((f) => f.path === word.path);
      return field ? [{ ...field, words: word }] : [];
    }),
  }));
  const more = {
    title: 'More',
    folded: true,
    pairs: false,
    fields: rest.map((field) => ({ ...field, words: { path: field.path, label: plainName(field.path) } })),
  };
  return [...laidOut, more].filter((group) => group.fields.length > 0);
}

/** `motion.coolDownS` as "Cool down". */
export function plainName(path: string): string {
  const words = (path.split('.').at(-1) ?? path)
    .replace(/(MB|Ms|Kbps|Percent|Days|S)$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const boxGroups: readonly Group[] = [
  {
    title: '',
    fields: [
      { path: 'name', label: 'Name of the box' },
      { path: 'timeZone', label: 'Time zone' },
      { path: 'publicUrl', label: 'Address of this page' },
    ],
  },
];

export const mailGroups: readonly Group[] = [
  {
    title: '',
    fields: [
      { path: 'enabled', label: 'Send mail' },
      {
        path: 'preset',
        label: 'Mail provider',
        choices: {
          own: 'Other, or my own server',
          gmail: 'Gmail',
          outlook: 'Outlook',
          icloud: 'iCloud',
          fastmail: 'Fastmail',
          resend: 'Resend',
        },
      },
      { path: 'host', label: 'Mail server' },
      { path: 'port', label: 'Port' },
      { path: 'security', label: 'Encryption', choices: { starttls: 'STARTTLS', tls: 'TLS', none: 'None' } },
      { path: 'username', label: 'User name' },
      { path: 'password', label: 'Password' },
      { path: 'from', label: 'Sender' },
      { path: 'to', label: 'Who gets the mails' },
    ],
  },
  {
    title: 'Certificate',
    folded: true,
    fields: [{ path: 'verifyCertificate', label: 'Check the server’s certificate' }],
  },
];

export const updateGroups: readonly Group[] = [
  {
    title: '',
    fields: [
      { path: 'address', label: 'Address of newer versions' },
      { path: 'check', label: 'Look there once a day' },
    ],
  },
];

export const remoteGroups: readonly Group[] = [
  {
    title: '',
    fields: [
      {
        path: 'provider',
        label: 'Provider',
        choices: { none: 'None', duckdns: 'DuckDNS (free)', url: 'Another provider' },
      },
    ],
  },
  {
    title: 'DuckDNS',
    fields: [
      { path: 'domain', label: 'Your name at DuckDNS' },
      { path: 'token', label: 'Token' },
    ],
  },
  {
    title: 'Another provider',
    fields: [
      { path: 'hostName', label: 'Name' },
      { path: 'updateUrl', label: 'Update address' },
    ],
  },
  {
    title: 'Where it leads',
    fields: [
      {
        path: 'points',
        label: 'Where the name leads',
        listed: true,
        choices: {
          outside: 'Here, from anywhere (needs a forwarded port in your router)',
          home: 'The box at home (works at home only, nothing to forward)',
          chosen: 'An address I choose',
        },
      },
      { path: 'chosenAddress', label: 'That address' },
    ],
  },
  { title: 'Certificate', fields: [{ path: 'certificate', label: 'Get a certificate that browsers trust' }] },
  {
    title: 'Details',
    folded: true,
    fields: [
      { path: 'email', label: 'Mail address for the certificate authority' },
      { path: 'ipv6', label: 'IPv6, too' },
    ],
  },
];

export const storageGroups: readonly Group[] = [
  {
    title: '',
    fields: [
      { path: 'keepFreeMB', label: 'Space to keep free', unit: 'MB' },
      {
        path: 'maxAgeDays',
        label: 'Keep recordings',
        unit: 'days',
        zero: ['Until their space is needed', 'For at most', 30],
      },
    ],
  },
  {
    title: 'Mails about space',
    fields: [
      { path: 'warnAtPercent', label: 'Mail when this much is used', unit: '%' },
      {
        path: 'warnBelowDays',
        label: 'Mail when the disk holds',
        unit: 'days',
        zero: ['Any time: never', 'Fewer than', 3],
      },
    ],
  },
];

export const sourceGroups: readonly Group[] = [
  {
    title: '',
    fields: [
      { path: 'source.url', label: 'Address of the stream' },
      { path: 'source.device', label: 'Device' },
      { path: 'source.index', label: 'Connector' },
      { path: 'source.path', label: 'Video file on the box' },
      { path: 'source.scene', label: 'Scene', choices: { yard: 'A yard with visitors', bars: 'Test pattern' } },
      { path: 'source.username', label: 'User name' },
      { path: 'source.password', label: 'Password' },
      { path: 'source.detectUrl', label: 'Address of the small stream' },
    ],
  },
  {
    title: 'Picture and connection',
    folded: true,
    fields: [
      { path: 'source.transport', label: 'Transport', choices: { tcp: 'TCP', udp: 'UDP' } },
      { path: 'source.rotation', label: 'Rotation', choices: { 0: 'Upright', 180: 'Upside down' } },
      { path: 'source.width', label: 'Width', unit: 'pixels' },
      { path: 'source.height', label: 'Height', unit: 'pixels' },
      { path: 'source.fps', label: 'Frame rate', unit: 'per second' },
      { path: 'source.bitrateKbps', label: 'Bit rate', unit: 'kbit/s' },
      { path: 'source.grayscale', label: 'Without colour' },
    ],
  },
];

/** What nearly everybody needs; presets and zones stand between these and the rest. */
export const motionGroups: readonly Group[] = [
  {
    title: '',
    fields: [
      { path: 'motion.enabled', label: 'Watch for motion' },
      { path: 'motion.sensitivity', label: 'Sensitivity', slider: ['Little', 'Much'] },
    ],
  },
];

export const motionMoreGroups: readonly Group[] = [
  { title: 'Times', fields: [{ path: 'motion.schedule', label: 'When to watch' }] },
  {
    title: 'More limits',
    folded: true,
    pairs: true,
    fields: [
      { path: 'motion.smallestAreaPercent', label: 'Smallest area', unit: '%' },
      { path: 'motion.largestAreaPercent', label: 'Largest area', unit: '%' },
      { path: 'motion.smallestWidthPercent', label: 'Smallest width', unit: '%' },
      { path: 'motion.largestWidthPercent', label: 'Largest width', unit: '%' },
      { path: 'motion.smallestHeightPercent', label: 'Smallest height', unit: '%' },
      { path: 'motion.largestHeightPercent', label: 'Largest height', unit: '%' },
      { path: 'motion.narrowestAspect', label: 'Slimmest shape' },
      { path: 'motion.widestAspect', label: 'Flattest shape' },
    ],
  },
  {
    title: 'Visits',
    folded: true,
    fields: [
      { path: 'motion.smallestDurationMs', label: 'Must last', unit: 'ms' },
      { path: 'motion.mergeGapS', label: 'A visit is over after', unit: 'seconds' },
      { path: 'motion.coolDownS', label: 'The next one can begin', unit: 'seconds', zero: ['At once', 'After', 30] },
    ],
  },
  {
    title: 'False alarms and power',
    folded: true,
    fields: [
      { path: 'motion.ignoreGlobalChange', label: 'Ignore lamps and clouds' },
      { path: 'motion.confirm', label: 'Look twice before a mail' },
      { path: 'motion.lowPower', label: 'Save power while nothing moves' },
    ],
  },
];

export const recordGroups: readonly Group[] = [
  {
    title: '',
    fields: [
      {
        path: 'record.mode',
        label: 'What to record',
        choices: {
          motion: 'When something moves',
          continuous: 'All the time',
          both: 'All the time, and mark motion',
          manual: 'Only by hand',
          off: 'Nothing',
        },
      },
      { path: 'record.preRollS', label: 'Before the motion', unit: 'seconds' },
      { path: 'record.postRollS', label: 'After the motion', unit: 'seconds' },
      { path: 'record.manualLimitS', label: 'Recordings by hand stop after', unit: 'seconds' },
      { path: 'record.audio', label: 'Record sound' },
      { path: 'record.schedule', label: 'When to record' },
    ],
  },
  {
    title: 'Files and memory',
    folded: true,
    fields: [
      { path: 'record.segmentS', label: 'Longest file', unit: 'seconds' },
      { path: 'record.preRollMaxMB', label: 'Memory for the time before', unit: 'MB' },
    ],
  },
];

export const keepGroups: readonly Group[] = [
  {
    title: 'How long to keep it',
    fields: [
      {
        path: 'keep.maxAgeDays',
        label: 'Keep recordings',
        unit: 'days',
        zero: ['As set for the box', 'For at most', 30],
      },
      {
        path: 'keep.quotaGB',
        label: 'Space for this camera',
        unit: 'GB',
        zero: ['As much as there is', 'At most', 50],
      },
      {
        path: 'keep.thinAfterDays',
        label: 'Where nothing moved, keep what is recorded all the time',
        unit: 'days',
        zero: ['As long as the rest', 'For', 7],
      },
    ],
  },
];

export const alertGroups: readonly Group[] = [
  {
    title: '',
    fields: [
      { path: 'alerts.mailOnMotion', label: 'Mail when something moves' },
      { path: 'alerts.coolDownS', label: 'At most one mail every', unit: 'seconds' },
      { path: 'alerts.attachDifference', label: 'Attach what differed' },
      { path: 'alerts.mailOnLost', label: 'Mail when the camera is lost or back' },
    ],
  },
];
