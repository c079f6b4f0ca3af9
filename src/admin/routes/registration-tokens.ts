import { isHost, isWithin, MOST_HOSTS, MOST_USES } from '../../clients/registration-tokens.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import {
  DAYS_OFFERED,
  registrationTokensBody,
  tokenBody,
  type RegistrationTokenFault,
} from '../pages/registration-tokens.ts';
import { mayDo } from '../operations.ts';
import { covers } from '../roles.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from '../room.ts';

const PATH = '/registration-tokens';

/** Initial access tokens, by which programs register services: made by whoever administers the body. */
export function registrationTokenRoutes(room: ConsoleRoom): ConsoleRoute[] {
  const { registrationTokens } = room;
  const bodies = async ({ scope }: Visit) =>
    (await room.entities.fresh()).list().filter(({ id }) => covers(scope, id));
  const page = async (visit: Visit, faults: readonly RegistrationTokenFault[] = []): Promise<Answer> => ({
    title: consoleMessages[visit.language].registrationTokens.title,
    ...(faults.length > 0 ? { status: 422 } : {}),
    body: registrationTokensBody(visit, {
      tokens: await registrationTokens.list(visit.scope.entityIds),
      now: room.clock.now(),
      faults,
      offered: registrationTokens.offered,
      entities: mayDo(visit, 'registration-tokens.change') ? await bodies(visit) : [],
    }),
  });
  return [
    { method: 'GET', path: PATH, operation: 'registration-tokens.read', answer: (visit) => page(visit) },
    {
      method: 'POST',
      path: PATH,
      operation: 'registration-tokens.change',
      confirmedFrom: () => PATH,
      keptFor: () => PATH,
      again: (visit) => page(visit),
      answer: async (visit) => {
        const text = (name: string) => (visit.fields.get(name) ?? '').trim();
        const entityId = text('entity');
        const hosts = [...new Set(text('hosts').toLowerCase().split(/\s+/).filter(Boolean))];
        const days = DAYS_OFFERED.find((one) => String(one) === text('days'));
        const uses = Number(text('uses'));
        const faults: RegistrationTokenFault[] = [];
        if (!(await bodies(visit)).some(({ id }) => id === entityId)) faults.push('entity');
        if (hosts.length === 0 || hosts.length > MOST_HOSTS || !hosts.every(isHost)) faults.push('hosts');
        if (days === undefined) faults.push('days');
        if (!isWithin(uses, MOST_USES)) faults.push('uses');
        if (faults.length > 0 || days === undefined) return page(visit, faults);
        const { token, expiresAt } = await registrationTokens.issue(
          { entityId, hosts, days, uses },
          visit.by,
        );
        return {
          title: consoleMessages[visit.language].registrationTokens.made,
          body: tokenBody(visit.language, {
            token,
            hosts,
            uses,
            expiresAt,
            endpoint: `${room.web.publicUrl}/oidc/register`,
          }),
        };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/revoke`,
      operation: 'registration-tokens.change',
      answer: async ({ scope, params, by }) => {
        await registrationTokens.revoke(params['id'] ?? '', by, scope.entityIds);
        return { goTo: PATH };
      },
    },
  ];
}
