import { Writable } from 'node:stream';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Client } from '../../src/clients/client.ts';
import { ClientRegister } from '../../src/clients/register.ts';
import { sendSecretNotices } from '../../src/clients/secret-notices.ts';
import { createLog, type Log } from '../../src/operations/log.ts';
import { smtpMailer } from '../../src/operations/mail.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const ENDS = Date.parse('2026-07-01T10:00:00Z');

const client: Client = {
  id: 'school',
  entity: 'unione',
  name: { it: 'Iscrizioni', en: 'Enrolment' },
  applicationType: 'web',
  redirectUris: ['https://scuola.example.it/callback'],
  postLogoutRedirectUris: [],
  authMethod: 'client_secret_basic',
  refreshTokens: false,
  idTokenAlgorithm: 'RS256',
  sector: 'unione',
  minimumLevel: 2,
  attributes: [],
  homePage: 'https://scuola.example.it/',
  contacts: ['scuola@example.it', 'fornitore@example.com'],
};

describeStores('notices of secrets that end', (openUrl) => {
  let store: Store;
  let server: SMTPServer;
  let port = 0;
  let now = new Date(0);
  let refusing = false;
  let lines: string[];
  let log: Log;
  const mails: { to: string[]; text: string }[] = [];
  const clock = { now: () => now };

  beforeAll(async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      onRcptTo: (address, _session, done) =>
        done(refusing ? new Error(`no such user: ${address.address}`) : undefined),
      onData(stream, { envelope }, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const to = envelope.rcptTo.map(({ address }) => address);
          mails.push({ to, text: Buffer.concat(chunks).toString('utf8') });
          done();
        });
      },
    });
    const listening = server.listen(0, '127.0.0.1');
    await new Promise<void>((resolve) => listening.once('listening', resolve));
    const address = listening.address();
    port = typeof address === 'object' && address ? address.port : 0;
  });
  afterAll(() => new Promise<void>((resolve) => server.close(resolve)));

  beforeEach(async () => {
    mails.length = 0;
    lines = [];
    refusing = false;
    now = new Date(ENDS - 60 * DAY_MS);
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    log = createLog({ level: 'info', destination });
    store = await openStore(await openUrl(), clock);
    await store.db.deleteFrom('clients').execute();
    const clients = new ClientRegister(store, clock);
    await clients.seed([{ client, secrets: ['of the test'] }]);
    await store.db.updateTable('client_secrets').set({ expires_at: ENDS }).execute();
  });
  afterEach(() => store.close());

  const send = (daysBefore: number) => {
    now = new Date(ENDS - daysBefore * DAY_MS);
    const mailer = smtpMailer({ from: 'accesso@example.it', host: '127.0.0.1', port, security: 'none' });
    return sendSecretNotices({ store, clock, log, mailer, publicUrl: 'https://accesso.example.it' });
  };

  it('tell every contact 30, 7 and 1 days before, once each, and nobody afterwards', async () => {
    for (const [days, sent] of [
      [31, 0],
      [30, 1],
      [29, 1],
      [7, 2],
      [6, 2],
      [1, 3],
      [0.5, 3],
      [0, 3],
    ] as const) {
      await send(days);
      expect([days, mails.length]).toEqual([days, sent]);
    }
    expect(mails[0]?.to).toEqual(client.contacts);
    expect(mails[0]?.text).toContain('Auto-Submitted: auto-generated');
    expect(mails[0]?.text).toMatch(/Message-ID: <[\w-]+\.30@example\.it>/);
  });

  it('are sent by one of several processes', async () => {
    await Promise.all([send(30), send(30), send(30)]);
    expect(mails).toHaveLength(1);
  });

  it('that could not be sent are sent the next time, with nobody’s address in the log', async () => {
    refusing = true;
    await send(30);
    expect(mails).toEqual([]);
    refusing = false;
    await send(30);
    expect(mails).toHaveLength(1);
    expect(lines.join('')).toContain('"event":"secret_notice_not_sent","client":"school","days":30');
    expect(lines.join('')).not.toMatch(/scuola@|fornitore@/);
  });

  it('whose process was cut off are sent by the next one, but not while it may still be sending', async () => {
    const [secret] = await store.db.selectFrom('client_secrets').select('id').execute();
    const begun = ENDS - 7 * DAY_MS;
    await store.db
      .insertInto('secret_notices')
      .values({ secret_id: secret?.id ?? '', days: 7, claimed_until: begun + 300_000, sent_at: null })
      .execute();
    await send(7);
    expect(mails).toEqual([]);
    await send(6.9);
    expect(mails).toHaveLength(1);
  });

  it('are the latest only, for who was not there for weeks, and none for what was retired', async () => {
    await store.db.updateTable('clients').set({ state: 'retired' }).execute();
    await send(3);
    expect(mails).toEqual([]);
    await store.db.updateTable('clients').set({ state: 'live' }).execute();
    await send(3);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toMatch(/Message-ID: <[\w-]+\.7@/);
  });
});

it('is never sent in clear where encryption is asked for', async () => {
  const server = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'] });
  const listening = server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => listening.once('listening', resolve));
  const address = listening.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const mailer = smtpMailer({ from: 'a@example.it', host: '127.0.0.1', port, security: 'starttls' });
  try {
    await expect(mailer.send({ to: ['b@example.it'], subject: 'x', text: 'x', id: 'x' })).rejects.toThrow();
  } finally {
    await new Promise<void>((resolve) => server.close(resolve));
  }
});
