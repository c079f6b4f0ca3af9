import { parseArgs } from 'node:util';
import { loadConfiguration } from '../config/load.ts';
import { loadKeys } from '../keys/directory.ts';
import { systemClock } from '../operations/clock.ts';
import { LogoutNotices, type NoticeFacts } from '../provider/logout-notices.ts';
import { openStore } from '../store/store.ts';
import { noAction } from './output.ts';

export const USAGE = `logouts list             services that could not be told of a logout yet, with the reason
logouts retry [CLIENT]   tells them again now, and for another day: all, or those of one service

Options: --config gateway.yaml; list: --json. Exit codes: 0 done, 1 refused, 2 wrongly called.
`;

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
  if ((action !== 'list' && action !== 'retry') || more.length > 0 || (action === 'list' && clientId))
    return noAction('logouts', positionals.join(' '));
  const configuration = loadConfiguration(values.config, environment);
  const keys = loadKeys(configuration.keys.directory, configuration.keys);
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
