import type { By } from '../audit/entry.ts';
import type { ClientChanges } from '../clients/changes.ts';
import type { RegisteredClient } from '../clients/registered.ts';
import type { Client } from '../clients/client.ts';
import type { Developer } from '../clients/developers.ts';
import type { SecretValidity } from '../clients/secret-changes.ts';
import { isTestState, type ClientState } from '../clients/state.ts';
import { Refused } from '../operations/errors.ts';
import type { Administrators } from './administrators.ts';
import { covers, coversService, mayRegisterFor, type Scope } from './roles.ts';

/**
 * Services as somebody with a role may deal with them, in the console and by the API. Of another body there is nothing
 * to see, not even that it exists; what reaches beyond one body is for those who administer the union.
 */
export class ServiceDesk {
  readonly #clients: ClientChanges;
  readonly #administrators: Administrators;
  readonly #administration: string;

  /** @param administration the resource of the administration API: who has access to it administers */
  constructor(clients: ClientChanges, administrators: Administrators, administration: string) {
    this.#clients = clients;
    this.#administrators = administrators;
    this.#administration = administration;
  }

  /** @throws Refused `client_unknown` (404) */
  async find(scope: Scope, id: string): Promise<RegisteredClient> {
    const found = await this.#clients.get(id);
    if (!coversService(scope, found.client))
      throw new Refused('client_unknown', 'no such client', { status: 404 });
    return found;
  }

  /**
   * Whoever registers a service and does not administer its body develops it.
   * @throws those of ClientChanges.create; Refused `entity_foreign` (403), `union_only` (403)
   */
  async create(scope: Scope, client: Client, by: By): Promise<string | undefined> {
    refuseReserved(scope, client);
    const developerId = covers(scope, client.entity) ? undefined : scope.own?.roles.get(client.entity);
    return this.#clients.create(client, by, { developerId });
  }

  /** Who develops a service, and who else might: the developers of its body. */
  async developers({ id, entity }: Client): Promise<ServiceDevelopers> {
    const candidates = await this.#administrators.developersOf(entity);
    const developerId = await this.#clients.developerIdOf(id);
    return { candidates, current: candidates.find((one) => one.id === developerId) };
  }

  /**
   * Gives a service to another developer of its body; to those who administer it where `to` is undefined. Whoever
   * develops it may leave it to them, and only they choose somebody else.
   * @param to the role of the new developer
   * @throws those of ClientChanges.handOver; Refused `handover_missing` (403), `developer_unknown` (422), `union_only`
   */
  async handOver(
    scope: Scope,
    { id, version }: { readonly id: string; readonly version: number },
    to: string | undefined,
    by: By,
  ): Promise<void> {
    const { client } = await this.find(scope, id);
    this.#refuseAdministering(scope, client);
    if (to !== undefined && !covers(scope, client.entity))
      throw new Refused('handover_missing', 'only administrators choose who develops a service', {
        status: 403,
      });
    const { current, candidates } = await this.developers(client);
    const next = candidates.find((one) => one.id === to);
    if (to !== undefined && !next)
      throw new Refused('developer_unknown', 'the body of the service has no such developer', {
        status: 422,
      });
    await this.#clients.handOver(id, version, { from: current, to: next }, by);
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
    this.#refuseAdministering(scope, found.client);
    // What was approved is what citizens meet: whoever is no administrator changes it before that.
    if (!covers(scope, found.client.entity) && !isTestState(found.state))
      throw new Refused('approved_already', 'only administrators change what was approved', { status: 403 });
    return found;
  }

  #refuseAdministering(scope: Scope, { protocol }: Client): void {
    const administers = protocol?.apis?.some(({ resource }) => resource === this.#administration);
    if (administers && scope.entityIds !== undefined) throw unionOnly('a client that administers');
  }
}

/** Who develops a service; nobody but its administrators where `current` is undefined. */
export interface ServiceDevelopers {
  readonly current: Developer | undefined;
  readonly candidates: readonly Developer[];
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
