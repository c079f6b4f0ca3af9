import { nameOf, type By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Violation } from '../entities/rules.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Client } from './client.ts';
import { developerIdOf, setDeveloper, type Handover } from './developers.ts';
import type { FourEyes } from './four-eyes.ts';
import { writeHistory, type ClientEvent } from './history.ts';
import type { Proposal, Proposals } from './proposals.ts';
import type { Offered } from './protocol-rules.ts';
import {
  authorsSinceLive,
  columnsOf,
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
  /** A sentence for each. */
  readonly lines: readonly string[];

  constructor(violations: readonly Violation[]) {
    const lines = violations.map(
      ({ key, found, allowed, rule }) => `${key}: found ${found}; allowed: ${allowed} (${rule})`,
    );
    super('client_invalid', `the client breaks rules: ${lines.join('; ')}`, { status: 422 });
    this.violations = violations;
    this.lines = lines;
  }
}

export interface ClientChangesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly secrets: ClientSecrets;
  readonly trail: AuditTrail;
  readonly proposals: Proposals;
  readonly entities: { get(id: string): ServiceBody | undefined };
  readonly offered: Offered;
  /** The gateway is on this machine only. */
  readonly trial: boolean;
  readonly fourEyes: FourEyes;
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

  /** The change of a client that waits for a second person, if there is one. */
  proposal(id: string): Promise<Proposal | undefined> {
    return this.#options.proposals.of(this.#options.store.db, id);
  }

  /** What keeps a client from going live. */
  async missingForLive({ client }: Pick<RegisteredClient, 'client'>): Promise<Check[]> {
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
   * @param also.developerId the role of whoever develops it, if somebody does
   * @param also.within what has to be true together with it; undone with it
   * @returns its first secret, if it has one
   * @throws InvalidClient, Refused `client_exists` (409)
   */
  async create(
    client: Client,
    by: By,
    also: {
      readonly developerId?: string | undefined;
      readonly within?: (transaction: Transaction) => Promise<void>;
    } = {},
  ): Promise<string | undefined> {
    this.check(client);
    const { store, secrets, clock, fourEyes } = this.#options;
    return store.transaction(async (transaction) => {
      const now = clock.now().getTime();
      const inserted = await transaction
        .insertInto('clients')
        .values({
          id: client.id,
          origin: 'console',
          state: FIRST_STATE,
          version: 1,
          ...columnsOf(client),
          created_at: now,
          updated_at: now,
          epoch: now,
          developer_id: also.developerId ?? null,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows !== 1n)
        throw new Refused('client_exists', 'a client has this id already', { status: 409 });
      const secret = client.authMethod.startsWith('client_secret')
        ? await secrets.add(transaction, client.id)
        : undefined;
      const after = { client, state: FIRST_STATE, version: 1 } as const;
      const event = {
        action: 'client.create',
        before: undefined,
        after,
        author: fourEyes.authorOf(by),
      } as const;
      await writeHistory(this.#options, transaction, event, by);
      await also.within?.(transaction);
      return secret?.text;
    });
  }

  /** Whether a change would be a proposal, for somebody else to approve. */
  needsSecondPerson(before: RegisteredClient, client: Client, by: By): boolean {
    return this.#options.fourEyes.holdBack(before, client, by);
  }

  /**
   * Changes a client at once or, where four eyes are wanted for it, proposes the change. What is live stays fit for it:
   * no change takes out what going live had asked for.
   * @returns whether it was proposed only: in the place of what was proposed before
   * @throws InvalidClient, Refused `client_unknown`, `client_fixed` (409), `client_stale` (409), `not_ready` (409)
   */
  async update(id: string, version: number, client: Client, by: By): Promise<'changed' | 'proposed'> {
    const before = await this.#at(id, version);
    refuseFixed(before.origin);
    const after = { ...before, client: { ...client, id }, version: version + 1 };
    await this.#refuseUnfit(after);
    if (this.needsSecondPerson(before, after.client, by)) {
      await this.#propose(before, after.client, by);
      return 'proposed';
    }
    await this.#write(
      before,
      { action: 'client.update', after, author: this.#options.fourEyes.authorOf(by) },
      by,
    );
    return 'changed';
  }

  /** Whether it is somebody else who has to approve what waits: a proposed change, or that the client goes live. */
  async needsAnother(id: string, proposal: Proposal | undefined, by: By): Promise<boolean> {
    const { fourEyes, store } = this.#options;
    const authors = proposal ? authorsOf(proposal) : await authorsSinceLive(store.db, id);
    return fourEyes.isAuthor(by, authors);
  }

  /**
   * A second person lets a proposed change take effect: exactly the one that she has seen.
   * @throws Refused `proposal_unknown` (404), `proposal_stale` (409), `same_person`, `person_needed` (403), InvalidClient
   *   and those of update
   */
  async approve(id: string, proposalId: string, by: By): Promise<void> {
    const { fourEyes, proposals } = this.#options;
    const proposal = await this.#proposal(id, proposalId);
    const before = await this.get(id);
    refuseFixed(before.origin);
    if (before.version !== proposal.base)
      throw new Refused('proposal_stale', 'the client was changed since this was proposed: propose it anew', {
        status: 409,
      });
    fourEyes.refuseAuthors(by, authorsOf(proposal));
    const after = { ...before, client: proposal.client, version: before.version + 1 };
    await this.#refuseUnfit(after);
    const event = { after, author: proposal.authorHash, proposal: proposalId };
    await this.#write(before, { action: 'client.approve-change', ...event }, by, async (transaction) => {
      if (!(await proposals.take(transaction, id, proposalId))) throw proposalUnknown();
    });
  }

  /** Takes a proposed change back, one's own or another's. @throws Refused `proposal_unknown` (404) */
  async withdraw(id: string, proposalId: string, by: By): Promise<void> {
    const { store, clock, trail, proposals } = this.#options;
    const { client } = await this.#proposal(id, proposalId);
    await store.transaction(async (transaction) => {
      if (!(await proposals.take(transaction, id, proposalId))) throw proposalUnknown();
      await trail.append(transaction, {
        at: clock.now(),
        action: 'client.withdraw-change',
        entityId: client.entity,
        target: { kind: 'client', id },
        after: { proposal: proposalId },
        ...by,
      });
    });
  }

  /**
   * Suspension and retirement act on the very next request, also on tokens that were issued.
   * @throws Refused `state_order` (409), `not_ready` (409), `same_person` (403), and those of update
   */
  async setState(id: string, version: number, to: ClientState, by: By): Promise<void> {
    const before = await this.#at(id, version);
    if (!NEXT[before.state].includes(to))
      throw new Refused('state_order', `a client that is ${before.state} cannot become ${to}`, {
        status: 409,
      });
    if (to === 'live' || to === 'waiting') await this.#refuseUnready(before);
    const { fourEyes, store } = this.#options;
    if (to === 'live') fourEyes.refuseAuthors(by, await authorsSinceLive(store.db, id));
    const after = { ...before, state: to, version: version + 1 };
    await this.#write(before, { action: `client.${to}`, after, author: fourEyes.authorOf(by) }, by);
  }

  /** Goes back to what an earlier version said; its state stays as it is now. @returns, and throws, as update does */
  async restore(id: string, version: number, wanted: number, by: By): Promise<'changed' | 'proposed'> {
    const old = (await this.versions(id)).find((one) => one.version === wanted);
    if (!old) throw new Refused('version_unknown', 'no such version', { status: 404 });
    return this.update(id, version, old.client, by);
  }

  /** @returns the text of the new secret, which nobody can read again @throws those of secret-changes.ts */
  addSecret(id: string, validity: SecretValidity, by: By): Promise<string> {
    return addSecret(this.#options, id, validity, by);
  }

  /** @throws those of secret-changes.ts */
  endSecret(id: string, secretId: string, by: By): Promise<void> {
    return endSecret(this.#options, id, secretId, by);
  }

  /**
   * Gives a client to another developer, or to nobody but its administrators. It gets a version of its own, so that a
   * form which whoever leaves still had open is refused.
   * @throws Refused `client_unknown`, `client_fixed` (409), `client_stale` (409)
   */
  async handOver(id: string, version: number, handover: Handover, by: By): Promise<void> {
    const before = await this.#at(id, version);
    refuseFixed(before.origin);
    const after = { ...before, version: version + 1 };
    const event = { action: 'client.handover', after, author: this.#options.fourEyes.authorOf(by), handover };
    await this.#write(before, event, by, (transaction) => setDeveloper(transaction, id, handover.to));
  }

  /** The role of whoever develops a client. */
  developerIdOf(id: string): Promise<string | undefined> {
    return developerIdOf(this.#options.store.db, id);
  }

  /** A client that still is what somebody has seen. @throws Refused `client_unknown`, `client_stale` (409) */
  async #at(id: string, version: number): Promise<RegisteredClient> {
    const found = await this.get(id);
    if (found.version !== version) throw stale();
    return found;
  }

  async #proposal(id: string, proposalId: string): Promise<Proposal> {
    const proposal = await this.proposal(id);
    if (proposal?.id !== proposalId) throw proposalUnknown();
    return proposal;
  }

  async #propose(before: RegisteredClient, client: Client, by: By): Promise<void> {
    const { store, clock, trail, proposals, fourEyes } = this.#options;
    const { id } = client;
    const at = clock.now();
    await store.transaction(async (transaction) => {
      await lockVersion(transaction, before);
      const proposal = await proposals.put(transaction, {
        client,
        base: before.version,
        at,
        author: nameOf(by.actor),
        authorHash: fourEyes.authorOf(by),
      });
      await trail.append(transaction, {
        at,
        action: 'client.propose',
        entityId: before.client.entity,
        target: { kind: 'client', id },
        before: before.client,
        after: { ...client, proposal },
        ...by,
      });
    });
  }

  /** Writes what a client has become, unless it is no more what it was. @throws Refused `client_stale` (409) */
  async #write(
    before: RegisteredClient,
    event: Omit<ClientEvent, 'before'>,
    by: By,
    also?: (transaction: Transaction) => Promise<void>,
  ): Promise<void> {
    const { store, clock } = this.#options;
    const { client, state, version } = event.after;
    await store.transaction(async (transaction) => {
      await lockVersion(transaction, before);
      // What was issued before a suspension does not come back with the client.
      const resumed = before.state === 'suspended' && state !== 'suspended' ? 1 : 0;
      await transaction
        .updateTable('clients')
        .set((where) => ({
          ...columnsOf(client),
          state,
          version,
          updated_at: clock.now().getTime(),
          epoch: where('epoch', '+', resumed),
        }))
        .where('id', '=', client.id)
        .execute();
      await also?.(transaction);
      await writeHistory(this.#options, transaction, { ...event, before }, by);
    });
  }

  /** What breaks rules, or takes out of a live client what going live had asked for. */
  async #refuseUnfit(after: RegisteredClient): Promise<void> {
    this.check(after.client);
    if (after.state === 'live') await this.#refuseUnready(after);
  }

  async #refuseUnready(client: RegisteredClient): Promise<void> {
    const missing = await this.missingForLive(client);
    if (missing.length > 0)
      throw new Refused('not_ready', `the list for going live is not complete: ${missing.join(', ')}`, {
        status: 409,
      });
  }
}

function authorsOf({ authorHash }: Proposal): string[] {
  return authorHash === undefined ? [] : [authorHash];
}

/** Of any number that change one version of a client at the same time one gets past here. */
async function lockVersion(
  transaction: Transaction,
  { client: { id }, version }: Pick<RegisteredClient, 'client' | 'version'>,
): Promise<void> {
  const locked = await transaction
    .updateTable('clients')
    .set({ version })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  if (locked.numUpdatedRows !== 1n) throw stale();
}

function stale(): Refused {
  return new Refused('client_stale', 'somebody else changed the client meanwhile', { status: 409 });
}

function proposalUnknown(): Refused {
  return new Refused(
    'proposal_unknown',
    'no such change waits: it was approved, withdrawn or replaced by a newer one',
    { status: 404 },
  );
}
