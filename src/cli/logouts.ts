import { parseArgs } from 'node:util';
import { loadConfiguration } from '../config/load.ts';
import { loadKeys } from '../keys/directory.ts';
import { systemClock } from '../operations/clock.ts';
import { LogoutNotices, type NoticeFacts } from '../provider/logout-notices.ts';
import { openStore } from '../store/store.ts';

/** Logouts that services could not be told of yet: `logouts list` shows them, `logouts retry` begins anew with them. */
export async function runLogouts(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      json: { type: 'boolean', default: false },
    },
  });
  const [action, clientId, ...more] = positionals;
  if ((action !== 'list' && action !== 'retry') || more.length > 0 || (action === 'list' && clientId)) {
    process.stderr.write('logouts: say what to do: list, or retry with the id of a client or without\n');
    return 2;
  }
  const configuration = loadConfiguration(values.config, environment);
  const keys = loadKeys(configuration.keys.directory, { passphrase: configuration.keys.passphrase });
  const store = await openStore(configuration.store.url, systemClock);
  try {
    const notices = new LogoutNotices(store, keys.cipher, systemClock);
    if (action === 'retry') {
      process.stdout.write(`${await notices.retry(clientId)} logouts will be told again now.\n`);
      return 0;
    }
    const list = await notices.list();
    process.stdout.write(values.json ? `${JSON.stringify(list, null, 2)}\n` : list.map(shown).join(''));
    return 0;
  } finally {
    await store.close();
  }
}

function shown({ clientId, createdAt, attempts, nextAttemptAt, failure }: NoticeFacts): string {
  const next = nextAttemptAt ? `next ${nextAttemptAt.toISOString()}` : 'given up';
  return `${createdAt.toISOString()}  ${clientId}  ${attempts} attempts  ${failure ?? 'new'}  ${next}\n`;
}
