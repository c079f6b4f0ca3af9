import { createTransport } from 'nodemailer';
import { Unavailable } from './errors.ts';

export interface MailOptions {
  /** The sender's address. */
  readonly from: string;
  readonly host: string;
  readonly port: number;
  /** `starttls` and `tls` insist on encryption with a valid certificate. */
  readonly security: 'starttls' | 'tls' | 'none';
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

export interface Message {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The same for the same message sent twice, so that mail programs show it once. */
  readonly id: string;
}

export interface Mailer {
  /** @throws Unavailable `mail_not_sent` with the server's code; the addresses are not in the error */
  send(message: Message): Promise<void>;
}

/** How long a mail server may take to answer, in milliseconds. */
const PATIENCE_MS = 20_000;

/** Sends by SMTP (RFC 5321), by the server that the configuration names. */
export function smtpMailer({ from, host, port, security, user, password }: MailOptions): Mailer {
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ...(security === 'none' ? { ignoreTLS: true } : {}),
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.split('@').at(-1) ?? host;
  return {
    async send({ to, subject, text, id }) {
      try {
        await transport.sendMail({
          from,
          to: [...to],
          subject,
          text,
          messageId: `<${id}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        // Without a cause: what the server said may quote the addresses.
        throw new Unavailable('mail_not_sent', code);
      }
    },
  };
}
