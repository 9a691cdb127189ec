// Puts an alert into words: subject, plain text, HTML with the picture inside. Pure. Says only what is known to be true when
// the mail is read, perhaps hours later; every value is escaped, and no value can add a header.

import type { Alert } from './alert.ts';

export interface MessageContext {
  readonly boxName: string;
  readonly timeZone: string;
  /** Where the button leads: the recording, or the box's page. Anything but http(s) is left out. */
  readonly link?: string;
  readonly hasPicture: boolean;
  /** A picture that shows what differs is attached. */
  readonly hasDifference?: boolean;
  /** How long the mail has waited for a mail server. */
  readonly waitedMs?: number;
}

export interface Message {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The Content-ID under which the HTML expects the picture. */
export const PICTURE_CID = 'picture@nightjar';
export const DIFFERENCE_CID = 'difference@nightjar';

/** Waiting shorter than this is not worth a line. */
const LATE_MS = 2 * 60_000;

export function writeMessage(alert: Alert, context: MessageContext): Message {
  const link = safeLink(context.link);
  const { title, sentences, rows, button } = words(alert, context);
  const late =
    (context.waitedMs ?? 0) >= LATE_MS
      ? [`This mail is ${spell(context.waitedMs!)} late: it could not be sent earlier.`]
      : [];
  const paragraphs = [...sentences, ...late].map(oneLine);
  const facts = rows.map(([name, value]) => [name, oneLine(value)] as const);
  return {
    subject: oneLine(`${context.boxName}: ${title}`).slice(0, 200),
    text: [
      oneLine(title),
      '',
      ...paragraphs,
      ...(paragraphs.length > 0 ? [''] : []),
      ...facts.map(([name, value]) => `${name}: ${value}`),
      ...(link ? ['', `${button}: ${link}`] : []),
      '',
      `-- `,
      `${oneLine(context.boxName)}, a Nightjar box. Change who gets these mails under Settings, Mail.`,
      '',
    ].join('\n'),
    html: page({ title: oneLine(title), paragraphs, facts, link, button, context }),
  };
}

interface Words {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly rows: readonly (readonly [string, string])[];
  readonly button: string;
}

function words(alert: Alert, { timeZone, hasPicture }: MessageContext): Words {
  switch (alert.kind) {
    case 'motion':
      return {
        title: `Motion at ${alert.cameraName}`,
        sentences: hasPicture ? [] : [noPicture(alert.recordingId !== undefined)],
        rows: [
          ['Camera', alert.cameraName],
          ['When', when(alert.atMs, timeZone)],
          ['Motion level', `${Math.round(Math.min(100, Math.max(0, alert.level)))} of 100`],
          ['Recording', alert.recordingId ? 'was running' : 'none was running'],
        ],
        button: alert.recordingId ? 'Watch the recording' : 'Open the cameras',
      };
    case 'camera-lost':
      return {
        title: `${alert.cameraName} is lost`,
        sentences: [
          alert.message,
          alert.advice,
          ...(alert.outages > 1 ? [`It was lost ${alert.outages} times since the last mail about it.`] : []),
          'Nightjar goes on trying. You get a mail when the camera is back.',
        ].filter((s) => s !== ''),
        rows: [
          ['Camera', alert.cameraName],
          ['Lost since', when(alert.sinceMs, timeZone)],
        ],
        button: 'Open the cameras',
      };
    case 'camera-back':
      return {
        title: `${alert.cameraName} is back`,
        sentences:
          alert.outages > 0
            ? [
                `It was lost ${alert.outages === 1 ? 'once more' : `${alert.outages} times more`} since the last mail about it.`,
              ]
            : [],
        rows: [
          ['Camera', alert.cameraName],
          ['Back since', when(alert.sinceMs, timeZone)],
          ...(alert.awayMs > 0 ? [['Was away for', spell(alert.awayMs)] as const] : []),
        ],
        button: 'Open the cameras',
      };
    case 'notice':
      return {
        title: alert.title,
        sentences: [alert.text],
        rows: [['When', when(alert.atMs, timeZone)]],
        button: 'Open Nightjar',
      };
  }
}

const noPicture = (isRecorded: boolean): string =>
  `There is no picture with this mail.${isRecorded ? ' What was seen is in the recording.' : ''}`;

/** `Saturday 21 November 2026, 02:14:07 (Europe/Berlin)`. */
export function when(atMs: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(atMs);
  const get = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  const date = `${get('weekday')} ${get('day')} ${get('month')} ${get('year')}`;
  return `${date}, ${get('hour')}:${get('minute')}:${get('second')} (${timeZone})`;
}

/** A length of time as people say it: `40 seconds`, `1 hour 5 minutes`. */
export function spell(ms: number): string {
  const count = (n: number, unit: string) => `${n} ${unit}${n === 1 ? '' : 's'}`;
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return count(seconds, 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return count(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  if (hours < 48)
    return minutes % 60 === 0 ? count(hours, 'hour') : `${count(hours, 'hour')} ${count(minutes % 60, 'minute')}`;
  return count(Math.round(hours / 24), 'day');
}

/** No control character survives, so nothing can end a header or a line early. */
export const oneLine = (text: string) =>
  text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();

export const escapeHtml = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

function safeLink(link: string | undefined): string | undefined {
  if (!link || !URL.canParse(link)) return undefined;
  const url = new URL(link);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}

/** Tables and inline styles, because mail programs know little else; colours that also hold where a program turns them dark. */
function page(o: {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly facts: readonly (readonly [string, string])[];
  readonly link: string | undefined;
  readonly button: string;
  readonly context: MessageContext;
}): string {
  const picture = o.context.hasPicture
    ? `<tr><td style="padding:0"><img src="cid:${PICTURE_CID}" alt="The picture that caused this mail" width="600" style="display:block;width:100%;max-width:600px;height:auto;border:0"></td></tr>`
    : '';
  const difference = o.context.hasDifference
    ? `<tr><td style="padding:0 24px 24px"><p class="soft" style="margin:0 0 8px;font-size:14px;line-height:20px;color:#5b6774">What differs from the picture before, in red:</p><img src="cid:${DIFFERENCE_CID}" alt="What differs from the picture before" width="552" style="display:block;width:100%;max-width:552px;height:auto;border:0;border-radius:8px"></td></tr>`
    : '';
  const paragraphs = o.paragraphs
    .map(
      (p) =>
        `<p class="ink" style="margin:0 0 12px;font-size:16px;line-height:24px;color:#1d2733">${escapeHtml(p)}</p>`,
    )
    .join('');
  const facts = o.facts
    .map(
      ([name, value]) =>
        `<tr><td class="soft" style="padding:4px 16px 4px 0;font-size:14px;line-height:20px;color:#5b6774;vertical-align:top;white-space:nowrap">${escapeHtml(name)}</td>` +
        `<td class="ink" style="padding:4px 0;font-size:14px;line-height:20px;color:#1d2733">${escapeHtml(value)}</td></tr>`,
    )
    .join('');
  const button = o.link
    ? `<p style="margin:20px 0 0"><a href="${escapeHtml(o.link)}" style="display:inline-block;padding:12px 20px;border-radius:8px;background-color:#1f5fbf;color:#ffffff;font-size:16px;line-height:20px;font-weight:600;text-decoration:none">${escapeHtml(o.button)}</a></p>`
    : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(o.title)}</title>
<style>:root{color-scheme:light dark}@media (prefers-color-scheme:dark){.back{background-color:#11161c!important}.card{background-color:#1b222b!important}.ink{color:#e8edf2!important}.soft{color:#9fabb8!important}}</style>
</head><body class="back" style="margin:0;padding:0;background-color:#eef1f4">
<table role="presentation" class="back" width="100%" cellpadding="0" cellspacing="0" style="background-color:#eef1f4"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;background-color:#ffffff;border-radius:12px;overflow:hidden;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
${picture}<tr><td style="padding:24px">
<h1 class="ink" style="margin:0 0 16px;font-size:22px;line-height:28px;font-weight:600;color:#1d2733">${escapeHtml(o.title)}</h1>
${paragraphs}<table role="presentation" cellpadding="0" cellspacing="0">${facts}</table>${button}
</td></tr>${difference}</table>
<p class="soft" style="margin:16px 0 0;font-size:12px;line-height:18px;color:#5b6774;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">${escapeHtml(oneLine(o.context.boxName))}, a Nightjar box. Change who gets these mails under Settings, Mail.</p>
</td></tr></table></body></html>
`;
}
