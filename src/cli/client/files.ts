import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import type { By } from '../../audit/entry.ts';
import { InvalidClient, type ClientChanges } from '../../clients/changes.ts';
import type { Client } from '../../clients/client.ts';
import type { ClientFilter, RegisteredClient } from '../../clients/registered.ts';
import type { RegistrationTokens } from '../../clients/registration-tokens.ts';
import { readClientsFile } from '../../config/load.ts';
import type { Clock } from '../../operations/clock.ts';
import { Misconfigured, Refused } from '../../operations/errors.ts';
import { show } from '../output.ts';

/** One call of the command. */
export interface ClientCall {
  readonly clients: ClientChanges;
  readonly tokens: RegistrationTokens;
  readonly by: By;
  readonly clock: Clock;
  readonly names: readonly string[];
  readonly entity: string | undefined;
  readonly version: number | undefined;
  readonly days: number | undefined;
  readonly oldDays: number | undefined;
  readonly uses: number | undefined;
  readonly hosts: readonly string[] | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const AT_ONCE = 200;

/** All of them, page by page. */
export async function* everyClient(
  clients: ClientChanges,
  filter: Omit<ClientFilter, 'after' | 'limit'> = {},
): AsyncGenerator<RegisteredClient> {
  for (let after: string | undefined; ;) {
    const page = await clients.list({ ...filter, after, limit: AT_ONCE });
    yield* page;
    after = page.at(-1)?.client.id;
    if (page.length < AT_ONCE) return;
  }
}

/** `export [ID …]`: what `import` takes, and what the configuration file has under `clients`. */
export async function runExport({ clients, names, json }: ClientCall): Promise<number> {
  const found: Client[] = [];
  if (names.length > 0) for (const id of names) found.push((await clients.get(id)).client);
  else for await (const { client } of everyClient(clients)) found.push(client);
  show(json, { clients: found }, [
    stringify({ clients: found }, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd(),
  ]);
  return 0;
}

/**
 * `import FILE`: everything is checked before anything is written. What is new waits for approval, what differs is
 * changed, what is not in the file is left alone.
 */
export async function runImport(call: ClientCall): Promise<number> {
  const { clients, names, by, dryRun, json } = call;
  const [file = ''] = names;
  const wanted = readClientsFile(file, await readInput(file)).map(
    ({ sector, ...rest }) => ({ ...rest, sector: sector ?? rest.entity }) as Client,
  );
  const known = await Promise.all(wanted.map(({ id }) => clients.get(id).catch(ifUnknown)));
  const plan = wanted.map((client, at) => ({ client, before: known[at], act: actOn(client, known[at]) }));
  refuseInvalid(
    clients,
    plan.filter(({ act }) => act !== 'unchanged').map(({ client }) => client),
  );
  const done: { id: string; act: string; secret?: string | null }[] = [];
  for (const { client, before, act } of plan) {
    const { id } = client;
    if (dryRun || act === 'unchanged') done.push({ id, act });
    else if (before) {
      await clients.update(id, before.version, client, by);
      done.push({ id, act });
    } else done.push({ id, act, secret: (await clients.create(client, by)) ?? null });
  }
  const lines = done.map(
    ({ id, act, secret }) => `${act}  ${id}${secret ? `  client_secret ${secret}` : ''}`,
  );
  show(json, { dryRun, clients: done }, dryRun ? [...lines, 'Nothing was written.'] : lines);
  return 0;
}

function actOn(client: Client, before: RegisteredClient | undefined): 'new' | 'changed' | 'unchanged' {
  if (!before) return 'new';
  const plain = (value: Client): unknown => JSON.parse(JSON.stringify(value));
  return isDeepStrictEqual(plain(client), plain(before.client)) ? 'unchanged' : 'changed';
}

/** @throws Misconfigured with everything that is wrong with every client */
function refuseInvalid(clients: ClientChanges, wanted: readonly Client[]): void {
  const faults = wanted.flatMap((client) => {
    try {
      clients.check(client);
      return [];
    } catch (error) {
      if (!(error instanceof InvalidClient)) throw error;
      return [`  ${client.id}`, ...error.lines.map((line) => `    ${line}`)];
    }
  });
  if (faults.length > 0)
    throw new Misconfigured('client_invalid', `Nothing was written:\n${faults.join('\n')}`);
}

function ifUnknown(error: unknown): undefined {
  if (error instanceof Refused && error.code === 'client_unknown') return undefined;
  throw error;
}

/** @param file `-` for standard input */
export async function readInput(file: string): Promise<string> {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    throw new Misconfigured('file_missing', `${file}: cannot be read`, { cause });
  }
}
