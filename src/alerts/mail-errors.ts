// Says in plain words why a mail server could not be used, and what to do about it. Knows nodemailer's error codes and
// what the TLS library says; never repeats anything that was sent to the server.

import { oneLine } from './message.ts';

export interface MailFault {
  /** What happened; the server's own words where it said any. */
  readonly message: string;
  readonly advice?: string;
  /** In the settings, and not a matter of waiting. */
  readonly ownersFault: boolean;
}

/** The server that was meant, for the words. */
export interface FaultContext {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
}

interface Thrown {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
  readonly message: string;
}

export function describeMailError(thrown: unknown, server: FaultContext): MailFault {
  const error: Thrown = thrown instanceof Error ? (thrown as Thrown) : { message: String(thrown) };
  const text = error.message;
  const place = `${server.host}, port ${server.port}`;
  const said = error.response ? oneLine(error.response.split(/\r?\n/)[0] ?? '').slice(0, 300) : undefined;
  const fault = (message: string, advice: string, ownersFault: boolean): MailFault => ({
    message,
    advice,
    ownersFault,
  });

  if (error.code === 'EAUTH' || error.code === 'ENOAUTH') {
    return fault(said ?? 'The mail server was given no user name or password.', signInAdvice(server.host), true);
  }
  if (error.code === 'EDNS' || /ENOTFOUND|EAI_AGAIN/.test(text)) {
    return fault(
      `The name ${server.host} could not be found.`,
      'Check the spelling of the mail server, and that the box is connected to the internet.',
      false,
    );
  }
  const certificate = certificateFault(text, server.host);
  // A box that has just started in 1970 will know the time in a moment.
  if (certificate) return fault(certificate, certificateAdvice, !certificate.includes('the clock of this box'));
  if (/WRONG_VERSION_NUMBER|wrong version number|packet length too long|http request/i.test(text)) {
    return fault(
      `${place} does not speak TLS from the start.`,
      'Port 465 goes with TLS, port 587 with STARTTLS. Change the encryption or the port.',
      true,
    );
  }
  if (error.code === 'ETLS') {
    return error.command === 'STARTTLS' && (error.responseCode ?? 0) >= 500
      ? fault(
          `${place} does not offer STARTTLS.`,
          'Try port 465 with TLS. Without encryption your password and pictures would travel in the open.',
          true,
        )
      : fault(
          `Encryption with ${place} could not be agreed on.`,
          'Try port 465 with TLS, or update the mail server.',
          true,
        );
  }
  if (/ECONNREFUSED/.test(text)) {
    return fault(`${place} refused the connection.`, 'Check the port: 587 for STARTTLS, 465 for TLS.', false);
  }
  if (/EHOSTUNREACH|ENETUNREACH|ENETDOWN/.test(text)) {
    return fault(`There is no way from here to ${place}.`, 'Check that the box is connected to the internet.', false);
  }
  if (/Greeting never received/i.test(text)) {
    return fault(
      `${place} took the connection and said nothing.`,
      server.security === 'tls'
        ? 'The server may be busy. If it stays so, check the port.'
        : 'If this is port 465, choose TLS instead of STARTTLS. Otherwise the server may be busy.',
      false,
    );
  }
  if (error.code === 'EPROTOCOL' && error.command === 'CONN') {
    return said && /^[45]\d\d/.test(said)
      ? fault(said, 'The mail server does not want to talk to this box now.', false)
      : fault(`${place} is not a mail server.`, 'Check the server name and the port.', true);
  }
  if (error.code === 'EABORT') {
    return fault(`${place} took too long.`, 'The connection may be very slow. Nightjar tries again by itself.', false);
  }
  if (error.code === 'ETIMEDOUT') {
    return /^Timeout$/.test(text)
      ? fault(`${place} fell silent.`, 'Nightjar tries again by itself.', false)
      : fault(
          `${place} did not answer in time.`,
          'Check the server name and port. Some internet providers block mail ports; 587 is blocked least.',
          false,
        );
  }
  if (said && error.command === 'MAIL FROM') {
    return fault(said, 'The server refuses the sender. Set a sender address that belongs to this account.', true);
  }
  if (said && error.command === 'RCPT TO') return fault(said, 'Check the recipient address.', false);
  if (said) return { message: said, ownersFault: false };
  if (error.code === 'ECONNECTION' || /ECONNRESET|EPIPE|closed/i.test(text)) {
    return fault(`${place} closed the connection.`, 'The server may be busy. Nightjar tries again by itself.', false);
  }
  return { message: oneLine(text).slice(0, 300), ownersFault: false };
}

function signInAdvice(host: string): string {
  if (/gmail|google/i.test(host)) {
    return 'Gmail wants an app password, not your usual one: Google account, Security, 2-step verification, App passwords.';
  }
  if (/mail\.me\.com|icloud/i.test(host)) {
    return 'iCloud wants an app-specific password: Apple account, Sign-In and Security, App-Specific Passwords.';
  }
  if (/outlook|office365|hotmail/i.test(host)) {
    return 'Microsoft has ended sign-in by password for most accounts. Use another provider if this password is right.';
  }
  if (/fastmail/i.test(host)) return 'Fastmail wants an app password: Settings, Privacy & Security, App passwords.';
  if (/resend/i.test(host)) return 'The password for Resend is an API key that starts with re_.';
  return 'Check user name and password. Many providers want an app password instead of the usual one.';
}

const certificateAdvice =
  'Use the server name that your provider gives. Turn the certificate check off only for a server of your own.';

function certificateFault(text: string, host: string): string | undefined {
  if (/altname|Hostname\/IP does not match/i.test(text))
    return `The certificate of the mail server is not for ${host}.`;
  if (/certificate has expired|CERT_HAS_EXPIRED/i.test(text)) {
    return `The certificate of ${host} has expired, or the clock of this box is wrong.`;
  }
  if (/not yet valid|CERT_NOT_YET_VALID/i.test(text)) {
    return `The certificate of ${host} is not valid yet, or the clock of this box is wrong.`;
  }
  if (/self.signed|unable to (get|verify)|UNABLE_TO|unknown ca|certificate/i.test(text)) {
    return `The certificate of ${host} is not trusted.`;
  }
  return undefined;
}
