import type { By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Violation } from '../entities/rules.ts';
import { hashInput } from '../identity/persons.ts';
import type { KeyedHash } from '../keys/keyed-hash.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Client } from './client.ts';
import type { Offered } from './protocol-rules.ts';
import {
  authorsSinceLive,
  clientVersions,
  registeredClient,
  registeredClients,
  type ClientFilter,
  type ClientVersion,
  type RegisteredClient,
} from './registered.ts';
import { clientViolations, type ServiceBody } from './rules.ts';
import { addSecret, endSecret, refuseFixed, type SecretValidity } from './secret-changes.ts';
import { isWorking, type ClientSecrets, type SecretFacts } from './secrets.ts';
import { FIRST_STATE, missingForLive, NEXT, type Check, type ClientState } from './state.ts';

/** A client that breaks rules, with all of them. */
export class InvalidClient extends Refused {
  readonly violations: readonly Violation[];

  constructor(violations: readonly Violation[]) {
    const lines = violations.map(
      ({ key, found, allowed, rule }) => `${key}: found ${found}; allowed: ${allowed} (${rule})`,
    );
    super('client_invalid', `the client breaks rules: ${lines.join('; ')}`, { status: 422 });
    this.violations = violations;
  }
}

export interface ClientChangesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly secrets: ClientSecrets;
  readonly trail: AuditTrail;
  readonly personHash: KeyedHash;
  readonly entities: { get(id: string): ServiceBody | undefined };
  readonly offered: Offered;
  /** The gateway is on this machine only. */
  readonly trial: boolean;
  /** Nobody may let a client go live that she wrote last. */
  readonly fourEyes: boolean;
}

/** Everything that can be done to clients at run time, each with its version and its entry in the audit trail. */
export class ClientChanges {
  readonly #options: ClientChangesOptions;

  constructor(options: ClientChangesOptions) {
    this.#options = options;
  }

  /** @throws Refused `client_unknown` (404) */
  get(id: string): Promise<RegisteredClient> {
    return registeredClient(this.#options.store.db, id);
  }

  /** A page of clients by id. */
  list(filter: ClientFilter): Promise<RegisteredClient[]> {
    return registeredClients(this.#options.store.db, filter);
  }

  versions(id: string): Promise<ClientVersion[]> {
    return clientVersions(this.#options.store.db, id);
  }

  secrets(id: string): Promise<SecretFacts[]> {
    return this.#options.secrets.list(this.#options.store.db, id);
  }

  /** What keeps a client from going live. */
  async missingForLive({ client }: RegisteredClient): Promise<Check[]> {
    const now = this.#options.clock.now();
    const working = (await this.secrets(client.id)).filter((secret) => isWorking(secret, now));
    return missingForLive(client, working.length, this.#options.trial);
  }

  /** @throws InvalidClient with everything that is wrong with it */
  check(client: Client): void {
    const { entities, offered } = this.#options;
    const secrets = client.authMethod.startsWith('client_secret') ? 1 : 0;
    const entity = entities.get(client.entity);
    const violations = clientViolations(client, entity, secrets, offered);
    if (violations.length > 0) throw new InvalidClient(violations);
  }

  /**
   * Registers a client, in the test stage.
   * @param also what has to be true together with it; undone with it
   * @returns its first secret, if it has one
   * @throws InvalidClient, Refused `client_exists` (409)
   */
  async create(
    client: Client,
    by: By,
    also?: (transaction: Transaction) => Promise<void>,
  ): Promise<string | undefined> {
    this.check(client);
    const { store, secrets, clock } = this.#options;
    return store.transaction(async (transaction) => {
      const now = clock.now().getTime();
      const inserted = await transaction
        .insertInto('clients')
        .values({
          ...{ id: client.id, entity_id: client.entity, origin: 'console', state: FIRST_STATE, version: 1 },
          ...{ metadata: JSON.stringify(client), created_at: now, updated_at: now },
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows !== 1n)
        throw new Refused('client_exists', 'a client has this id already', { status: 409 });
      const secret = client.authMethod.startsWith('client_secret')
        ? await secrets.add(transaction, client.id)
        : undefined;
      await this.#record(
        transaction,
        'client.create',
        undefined,
        { client, state: FIRST_STATE, version: 1 },
        by,
      );
      await also?.(transaction);
      return secret?.text;
    });
  }

  /**
   * What is live stays fit for it: no change takes out what going live had asked for.
   * @throws InvalidClient, Refused `client_unknown`, `client_fixed` (409), `client_stale` (409), `not_ready` (409)
   */
  async update(id: string, version: number, client: Client, by: By): Promise<void> {
    this.check(client);
    const before = await this.get(id);
    if (before.state === 'live') await this.#refuseUnready({ ...before, client });
    await this.#change(id, version, 'client.update', by, ({ state }) => ({
      client: { ...client, id },
      state,
    }));
  }

  /**
   * Suspension and retirement act on the very next request, also on tokens that were issued.
   * @throws Refused `state_order` (409), `not_ready` (409), `same_person` (403), and those of update
   */
  async setState(id: string, version: number, to: ClientState, by: By): Promise<void> {
    const before = await this.get(id);
    if (!NEXT[before.state].includes(to))
      throw new Refused('state_order', `a client that is ${before.state} cannot become ${to}`, {
        status: 409,
      });
    if (to === 'live' || to === 'waiting') await this.#refuseUnready(before);
    if (to === 'live') await this.#refuseOwnWork(id, by);
    await this.#change(id, version, `client.${to}`, by, ({ client }) => ({ client, state: to }), true);
  }

  /** Goes back to what an earlier version said; its state stays as it is now. @throws those of update */
  async restore(id: string, version: number, wanted: number, by: By): Promise<void> {
    const old = (await this.versions(id)).find((one) => one.version === wanted);
    if (!old) throw new Refused('version_unknown', 'no such version', { status: 404 });
    await this.update(id, version, old.client, by);
  }

  /** @returns the text of the new secret, which nobody can read again @throws those of secret-changes.ts */
  addSecret(id: string, validity: SecretValidity, by: By): Promise<string> {
    return addSecret(this.#options, id, validity, by);
  }

  /** @throws those of secret-changes.ts */
  endSecret(id: string, secretId: string, by: By): Promise<void> {
    return endSecret(this.#options, id, secretId, by);
  }

  async #change(
    id: string,
    version: number,
    action: string,
    by: By,
    change: (before: RegisteredClient) => Pick<RegisteredClient, 'client' | 'state'>,
    alsoFixed = false,
  ): Promise<void> {
    const before = await this.get(id);
    if (!alsoFixed) refuseFixed(before.origin);
    const after = { ...change(before), version: version + 1 };
    const { store, clock } = this.#options;
    await store.transaction(async (transaction) => {
      const changed = await transaction
        .updateTable('clients')
        .set({
          ...{ entity_id: after.client.entity, metadata: JSON.stringify(after.client) },
          ...{ state: after.state, version: after.version, updated_at: clock.now().getTime() },
        })
        .where('id', '=', id)
        .where('version', '=', version)
        .executeTakeFirst();
      if (changed.numUpdatedRows !== 1n)
        throw new Refused('client_stale', 'somebody else changed the client meanwhile', { status: 409 });
      await this.#record(transaction, action, before, after, by);
    });
  }

  async #record(
    transaction: Transaction,
    action: string,
    before: Omit<RegisteredClient, 'origin'> | undefined,
    after: Omit<RegisteredClient, 'origin'>,
    by: By,
  ): Promise<void> {
    const { clock, trail } = this.#options;
    const { client, state, version } = after;
    await transaction
      .insertInto('client_versions')
      .values({
        ...{ client_id: client.id, version, state, metadata: JSON.stringify(client) },
        ...{ author_hash: this.#hashOf(by), at: clock.now().getTime() },
      })
      .execute();
    await trail.append(transaction, {
      ...{ at: clock.now(), action, entityId: client.entity, target: { kind: 'client', id: client.id } },
      ...(before ? { before: { ...before.client, state: before.state } } : {}),
      after: { ...client, state },
      ...by,
    });
  }

  async #refuseUnready(client: RegisteredClient): Promise<void> {
    const missing = await this.missingForLive(client);
    if (missing.length > 0)
      throw new Refused('not_ready', `the list for going live is not complete: ${missing.join(', ')}`, {
        status: 409,
      });
  }

  /** Where two pairs of eyes are wanted. @throws Refused `same_person`, `person_needed` (403) */
  async #refuseOwnWork(id: string, by: By): Promise<void> {
    const { fourEyes, personHash, store } = this.#options;
    if (!fourEyes || by.actor.kind === 'operator') return;
    // Whoever holds a credential may be the very person who wrote it.
    if (by.actor.kind !== 'person')
      throw new Refused('person_needed', 'a person has to approve this, in the console', { status: 403 });
    const mine = personHash.candidates(hashInput(by.actor.person)).map(({ hash }) => hash);
    if ((await authorsSinceLive(store.db, id)).some((author) => mine.includes(author)))
      throw new Refused('same_person', 'somebody else has to approve this', { status: 403 });
  }

  #hashOf({ actor }: By): string | null {
    return actor.kind === 'person' ? this.#options.personHash.hash(hashInput(actor.person)) : null;
  }
}
