import { personKeyOf } from '../../../identity/person-key.ts';
import { isForOneBody, type Grant } from '../../roles.ts';
import { InvalidInput } from '../problems.ts';
import { paged } from '../paging.ts';
import { route, type ApiRoom, type ApiRoute } from '../route.ts';
import * as schemas from '../schemas.ts';

const PATH = '/administrators';

/** Who administers. */
export function administratorRoutes({ administrators, entities }: ApiRoom): ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: PATH,
      operation: 'administrators.read',
      status: 200,
      summary: 'Roles that were given',
      response: schemas.administratorPage,
      answer: async ({ scope }) => {
        const grants = await administrators.list(scope);
        return paged(grants, grants.length, ({ id }) => id, shown);
      },
    }),
    route({
      method: 'POST',
      path: PATH,
      operation: 'administrators.change',
      status: 204,
      summary: 'Give a role, by codice fiscale',
      request: schemas.newGrant,
      answer: async ({ body: { fiscalNumber, name, role, entity }, by }) => {
        const person = personKeyOf({ fiscalNumber }, '');
        if (!person)
          throw invalid('/fiscalNumber', 'a codice fiscale, or another identifier that SPID knows');
        const known = (await entities.fresh()).get(entity ?? '');
        if (isForOneBody(role) ? !known : entity !== undefined)
          throw invalid('/entity', 'the id of a body for a role that is for one body; nothing otherwise');
        await administrators.grant(person, { role, name, entityId: entity }, by);
        return {};
      },
    }),
    route({
      method: 'DELETE',
      path: `${PATH}/:id`,
      operation: 'administrators.revoke',
      status: 204,
      summary:
        'Take a role away: the union any but that of its last administrator, a body those of its service developers',
      answer: async ({ scope, params, by }) => {
        await administrators.revoke(scope, params['id'] ?? '', by);
        return {};
      },
    }),
  ];
}

function shown({ id, role, entityId, name }: Grant) {
  return { id, role, entity: entityId ?? null, name };
}

function invalid(pointer: string, allowed: string): InvalidInput {
  return new InvalidInput('input_invalid', 'the role cannot be given so', [
    { pointer, detail: `allowed: ${allowed}` },
  ]);
}
