import { personKeyOf } from '../../../identity/person-key.ts';
import { covers } from '../../roles.ts';
import { InvalidInput } from '../problems.ts';
import { paged } from '../paging.ts';
import { route, type ApiRoom, type ApiRoute } from '../route.ts';
import * as schemas from '../schemas.ts';

const PATH = '/invitations';

/** Links by which developers register services in the name of a body. */
export function invitationRoutes({ invitations, entities, web }: ApiRoom): ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: PATH,
      operation: 'invitations.read',
      status: 200,
      summary: 'Invitations that wait for their guest',
      response: schemas.invitationPage,
      answer: async ({ scope }) => {
        const open = await invitations.open(scope);
        return paged(
          open,
          open.length,
          ({ id }) => id,
          ({ entityId, ...rest }) => ({
            ...rest,
            entity: entityId,
          }),
        );
      },
    }),
    route({
      method: 'POST',
      path: PATH,
      operation: 'invitations.change',
      status: 201,
      summary: 'Invite a developer; `secret` is the address to give to her, which nobody can read again',
      request: schemas.newInvitation,
      response: schemas.createdSecret,
      answer: async ({ scope, by, body: { guest, entity, days, fiscalNumber } }) => {
        if (!covers(scope, entity) || !(await entities.fresh()).get(entity))
          throw invalid('/entity', 'the id of a body that you administer');
        const person = fiscalNumber === undefined ? undefined : personKeyOf({ fiscalNumber }, '');
        if (fiscalNumber !== undefined && !person) throw invalid('/fiscalNumber', 'a codice fiscale');
        const code = await invitations.developer({ name: guest, person }, entity, days, by);
        return { body: {}, secret: `${web.publicUrl}/admin/invitation/${code}` };
      },
    }),
    route({
      method: 'DELETE',
      path: `${PATH}/:id`,
      operation: 'invitations.change',
      status: 204,
      summary: 'End an invitation before its time',
      answer: async ({ scope, params, by }) => {
        await invitations.withdraw(scope, params['id'] ?? '', by);
        return {};
      },
    }),
  ];
}

function invalid(pointer: string, allowed: string): InvalidInput {
  return new InvalidInput('input_invalid', 'nobody can be invited so', [
    { pointer, detail: `allowed: ${allowed}` },
  ]);
}
