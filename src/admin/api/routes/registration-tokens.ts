import type { RegistrationToken } from '../../../clients/registration-tokens.ts';
import { covers } from '../../roles.ts';
import { InvalidInput } from '../problems.ts';
import { paged } from '../paging.ts';
import { route, type ApiRoom, type ApiRoute } from '../route.ts';
import * as schemas from '../schemas.ts';

const PATH = '/registration-tokens';

/** Initial access tokens: with one a program registers services of a body by itself. */
export function registrationTokenRoutes({ registrationTokens, entities }: ApiRoom): ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: PATH,
      operation: 'registration-tokens.read',
      status: 200,
      summary: 'Initial access tokens, newest first',
      response: schemas.registrationTokenPage,
      answer: async ({ scope }) => {
        const tokens = await registrationTokens.list(scope.entityIds);
        return paged(tokens, tokens.length, ({ id }) => id, shown);
      },
    }),
    route({
      method: 'POST',
      path: PATH,
      operation: 'registration-tokens.change',
      status: 201,
      summary:
        'Make a token for dynamic client registration; `secret` is its text, which nobody can read again',
      request: schemas.newRegistrationToken,
      response: schemas.createdRegistrationToken,
      answer: async ({ scope, by, body: { entity, hosts, days, uses } }) => {
        if (!covers(scope, entity) || !(await entities.fresh()).get(entity))
          throw new InvalidInput('input_invalid', 'no token can be made so', [
            { pointer: '/entity', detail: 'allowed: the id of a body that you administer' },
          ]);
        const { token, ...made } = await registrationTokens.issue(
          { entityId: entity, hosts, days, uses },
          by,
        );
        return { body: shown(made), secret: token };
      },
    }),
    route({
      method: 'DELETE',
      path: `${PATH}/:id`,
      operation: 'registration-tokens.change',
      status: 204,
      summary: 'Revoke a token; what was registered with it stays',
      answer: async ({ scope, params, by }) => {
        await registrationTokens.revoke(params['id'] ?? '', by, scope.entityIds);
        return {};
      },
    }),
  ];
}

function shown({ id, entityId, hosts, uses, usesLeft, expiresAt, revoked }: RegistrationToken) {
  return { id, entity: entityId, hosts, uses, usesLeft, expires: expiresAt, revoked };
}
