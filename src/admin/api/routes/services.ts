import type { Client } from '../../../clients/client.ts';
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
  const current = async (visit: ApiVisit<undefined>) => etagOf(await find(visit));
  const shown = async (scope: Scope, id: string): Promise<ApiAnswer & { readonly body: object }> => {
    const found = await desk.find(scope, id);
    const missingForLive = await clients.missingForLive(found);
    return {
      body: { ...summary(found), client: declarationOf(found.client), missingForLive },
      etag: etagOf(found),
    };
  };
  // Not read again: between the look at If-Match and here somebody else may have been faster.
  const target = ({ params, current: tag }: ApiVisit<unknown>) => ({
    id: params['id'] ?? '',
    version: versionIn(tag),
  });

  return [
    route({
      ...{ method: 'GET', path: PATH, operation: 'services.read', status: 200 },
      ...{ summary: 'Services, by id', query: ['limit', 'cursor', 'q'], response: schemas.servicePage },
      answer: async (visit) => {
        const { limit, after } = pageOf(visit);
        const found = await clients.list({
          ...{ text: visit.query.q, after, entityIds: visit.scope.entityIds, limit: limit + 1 },
        });
        return paged(found, limit, ({ client }) => client.id, summary);
      },
    }),
    route({
      ...{ method: 'POST', path: PATH, operation: 'services.change', status: 201, tagged: true },
      summary: 'Register a service; it is not live before it is approved',
      ...{ request: schemas.newService, response: schemas.createdService },
      answer: async ({ scope, by, body: { id = newClientId(), sector, ...rest } }) => {
        const client = { ...rest, id, sector: sector ?? rest.entity } as Client;
        const secret = await desk.create(scope, client, by);
        return { ...(await shown(scope, id)), secret: secret ?? null, location: `${PATH}/${id}` };
      },
    }),
    route({
      ...{ method: 'GET', path: `${PATH}/:id`, operation: 'services.read', status: 200, tagged: true },
      ...{ summary: 'One service, whole', response: schemas.service },
      answer: ({ scope, params }) => shown(scope, params['id'] ?? ''),
    }),
    route({
      ...{ method: 'PUT', path: `${PATH}/:id`, operation: 'services.change', status: 200, tagged: true },
      ...{ summary: 'Change a service', request: schemas.declaration, response: schemas.service, current },
      answer: async (visit) => {
        const { id, version } = target(visit);
        const { sector, ...rest } = visit.body;
        const client = { ...rest, id, sector: sector ?? rest.entity } as Client;
        await desk.update(visit.scope, id, version, client, visit.by);
        return shown(visit.scope, id);
      },
    }),
    route({
      ...{ method: 'POST', path: `${PATH}/:id/state`, operation: 'services.change', status: 200 },
      ...{ summary: 'Approve, suspend, resume or retire a service', current, tagged: true },
      ...{ request: schemas.stateChange, response: schemas.service },
      answer: async (visit) => {
        const { id, version } = target(visit);
        await desk.setState(visit.scope, id, version, visit.body.state, visit.by);
        return shown(visit.scope, id);
      },
    }),
    route({
      ...{ method: 'GET', path: `${PATH}/:id/versions`, operation: 'services.read', status: 200 },
      ...{ summary: 'Its latest versions, newest first', response: schemas.versionPage },
      answer: async (visit) => {
        const versions = await clients.versions((await find(visit)).client.id);
        return paged(versions, versions.length, String, ({ client, ...rest }) => ({
          ...{ ...rest, client: declarationOf(client) },
        }));
      },
    }),
    route({
      ...{ method: 'POST', path: `${PATH}/:id/restore`, operation: 'services.change', status: 200 },
      ...{ summary: 'Write an earlier version anew', current, tagged: true },
      ...{ request: schemas.restoration, response: schemas.service },
      answer: async (visit) => {
        const { id, version } = target(visit);
        await desk.restore(visit.scope, id, version, visit.body.version, visit.by);
        return shown(visit.scope, id);
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
      ...{ method: 'GET', path: `${PATH}/:id/secrets`, operation: 'services.read', status: 200 },
      ...{ summary: 'What is known of its secrets; never their text', response: schemas.secretPage },
      answer: async (visit) => {
        const secrets = await clients.secrets((await find(visit)).client.id);
        return paged(secrets, secrets.length, String, ({ lastUsed, expires, ...rest }) => ({
          ...{ ...rest, expires: expires ?? null, lastUsed: lastUsed ?? null },
        }));
      },
    }),
    route({
      ...{ method: 'POST', path: `${PATH}/:id/secrets`, operation: 'services.change', status: 201 },
      summary: 'Add a secret to those it has: old and new work side by side',
      ...{ request: schemas.newSecret, response: schemas.createdSecret },
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
      ...{ method: 'DELETE', path: `${PATH}/:id/secrets/:secret`, operation: 'services.change' },
      ...{ status: 204, summary: 'End a secret; the last one stays' },
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

function etagOf({ version }: RegisteredClient): string {
  return `"${version}"`;
}

function versionIn(tag: string | undefined): number {
  return Number(/^"(\d+)"$/.exec(tag ?? '')?.[1] ?? NaN);
}
