import { parseArgs } from 'node:util';
import type { EntrySummary } from '../register/entry.ts';
import { print, withRegister } from './register/open.ts';
import { adviceOn } from './trace-advice.ts';

/** Tells everything that belongs to a support reference as one story; opens no personal data. */
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
  return withRegister(values.config, environment, async ({ store, register }) => {
    const entries = await register.trace(store.db, reference);
    if (values.json) print(JSON.stringify(entries, null, 2));
    else
      for (const entry of entries) {
        print(`${entry.at.toISOString()}  ${sentence(entry)}`);
        const advice = adviceOn(entry);
        if (advice) print(`${' '.repeat(26)}${advice}`);
      }
    if (entries.length > 0) return 0;
    process.stderr.write(`Nothing is registered under ${reference}.\n`);
    return 1;
  });
}

/** An entry in words. What is not known is left out. */
function sentence(entry: EntrySummary): string {
  const level = entry.level === null ? '' : `, level ${entry.level}`;
  const outcome = entry.outcome === 'accepted' ? 'accepted' : `refused (${entry.outcome ?? '–'})`;
  const told: Readonly<Record<string, string>> = {
    request: `request ${entry.requestId} left for ${entry.provider}, for ${entry.clientId}${level}`,
    response: `answer ${entry.messageId ?? 'without ID'} ${outcome}${level}`,
    'no-answer': `request ${entry.requestId} was not answered in time`,
    granted: `${entry.clientId} got a code${level}`,
    tokens: `${entry.clientId} got a token`,
    released: `${entry.clientId} read ${entry.claims.join(', ')}`,
    'logged-out': 'the session was closed',
    'logout-request': `logout request ${entry.messageId ?? 'without ID'} ${outcome}`,
    'logout-response': `logout response ${entry.messageId ?? 'without ID'} ${outcome}`,
  };
  return told[entry.kind] ?? entry.kind;
}
