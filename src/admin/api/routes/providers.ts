import { createHash } from 'node:crypto';
import {
  providerFacts,
  providerOf,
  refreshProviders,
  switchProvider,
  type ProviderFacts,
} from '../../provider-desk.ts';
import { pageOf, paged } from '../paging.ts';
import { route, type ApiAnswer, type ApiRoom, type ApiRoute } from '../route.ts';
import * as schemas from '../schemas.ts';

const PATH = '/providers';

/** Identity providers: seen, looked for anew, taken out of use and put back. The id in the path is the entityID, percent-encoded. */
export function providerRoutes(room: ApiRoom): ApiRoute[] {
  const shown = async (id: string): Promise<ApiAnswer> => {
    const found = await providerOf(room, id);
    return { body: found, etag: etagOf(found) };
  };
  return [
    route({
      method: 'GET',
      path: PATH,
      operation: 'providers.read',
      status: 200,
      summary: 'Identity providers',
      query: ['limit', 'cursor'],
      response: schemas.providerPage,
      answer: async (visit) => {
        const { limit, after } = pageOf(visit);
        const all = await providerFacts(room);
        const found = all.filter(({ entityId }) => after === undefined || entityId > after);
        return paged(
          found,
          limit,
          ({ entityId }) => entityId,
          (provider) => provider,
        );
      },
    }),
    route({
      method: 'POST',
      path: `${PATH}/refresh`,
      operation: 'providers.change',
      status: 200,
      summary: 'Look now, at AgID’s registry and the files, what has changed',
      response: schemas.refreshed,
      answer: async ({ by }) => {
        const { outcome, problem, changes } = await refreshProviders(room, by);
        return { body: { outcome, problem: problem ?? null, changes } };
      },
    }),
    route({
      method: 'GET',
      path: `${PATH}/:id`,
      operation: 'providers.read',
      status: 200,
      tagged: true,
      summary: 'One identity provider',
      response: schemas.provider,
      answer: ({ params }) => shown(params['id'] ?? ''),
    }),
    route({
      method: 'PUT',
      path: `${PATH}/:id`,
      operation: 'providers.change',
      status: 200,
      tagged: true,
      summary: 'Take an identity provider out of use, with what citizens read meanwhile, or put it back',
      request: schemas.switching,
      response: schemas.provider,
      current: async ({ params }) => etagOf(await providerOf(room, params['id'] ?? '')),
      answer: async ({ params, body: { disabled, notice = { it: '', en: '' } }, by }) => {
        await switchProvider(room, params['id'] ?? '', disabled ? notice : undefined, by);
        return shown(params['id'] ?? '');
      },
    }),
  ];
}

/** A switch has no version: what it says is its tag. */
function etagOf({ disabled }: ProviderFacts): string {
  return `"${createHash('sha256').update(JSON.stringify(disabled)).digest('base64url').slice(0, 22)}"`;
}
