import { pinsOf } from '../../provider-desk.ts';
import { route, type ApiRoom, type ApiRoute } from '../route.ts';
import * as schemas from '../schemas.ts';

const PATH = '/registry-pins';

/** The certificates that sign AgID's registry. Programs propose and take back; people approve, in the console. */
export function pinRoutes(room: ApiRoom): ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: PATH,
      operation: 'providers.read',
      status: 200,
      summary: 'Certificates by which the registry’s list is AgID’s, and what waits for a second person',
      response: schemas.registryPins,
      answer: async () => {
        const { pins, waiting, unknown } = await pinsOf(room).overview();
        return {
          body: {
            pins: pins.map((pin) => ({
              ...pin,
              signed: pin.signed ?? null,
              decided: pin.decided ?? null,
            })),
            waiting: waiting.map(({ author, byProgram: _, ...rest }) => ({
              ...rest,
              signed: rest.signed ?? null,
              by: author,
            })),
            unknown: unknown ? { ...unknown, signed: unknown.signed ?? null } : null,
          },
        };
      },
    }),
    route({
      method: 'POST',
      path: `${PATH}/proposals`,
      operation: 'providers.change',
      status: 201,
      summary: 'Propose to pin a certificate, or that a pinned one counts no more',
      request: schemas.newPinProposal,
      response: schemas.pinProposal,
      answer: async ({ body, by }) => {
        const pins = pinsOf(room);
        const id =
          'add' in body
            ? await pins.proposeAdding(body.add, by)
            : await pins.proposeRemoving(body.remove, by);
        return { body: { id }, location: PATH };
      },
    }),
    route({
      method: 'DELETE',
      path: `${PATH}/proposals/:proposal`,
      operation: 'providers.change',
      status: 204,
      summary: 'Take back a proposal',
      answer: async ({ params, by }) => {
        await pinsOf(room).withdraw(params['proposal'] ?? '', by);
        return {};
      },
    }),
  ];
}
