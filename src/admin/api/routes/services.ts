import type { Client } from '../../../clients/client.ts';
import { clientDifferences } from '../../../clients/differences.ts';
import type { Proposal } from '../../../clients/proposals.ts';
import type { RegisteredClient } from '../../../clients/registered.ts';
import { daysFrom } from '../../../clients/secret-changes.ts';
import { newClientId } from '../../../clients/client-id.ts';
import type { Scope } from '../../roles.ts';
import { pageOf, paged } from '../paging.ts';
import { route, type ApiAnswer, type ApiRoom, type ApiRoute, type ApiVisit } from '../route.ts';
import * as schemas from '../schemas.ts';

const PATH = '/services';

/** What the console can do with services. */
export function serviceRoutes(room: ApiRoom): ApiRoute[] {
  const { clients, desk } = room;
  const find = ({ scope, params }: Pick<ApiVisit<unknown>, 'scope' | 'params'>) =>
    desk.find(scope, params['id'] ?? '');
  const current = async (visit: ApiVisit<undefined>) => {
    const found = await find(visit);
    return etagOf(found, await clients.proposal(found.client.id));
  };
  const shown = async (scope: Scope, id: string): Promise<ApiAnswer & { readonly body: object }> => {
    const found = await desk.find(scope, id);
    const proposal = await clients.proposal(id);
    return {
      body: {
        ...summary(found),
        client: declarationOf(found.client),
        proposal: proposal ? proposalShown(found, proposal) : null,
        missingForLive: await clients.missingForLive(found),
      },
      etag: etagOf(found, proposal),
    };
  };
  // Not read again: between the look at If-Match and here somebody else may have been faster.
  const target = ({ params, current: tag }: ApiVisit<unknown>) => ({
    id: params['id'] ?? '',
    version: versionIn(tag),
  });

  return [
    route({
      method: 'GET',
      path: PATH,
      operation: 'services.read',
      status: 200,
      summary: 'Services, by id',
      query: ['limit', 'cursor', 'q'],
      response: schemas.servicePage,
      answer: async (visit) => {
        const { limit, after } = pageOf(visit);
        const found = await clients.list({
          text: visit.query.q,
          after,
          entityIds: visit.scope.entityIds,
          limit: limit + 1,
        });
        return paged(found, limit, ({ client }) => client.id, summary);
      },
    }),
    route({
      method: 'POST',
      path: PATH,
      operation: 'services.change',
      status: 201,
      tagged: true,
      summary: 'Register a service; it is not live before it is approved',
      request: schemas.newService,
      response: schemas.createdService,
      answer: async ({ scope, by, body: { id = newClientId(), sector, ...rest } }) => {
        const client = { ...rest, id, sector: sector ?? rest.entity } as Client;
        const secret = await desk.create(scope, client, by);
        return { ...(await shown(scope, id)), secret: secret ?? null, location: `${PATH}/${id}` };
      },
    }),
    route({
      method: 'GET',
      path: `${PATH}/:id`,
      operation: 'services.read',
      status: 200,
      tagged: true,
      summary: 'One service, whole',
      response: schemas.service,
      answer: ({ scope, params }) => shown(scope, params['id'] ?? ''),
    }),
    route({
      method: 'PUT',
      path: `${PATH}/:id`,
      operation: 'services.change',
      status: 200,
      tagged: true,
      summary: 'Change a service; of a live one, where four eyes are wanted, propose the change (202)',
      request: schemas.declaration,
      response: schemas.service,
      current,
      mayWait: true,
      answer: async (visit) => {
        const { id, version } = target(visit);
        const { sector, ...rest } = visit.body;
        const client = { ...rest, id, sector: sector ?? rest.entity } as Client;
        const outcome = await desk.update(visit.scope, id, version, client, visit.by);
        return { ...(await shown(visit.scope, id)), waits: outcome === 'proposed' };
      },
    }),
    route({
      method: 'DELETE',
      path: `${PATH}/:id/proposals/:proposal`,
      operation: 'services.change',
      status: 204,
      summary: 'Withdraw a change that waits for a second person',
      answer: async ({ scope, params, by }) => {
        await desk.withdraw(scope, params['id'] ?? '', params['proposal'] ?? '', by);
        return {};
      },
    }),
    route({
      method: 'POST',
      path: `${PATH}/:id/state`,
      operation: 'services.change',
      status: 200,
      summary: 'Approve, suspend, resume or retire a service',
      current,
      tagged: true,
      request: schemas.stateChange,
      response: schemas.service,
      answer: async (visit) => {
        const { id, version } = target(visit);
        await desk.setState(visit.scope, id, version, visit.body.state, visit.by);
        return shown(visit.scope, id);
      },
    }),
    route({
      method: 'GET',
      path: `${PATH}/:id/versions`,
      operation: 'services.read',
      status: 200,
      summary: 'Its latest versions, newest first',
      response: schemas.versionPage,
      answer: async (visit) => {
        const versions = await clients.versions((await find(visit)).client.id);
        return paged(versions, versions.length, String, ({ client, ...rest }) => ({
          ...rest,
          client: declarationOf(client),
        }));
      },
    }),
    route({
      method: 'POST',
      path: `${PATH}/:id/restore`,
      operation: 'services.change',
      status: 200,
      summary: 'Write an earlier version anew, or propose it',
      current,
      tagged: true,
      mayWait: true,
      request: schemas.restoration,
      response: schemas.service,
      answer: async (visit) => {
        const { id, version } = target(visit);
        const outcome = await desk.restore(visit.scope, id, version, visit.body.version, visit.by);
        return { ...(await shown(visit.scope, id)), waits: outcome === 'proposed' };
      },
    }),
    route({
      method: 'GET',
      path: `${PATH}/:id/developers`,
      operation: 'services.handover',
      status: 200,
      summary: 'Developers of its body; who develops it is current',
      response: schemas.developerPage,
      answer: async (visit) => {
        const { candidates, current: hers } = await desk.developers((await find(visit)).client);
        return paged(candidates, candidates.length, String, ({ id, name }) => ({
          id,
          name,
          current: id === hers?.id,
        }));
      },
    }),
    route({
      method: 'PUT',
      path: `${PATH}/:id/developer`,
      operation: 'services.handover',
      status: 200,
      summary: 'Hand it over to another developer of its body, or to its administrators (null)',
      request: schemas.handover,
      response: schemas.service,
      current,
      tagged: true,
      answer: async (visit) => {
        await desk.handOver(visit.scope, target(visit), visit.body.developer ?? undefined, visit.by);
        return shown(visit.scope, target(visit).id);
      },
    }),
    ...secretRoutes(room, find),
  ];
}

function secretRoutes(
  { clients, desk, clock }: ApiRoom,
  find: (visit: ApiVisit<unknown>) => Promise<RegisteredClient>,
): ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: `${PATH}/:id/secrets`,
      operation: 'services.read',
      status: 200,
      summary: 'What is known of its secrets; never their text',
      response: schemas.secretPage,
      answer: async (visit) => {
        const secrets = await clients.secrets((await find(visit)).client.id);
        return paged(secrets, secrets.length, String, ({ lastUsed, expires, ...rest }) => ({
          ...rest,
          expires: expires ?? null,
          lastUsed: lastUsed ?? null,
        }));
      },
    }),
    route({
      method: 'POST',
      path: `${PATH}/:id/secrets`,
      operation: 'services.change',
      status: 201,
      summary: 'Add a secret to those it has: old and new work side by side',
      request: schemas.newSecret,
      response: schemas.createdSecret,
      answer: async ({ scope, params, by, body: { days, othersDays } }) => ({
        body: {},
        secret: await desk.addSecret(
          scope,
          params['id'] ?? '',
          { until: daysFrom(clock.now(), days), othersUntil: daysFrom(clock.now(), othersDays) },
          by,
        ),
        location: `${PATH}/${params['id']}/secrets`,
      }),
    }),
    route({
      method: 'DELETE',
      path: `${PATH}/:id/secrets/:secret`,
      operation: 'services.change',
      status: 204,
      summary: 'End a secret; the last one stays',
      answer: async ({ scope, params, by }) => {
        await desk.endSecret(scope, params['id'] ?? '', params['secret'] ?? '', by);
        return {};
      },
    }),
  ];
}

function summary({ client: { id, entity, name }, state, origin, version }: RegisteredClient) {
  return { id, entity, name, state, origin, version };
}

/** As it is sent back to change it. */
function declarationOf(client: Client): object {
  return Object.fromEntries(Object.entries(client).filter(([name]) => name !== 'id'));
}

function proposalShown({ client, version }: RegisteredClient, proposal: Proposal) {
  const { id, base, author, at } = proposal;
  return {
    id,
    version: base,
    current: base === version,
    by: author,
    at,
    client: declarationOf(proposal.client),
    differences: clientDifferences(client, proposal.client).map(({ path, before, after }) => ({
      path,
      before: before ?? null,
      after: after ?? null,
    })),
  };
}

/** Of what waits for a second person, too: nobody replaces a proposal that she has not seen. */
function etagOf({ version }: RegisteredClient, proposal: Proposal | undefined): string {
  return proposal ? `"${version}.${proposal.id}"` : `"${version}"`;
}

function versionIn(tag: string | undefined): number {
  return Number(/^"(\d+)[".]/.exec(tag ?? '')?.[1] ?? NaN);
}
