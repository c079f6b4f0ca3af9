import { SMTPServer } from 'smtp-server';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore } from '../../src/store/store.ts';
import { startTestGateway } from '../support/gateway.ts';
import { testClient } from '../support/relying-party.ts';

it('a gateway with a mail server tells contacts of secrets that end, from its start', async () => {
  let arrived: (to: string) => void;
  const mail = new Promise<string>((resolve) => (arrived = resolve));
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, { envelope }, done) {
      stream.resume();
      stream.on('end', () => {
        done();
        arrived(envelope.rcptTo.map(({ address }) => address).join());
      });
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => listening.once('listening', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)));
  const address = listening.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const gateway = await startTestGateway({
    storeUrl: 'sqlite:gateway.db',
    clients: [
      testClient('school', {
        authMethod: 'client_secret_basic',
        secrets: ['of the test'],
        contacts: ['school@example.it'],
      }),
    ],
    change: (input) => ({
      ...input,
      mail: { from: 'access@example.it', host: '127.0.0.1', port, security: 'none' },
    }),
  });
  onTestFinished(() => gateway.stop());
  const store = await openStore(gateway.configuration.store.url, systemClock);
  const expires_at = systemClock.now().getTime() + 3 * 24 * 60 * 60 * 1000;
  await store.db
    .updateTable('client_secrets')
    .set({ expires_at })
    .where('client_id', '=', 'school')
    .execute();
  await store.close();
  await gateway.restart();
  expect(await mail).toBe('school@example.it');
});
