import type { By } from '../audit/entry.ts';
import type { ClientChanges } from '../clients/changes.ts';
import type { RegisteredClient } from '../clients/registered.ts';
import type { Client } from '../clients/client.ts';
import type { SecretValidity } from '../clients/secret-changes.ts';
import { isTestState, type ClientState } from '../clients/state.ts';
import { Refused } from '../operations/errors.ts';
import { covers, coversService, mayRegisterFor, type Scope } from './roles.ts';

/**
 * Services as somebody with a role may deal with them, in the console and by the API. Of another body there is nothing
 * to see, not even that it exists; what reaches beyond one body is for those who administer the union.
 */
export class ServiceDesk {
  readonly #clients: ClientChanges;
  readonly #administration: string;

  /** @param administration the resource of the administration API: who has access to it administers */
  constructor(clients: ClientChanges, administration: string) {
    this.#clients = clients;
    this.#administration = administration;
  }

  /** @throws Refused `client_unknown` (404) */
  async find(scope: Scope, id: string): Promise<RegisteredClient> {
    const found = await this.#clients.get(id);
    if (!coversService(scope, found.client))
      throw new Refused('client_unknown', 'no such client', { status: 404 });
    return found;
  }

  /** @throws those of ClientChanges.create; Refused `entity_foreign` (403), `union_only` (403) */
  async create(scope: Scope, client: Client, by: By): Promise<string | undefined> {
    refuseReserved(scope, client);
    return this.#clients.create(client, by);
  }

  /** @throws those of ClientChanges.update and of create */
  async update(
    scope: Scope,
    id: string,
    version: number,
    client: Client,
    by: By,
  ): Promise<'changed' | 'proposed'> {
    const before = await this.#own(scope, id);
    refuseReserved(scope, client, before.client);
    return this.#clients.update(id, version, client, by);
  }

  /** Whoever approves a change has to be able to make it herself. @throws those of ClientChanges.approve and of update */
  async approve(scope: Scope, id: string, proposalId: string, by: By): Promise<void> {
    const before = await this.#own(scope, id);
    const proposal = await this.#clients.proposal(id);
    if (proposal) refuseReserved(scope, proposal.client, before.client);
    await this.#clients.approve(id, proposalId, by);
  }

  /** @throws those of ClientChanges.withdraw */
  async withdraw(scope: Scope, id: string, proposalId: string, by: By): Promise<void> {
    await this.#own(scope, id);
    await this.#clients.withdraw(id, proposalId, by);
  }

  async setState(scope: Scope, id: string, version: number, to: ClientState, by: By): Promise<void> {
    const { client } = await this.#own(scope, id);
    if (!covers(scope, client.entity) && !isTestState(to))
      throw new Refused('approval_missing', 'only administrators approve, suspend and retire', {
        status: 403,
      });
    await this.#clients.setState(id, version, to, by);
  }

  async restore(
    scope: Scope,
    id: string,
    version: number,
    wanted: number,
    by: By,
  ): Promise<'changed' | 'proposed'> {
    const before = await this.#own(scope, id);
    const old = (await this.#clients.versions(id)).find((one) => one.version === wanted);
    if (old) refuseReserved(scope, old.client, before.client);
    return this.#clients.restore(id, version, wanted, by);
  }

  async addSecret(scope: Scope, id: string, validity: SecretValidity, by: By): Promise<string> {
    await this.#own(scope, id);
    return this.#clients.addSecret(id, validity, by);
  }

  async endSecret(scope: Scope, id: string, secretId: string, by: By): Promise<void> {
    await this.#own(scope, id);
    await this.#clients.endSecret(id, secretId, by);
  }

  /** One that may be changed: whoever could get at the credential of an administering client would administer herself. */
  async #own(scope: Scope, id: string): Promise<RegisteredClient> {
    const found = await this.find(scope, id);
    const administers = found.client.protocol?.apis?.some(
      ({ resource }) => resource === this.#administration,
    );
    if (administers && scope.entityIds !== undefined) throw unionOnly('a client that administers');
    // What was approved is what citizens meet: whoever is no administrator changes it before that.
    if (!covers(scope, found.client.entity) && !isTestState(found.state))
      throw new Refused('approved_already', 'only administrators change what was approved', { status: 403 });
    return found;
  }
}

/** Access to union APIs, a `sub` shared with others: a body does not give itself these. */
function refuseReserved(scope: Scope, wanted: Client, before?: Client): void {
  if (scope.entityIds === undefined) return;
  if (!mayRegisterFor(scope, wanted.entity))
    throw new Refused('entity_foreign', 'the body is not one that you administer', { status: 403 });
  const reserved = ({ protocol, sector, entity }: Client) =>
    JSON.stringify([
      protocol?.apis ?? [],
      protocol?.publicSubject ?? null,
      sector === entity ? null : sector,
    ]);
  const usual = before ? reserved(before) : JSON.stringify([[], null, null]);
  if (reserved(wanted) !== usual) throw unionOnly('protocol.apis, protocol.publicSubject and sector');
}

function unionOnly(what: string): Refused {
  return new Refused('union_only', `${what}: only an administrator of the union may change that`, {
    status: 403,
  });
}
