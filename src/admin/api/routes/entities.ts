import { Refused } from '../../../operations/errors.ts';
import { covers } from '../../roles.ts';
import { pageOf, paged } from '../paging.ts';
import { route, type ApiRoom, type ApiRoute } from '../route.ts';
import * as schemas from '../schemas.ts';

/** The bodies of this gateway, as far as somebody administers them. */
export function entityRoutes({ entities }: ApiRoom): ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: '/entities',
      operation: 'entities.read',
      status: 200,
      summary: 'Bodies, by id',
      query: ['limit', 'cursor'],
      response: schemas.entityPage,
      answer: async (visit) => {
        const { limit, after } = pageOf(visit);
        const found = [...(await entities.fresh()).list()]
          .filter(({ id }) => covers(visit.scope, id) && (after === undefined || id > after))
          .sort((a, b) => (a.id < b.id ? -1 : 1));
        return paged(
          found,
          limit,
          ({ id }) => id,
          (entity) => entity,
        );
      },
    }),
    route({
      method: 'GET',
      path: '/entities/:id',
      operation: 'entities.read',
      status: 200,
      summary: 'One body',
      response: schemas.entity,
      answer: async ({ scope, params }) => {
        const found = (await entities.fresh()).get(params['id'] ?? '');
        if (!found || !covers(scope, found.id))
          throw new Refused('entity_unknown', 'no such entity', { status: 404 });
        return { body: found };
      },
    }),
  ];
}
