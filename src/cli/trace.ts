import { parseArgs } from 'node:util';
import { loadConfiguration } from '../config/load.ts';
import { openRegister } from '../gateway/register.ts';
import { loadKeys } from '../keys/directory.ts';
import { systemClock } from '../operations/clock.ts';
import { openStore } from '../store/store.ts';

/** Shows every message that belongs to a support reference; opens no personal data. */
export async function runTrace(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      json: { type: 'boolean', default: false },
    },
  });
  const reference = positionals[0]?.toUpperCase();
  if (!reference || positionals.length > 1) {
    process.stderr.write('trace: give one support reference, such as K7QF-3MZP\n');
    return 2;
  }
  const configuration = loadConfiguration(values.config, environment);
  const keys = loadKeys(configuration.keys.directory, { passphrase: configuration.keys.passphrase });
  const store = await openStore(configuration.store.url, systemClock);
  try {
    const entries = await openRegister(configuration, keys).trace(store.db, reference);
    if (values.json) {
      process.stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
    } else {
      for (const entry of entries) {
        const fields = [
          entry.at.toISOString(),
          entry.kind,
          entry.outcome,
          entry.clientId,
          entry.provider,
          entry.requestId,
          entry.messageId,
        ];
        process.stdout.write(`${fields.map((field) => field ?? '–').join('  ')}\n`);
      }
    }
    if (entries.length > 0) return 0;
    process.stderr.write(`Nothing is registered under ${reference}.\n`);
    return 1;
  } finally {
    await store.close();
  }
}
