import { createHash } from 'node:crypto';
import { differences, type Difference } from '../audit/difference.ts';
import type { By } from '../audit/entry.ts';
import { InvalidClient, type ClientChanges } from '../clients/changes.ts';
import type { Client } from '../clients/client.ts';
import type { RegisteredClient } from '../clients/registered.ts';
import { FIRST_STATE, NEXT, type ClientState } from '../clients/state.ts';
import type { EntityChanges } from '../entities/changes.ts';
import type { KeptEntity } from '../entities/declarations.ts';
import type { EntityDeclaration } from '../entities/entity.ts';
import type { EntityRegister } from '../entities/register.ts';
import { Refused } from '../operations/errors.ts';

/** What a file wants there to be, at run time: bodies and services that the configuration file does not keep. */
export interface Declarations {
  readonly entities: readonly EntityDeclaration[];
  readonly clients: readonly DeclaredService[];
}

interface DeclaredService {
  readonly client: Client;
  /** Where in its life it shall be; undefined: where it is, or where new ones begin. */
  readonly state: ClientState | undefined;
}

/** One change, in the order in which they are made. */
export type PlannedChange = { readonly id: string; readonly differences: readonly Difference[] } & (
  | {
      readonly act: 'save entity';
      readonly to: EntityDeclaration;
      readonly before: EntityDeclaration | undefined;
    }
  | { readonly act: 'cease entity' }
  | { readonly act: 'save client'; readonly to: Client; readonly before: RegisteredClient | undefined }
  | { readonly act: 'set state'; readonly to: ClientState }
);

export interface Plan {
  readonly changes: readonly PlannedChange[];
  /** What is there and not in the file: left alone unless it is to be retired. */
  readonly leftAlone: readonly { readonly kind: 'entity' | 'client'; readonly id: string }[];
  /** Of the changes and of what they change: another one is another plan. */
  readonly digest: string;
}

export interface PlanParts {
  readonly entities: EntityRegister;
  /** Judges by the bodies that the file wants. */
  readonly clients: ClientChanges;
}

/**
 * What has to change for a file to be true.
 * @param options.retireMissing what is not in the file is retired (services) or ceases (bodies)
 * @throws Refused `plan_invalid` naming every rule that the file breaks; `plan_declared` when the configuration file
 *   keeps one of them
 */
export async function planOf(
  wanted: Declarations,
  parts: PlanParts,
  options: { readonly retireMissing: boolean },
): Promise<Plan> {
  const kept = (await parts.entities.fresh()).kept();
  const known = await everyClient(parts.clients);
  refuseDeclared(wanted, kept, known);
  await refuseInvalid(wanted, known, parts);
  const entities = kept.filter(({ origin, ceasedAt }) => origin === 'runtime' && ceasedAt === undefined);
  const missing = {
    entities: entities.filter(({ declaration: { id } }) => !wanted.entities.some((one) => one.id === id)),
    clients: known.filter(
      ({ client: { id }, origin, state }) =>
        origin !== 'configuration' &&
        state !== 'retired' &&
        !wanted.clients.some((one) => one.client.id === id),
    ),
  };
  const changes = [
    ...aggregatedLast(wanted.entities).flatMap((declaration) => entityChange(declaration, entities)),
    ...wanted.clients.flatMap((service) => clientChanges(service, known)),
    ...(options.retireMissing ? retirements(missing) : []),
  ];
  const named = [
    ...missing.entities.map(({ declaration: { id } }) => ({ kind: 'entity' as const, id })),
    ...missing.clients.map(({ client: { id } }) => ({ kind: 'client' as const, id })),
  ];
  const digest = createHash('sha256').update(JSON.stringify(changes)).digest('hex').slice(0, 16);
  return { changes, leftAlone: options.retireMissing ? [] : named, digest };
}

/**
 * Makes the changes of a plan one by one, through what console and API use too: each stands by itself, with its entry
 * in the audit trail, and a second run goes on where a first one stopped.
 * @returns the secrets of new services, which nobody can read again
 */
export async function carryOut(
  { changes }: Plan,
  parts: { readonly entities: EntityChanges; readonly clients: ClientChanges },
  by: By,
): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>();
  for (const change of changes) {
    const { id } = change;
    if (change.act === 'save entity') await parts.entities.save(change.to, by, change);
    else if (change.act === 'cease entity') await parts.entities.cease(id, by);
    else if (change.act === 'set state')
      await parts.clients.setState(id, (await parts.clients.get(id)).version, change.to, by);
    else if (change.before) await parts.clients.update(id, change.before.version, change.to, by);
    else {
      const secret = await parts.clients.create(change.to, by);
      if (secret !== undefined) secrets.set(id, secret);
    }
  }
  return secrets;
}

function entityChange(to: EntityDeclaration, kept: readonly KeptEntity[]): PlannedChange[] {
  const before = kept.find(({ declaration: { id } }) => id === to.id)?.declaration;
  const found = differences(before, to);
  return found.length === 0 ? [] : [{ act: 'save entity', id: to.id, to, before, differences: found }];
}

function clientChanges(
  { client, state }: DeclaredService,
  known: readonly RegisteredClient[],
): PlannedChange[] {
  const before = known.find((one) => one.client.id === client.id);
  const found = differences(before?.client, client);
  const now = before?.state ?? FIRST_STATE;
  return [
    ...(found.length === 0
      ? []
      : [{ act: 'save client' as const, id: client.id, to: client, before, differences: found }]),
    ...(state === undefined || state === now ? [] : [stateChange(client.id, now, state)]),
  ];
}

/** Services before bodies: a body that still has some would leave them behind. */
function retirements(missing: {
  readonly entities: readonly KeptEntity[];
  readonly clients: readonly RegisteredClient[];
}): PlannedChange[] {
  return [
    ...missing.clients.map(({ client: { id }, state }) => stateChange(id, state, 'retired')),
    ...aggregatedLast(missing.entities.map(({ declaration }) => declaration))
      .toReversed()
      .map(({ id }) => ({
        act: 'cease entity' as const,
        id,
        differences: [],
      })),
  ];
}

function stateChange(id: string, before: ClientState, to: ClientState): PlannedChange {
  return { act: 'set state', id, to, differences: differences({ state: before }, { state: to }) };
}

/** One thing is kept by one file. */
function refuseDeclared(
  { entities, clients }: Declarations,
  kept: readonly KeptEntity[],
  known: readonly RegisteredClient[],
): void {
  const declared = [
    ...entities.flatMap(({ id }) =>
      kept.some(
        ({ declaration, origin, ceasedAt }) =>
          declaration.id === id && origin === 'configuration' && !ceasedAt,
      )
        ? [`entity ${id}`]
        : [],
    ),
    ...clients.flatMap(({ client: { id } }) =>
      known.some(({ client, origin }) => client.id === id && origin === 'configuration')
        ? [`client ${id}`]
        : [],
    ),
  ];
  if (declared.length === 0) return;
  throw new Refused(
    'plan_declared',
    `the configuration file keeps ${declared.join(', ')}: change it there, or take it out of it first`,
    { status: 409 },
  );
}

async function refuseInvalid(
  { entities, clients }: Declarations,
  known: readonly RegisteredClient[],
  parts: PlanParts,
): Promise<void> {
  const ofEntities = (await parts.entities.violations(entities, 'runtime')).map(
    ({ id, key, found, allowed, rule }) =>
      `  entity ${id}: ${key}: found ${found}; allowed: ${allowed} (${rule})`,
  );
  const ofClients = clients.flatMap(({ client }) =>
    violationsOf(parts.clients, client).map(
      ({ key, found, allowed, rule }) =>
        `  client ${client.id}: ${key}: found ${found}; allowed: ${allowed} (${rule})`,
    ),
  );
  const ofStates = await Promise.all(
    clients.map(async (service) => {
      const fault = await stateFault(
        service,
        known.find(({ client: { id } }) => id === service.client.id),
        parts.clients,
      );
      return fault === undefined ? [] : [`  client ${service.client.id}: state: ${fault}`];
    }),
  );
  const lines = [...ofEntities, ...ofClients, ...ofStates.flat()];
  if (lines.length > 0)
    throw new Refused('plan_invalid', `The file breaks rules; nothing was written:\n${lines.join('\n')}`, {
      status: 422,
    });
}

/** What keeps a service from being where in its life the file wants it. */
async function stateFault(
  { client, state }: DeclaredService,
  before: RegisteredClient | undefined,
  clients: ClientChanges,
): Promise<string | undefined> {
  const now = before?.state ?? FIRST_STATE;
  const to = state ?? now;
  if (to !== now && !NEXT[now].includes(to))
    return `found ${to}; allowed after ${now}: ${[now, ...NEXT[now]].join(', ')}`;
  if (to !== 'live') return undefined;
  const missing = await clients.missingForLive({ client });
  // What is new gets its secret on the way.
  const lacking = missing.filter((check) => before !== undefined || check !== 'credential');
  return lacking.length === 0 ? undefined : `found live; it lacks ${lacking.join(', ')}`;
}

/** A body that takes part through another can be only where that is. */
function aggregatedLast(entities: readonly EntityDeclaration[]): EntityDeclaration[] {
  return entities.toSorted((a, b) => Number(a.aggregator !== undefined) - Number(b.aggregator !== undefined));
}

function violationsOf(clients: ClientChanges, client: Client): InvalidClient['violations'] {
  try {
    clients.check(client);
    return [];
  } catch (error) {
    if (error instanceof InvalidClient) return error.violations;
    throw error;
  }
}

const AT_ONCE = 200;

async function everyClient(clients: ClientChanges): Promise<RegisteredClient[]> {
  const all: RegisteredClient[] = [];
  for (let after: string | undefined; ;) {
    const page = await clients.list({ after, limit: AT_ONCE });
    all.push(...page);
    after = page.at(-1)?.client.id;
    if (page.length < AT_ONCE) return all;
  }
}
