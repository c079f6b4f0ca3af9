import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { AuditTrail } from '../audit/trail.ts';
import { loadConfiguration } from '../config/load.ts';
import { Identities } from '../identity/identities.ts';
import { personKeyOf } from '../identity/person-key.ts';
import { hashInput, Persons } from '../identity/persons.ts';
import { loadKeys } from '../keys/directory.ts';
import { systemClock } from '../operations/clock.ts';
import { Endings } from '../provider/endings.ts';
import { LogoutNotices } from '../provider/logout-notices.ts';
import { revokeCitizen } from '../provider/revoke-citizen.ts';
import { openStore } from '../store/store.ts';

export const USAGE = `citizen revoke   ends every session and token of a citizen; the codice fiscale is read from standard input

Options: --config gateway.yaml. Exit codes: 0 done, 1 nobody of that code, or refused, 2 wrongly called.
`;

/**
 * `citizen revoke` ends every session and grant of a citizen. Her codice fiscale is read from standard input: in the
 * command line it would stay in the shell's history and show in the list of processes.
 */
export async function runCitizen(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { config: { type: 'string', default: 'gateway.yaml' } },
  });
  if (positionals.length !== 1 || positionals[0] !== 'revoke')
    return complain('say what to do: revoke; the codice fiscale is asked for, never part of the command', 2);
  const configuration = loadConfiguration(values.config, environment);
  const keys = loadKeys(configuration.keys.directory, configuration.keys);
  const key = personKeyOf({ fiscalNumber: await fiscalNumber() }, '');
  if (!key) return complain('that is no codice fiscale', 1);
  const store = await openStore(configuration.store.url, systemClock);
  try {
    const { cipher, personHash, subject } = keys;
    const notices = new LogoutNotices(store, cipher, systemClock);
    const parts = {
      notices,
      subject,
      persons: new Persons(personHash, systemClock),
      identities: new Identities(store, cipher, systemClock),
      endings: new Endings(cipher, notices),
    };
    const actor = { kind: 'operator', name: userInfo().username } as const;
    const logins = await store.transaction(async (transaction) => {
      const ended = await revokeCitizen(transaction, parts, key);
      if (ended !== undefined)
        await new AuditTrail(keys).append(transaction, {
          at: systemClock.now(),
          actor,
          via: 'command-line',
          action: 'citizen.revoke',
          target: { kind: 'person', id: personHash.hash(hashInput(key)) },
          after: { logins: ended },
        });
      return ended;
    });
    if (logins === undefined) return complain('nobody has ever entered with this codice fiscale', 1);
    process.stdout.write(`${logins} logins ended; the services that want to know are told by the gateway.\n`);
    return 0;
  } finally {
    await store.close();
  }
}

async function fiscalNumber(): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  if (process.stdin.isTTY) process.stderr.write('Codice fiscale: ');
  for await (const line of lines) return line.trim();
  return '';
}

function complain(problem: string, code: number): number {
  process.stderr.write(`citizen: ${problem}\n`);
  return code;
}
