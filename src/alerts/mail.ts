// Hands one mail to the owner's mail server and says what came of it. Encryption is what the owner chose: STARTTLS is
// required where it is set, never optional. What to send is `message.ts`'s, when to try again is `outbox.ts`'s business.

import { rootCertificates } from 'node:tls';
import type { Attempt, Refusal } from './attempt.ts';
import { describeMailError, type MailFault } from './mail-errors.ts';
import { DIFFERENCE_CID, type Message, oneLine, PICTURE_CID } from './message.ts';
import { type MailPresetName, mailPresets } from './presets.ts';

/** As in the mail section of the settings. */
export interface MailSettings {
  readonly enabled: boolean;
  readonly preset: 'own' | MailPresetName;
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly verifyCertificate: boolean;
  readonly username: string;
  readonly password: string;
  readonly from: string;
  readonly to: readonly string[];
}

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly username: string;
  /** Sender address; '' when none can be made of the settings. */
  readonly from: string;
}

/** The server that is meant: a preset's, or the one typed in. */
export function mailServer(settings: MailSettings): MailServer {
  const preset = settings.preset === 'own' ? undefined : mailPresets[settings.preset];
  const username = preset && 'username' in preset ? preset.username : settings.username;
  const { host, port, security } = preset ?? settings;
  return { host, port, security, username, from: settings.from || (username.includes('@') ? username : '') };
}

/** Why no mail can be sent with these settings, in words for the owner; undefined when it can be tried. */
export function mailGap(settings: MailSettings): string | undefined {
  const server = mailServer(settings);
  if (server.host === '') return 'No mail server is set.';
  if (server.from === '') return 'No sender address is set, and the user name is not an address.';
  return undefined;
}

export interface OutgoingMail {
  readonly message: Message;
  readonly messageId: string;
  readonly dateMs: number;
  readonly to: readonly string[];
  readonly senderName: string;
  readonly picture?: { readonly name: string; readonly bytes: Uint8Array };
  readonly difference?: { readonly name: string; readonly bytes: Uint8Array };
}

export interface MailTimes {
  readonly connectMs: number;
  readonly greetingMs: number;
  /** Silence after which a connection counts as dead. */
  readonly silenceMs: number;
  /** A whole try. */
  readonly tryMs: number;
}

export const mailTimes: MailTimes = { connectMs: 10_000, greetingMs: 10_000, silenceMs: 20_000, tryMs: 90_000 };

export interface SendOptions {
  readonly settings: MailSettings;
  readonly signal: AbortSignal;
  readonly times?: MailTimes;
  /** A further certificate authority, PEM, beside those of the system. */
  readonly trustedCa?: string;
}

/**
 * Sends one mail in one connection. Measured on loopback with STARTTLS and login: 30 ms from the outbox's first write to the
 * server's answer. A connection kept open would win some round trips, and cost mails sent into one that the server has
 * silently closed.
 */
export async function sendMail(mail: OutgoingMail, options: SendOptions): Promise<Attempt> {
  const gap = mailGap(options.settings);
  if (gap) return { kind: 'server-failed', message: gap, ownersFault: true };
  try {
    const { accepted, rejected, rejectedErrors } = await submit(mail, options);
    return { kind: 'answered', accepted: accepted.filter((a) => !rejected.includes(a)), ...refusals(rejectedErrors) };
  } catch (error) {
    return judge(error, options.settings);
  }
}

/** Sends a test mail and reports the server's own words, its first line. */
export async function testMail(
  mail: OutgoingMail,
  options: SendOptions,
): Promise<{ readonly ok: boolean; readonly message: string; readonly advice?: string }> {
  const gap = mailGap(options.settings);
  if (gap) return { ok: false, message: gap, advice: 'Fill it in under Settings, Mail, and try again.' };
  try {
    const { response, rejectedErrors } = await submit(mail, options);
    const refused = rejectedErrors?.[0];
    if (refused) return report(describeMailError(refused, mailServer(options.settings)));
    return { ok: true, message: firstLine(response) };
  } catch (error) {
    return report(describeMailError(error, mailServer(options.settings)));
  }
}

const report = ({ message, advice }: MailFault) => ({ ok: false, message, ...(advice ? { advice } : {}) });

interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
  readonly recipient?: string;
  readonly rejectedErrors?: readonly SmtpError[];
}

interface Submitted {
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
  readonly rejectedErrors?: readonly SmtpError[];
  readonly response: string;
}

async function submit(mail: OutgoingMail, { settings, signal, times = mailTimes, trustedCa }: SendOptions) {
  const server = mailServer(settings);
  // Loaded with the first mail: 8 ms that a start does not need.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: server.security === 'tls',
    requireTLS: server.security === 'starttls',
    ignoreTLS: server.security === 'none',
    ...(server.username === '' ? {} : { auth: { user: server.username, pass: settings.password } }),
    tls: {
      rejectUnauthorized: settings.verifyCertificate,
      minVersion: 'TLSv1.2',
      ...(trustedCa === undefined ? {} : { ca: [...rootCertificates, trustedCa] }),
    },
    dnsTimeout: times.connectMs,
    connectionTimeout: times.connectMs,
    greetingTimeout: times.greetingMs,
    socketTimeout: times.silenceMs,
    socketCloseTimeout: 1000,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  const { message, picture, difference } = mail;
  const inline = (file: NonNullable<typeof picture>, contentType: string, cid: string) => ({
    filename: file.name,
    content: Buffer.from(file.bytes),
    contentType,
    contentDisposition: 'inline' as const,
    cid,
  });
  const overall = new AbortController();
  const timer = setTimeout(() => overall.abort(), times.tryMs);
  try {
    const info = await transport.sendMail({
      signal: AbortSignal.any([signal, overall.signal]),
      from: { name: oneLine(mail.senderName), address: server.from },
      to: [...mail.to],
      messageId: mail.messageId,
      date: new Date(mail.dateMs),
      subject: message.subject,
      text: message.text,
      html: message.html,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      attachments: [
        ...(picture ? [inline(picture, 'image/jpeg', PICTURE_CID)] : []),
        ...(difference ? [inline(difference, 'image/png', DIFFERENCE_CID)] : []),
      ],
    });
    return info as unknown as Submitted;
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

/** Of the refused recipients: who is refused for good, and who may be tried again. */
function refusals(errors: readonly SmtpError[] | undefined): {
  readonly refused: readonly Refusal[];
  readonly later: readonly Refusal[];
} {
  const refused: Refusal[] = [];
  const later: Refusal[] = [];
  for (const error of errors ?? []) {
    const refusal = { address: error.recipient ?? '', message: firstLine(error.response ?? error.message) };
    (isForGood(error) ? refused : later).push(refusal);
  }
  return { refused, later };
}

/**
 * A 5xx is for good, except where it is about how we signed in or connect and not about the recipient (530, 535, "relay",
 * "authenticate"): that is in the settings, and the owner may mend it while the mail waits.
 */
const isForGood = (error: SmtpError): boolean =>
  (error.responseCode ?? 0) >= 500 &&
  ![503, 530, 534, 535, 538].includes(error.responseCode ?? 0) &&
  !/relay|authenticat|not permitted to send/i.test(error.response ?? '');

function judge(thrown: unknown, settings: MailSettings): Attempt {
  const error = (thrown instanceof Error ? thrown : new Error(String(thrown))) as SmtpError;
  const { message, ownersFault } = describeMailError(error, mailServer(settings));
  if (error.rejectedErrors && error.rejectedErrors.length > 0) {
    return { kind: 'answered', accepted: [], ...refusals(error.rejectedErrors) };
  }
  if (error.code === 'EMESSAGE' && error.responseCode !== undefined) {
    if (isForGood(error)) return { kind: 'mail-refused', message, tooLarge: isTooLarge(error) };
    return { kind: 'mail-failed', message, answered: true };
  }
  // "Message size exceeds" is nodemailer's own word, from the limit in the server's greeting.
  if (/message size/i.test(error.message)) return { kind: 'mail-refused', message, tooLarge: true };
  // After the sender and the recipients, nodemailer calls silence "Timeout" and a dropped connection ECONNECTION.
  const silent = error.command === 'DATA' || error.code === 'ECONNECTION' || error.code === 'EABORT';
  if (silent || (error.code === 'ETIMEDOUT' && error.message === 'Timeout')) {
    return { kind: 'mail-failed', message, answered: false };
  }
  return { kind: 'server-failed', message, ownersFault };
}

const isTooLarge = (error: SmtpError) =>
  error.responseCode === 552 || /too (large|big)|size limit|exceeds/i.test(error.response ?? '');

/** `250 2.0.0 OK` without what follows on further lines. */
export const firstLine = (text: string) => oneLine(text.split(/\r?\n/)[0] ?? '').slice(0, 300);
