// Mail providers whose server, port and encryption need not be typed in. Pure data, for the mailer and for the settings form.

export interface MailPreset {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls';
  /** What to know before it works, for the settings form. */
  readonly hint: string;
  /** Where the provider wants a fixed user name. */
  readonly username?: string;
}

export const mailPresets = {
  gmail: {
    name: 'Gmail',
    host: 'smtp.gmail.com',
    port: 465,
    security: 'tls',
    hint: 'Needs an app password: turn on 2-step verification in your Google account, then make one under Security, App passwords.',
  },
  outlook: {
    name: 'Outlook.com',
    host: 'smtp-mail.outlook.com',
    port: 587,
    security: 'starttls',
    hint: 'Microsoft has ended sign-in by password for most accounts. If the test mail is refused, use another provider.',
  },
  icloud: {
    name: 'iCloud Mail',
    host: 'smtp.mail.me.com',
    port: 587,
    security: 'starttls',
    hint: 'Needs an app-specific password from your Apple account, under Sign-In and Security.',
  },
  fastmail: {
    name: 'Fastmail',
    host: 'smtp.fastmail.com',
    port: 465,
    security: 'tls',
    hint: 'Needs an app password with access to SMTP, from Settings, Privacy & Security.',
  },
  resend: {
    name: 'Resend',
    host: 'smtp.resend.com',
    port: 465,
    security: 'tls',
    username: 'resend',
    hint: 'The password is an API key. Set a sender address in a domain that you have verified there.',
  },
} as const satisfies Readonly<Record<string, MailPreset>>;

export type MailPresetName = keyof typeof mailPresets;
