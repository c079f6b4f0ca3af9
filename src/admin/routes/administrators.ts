import type { Entity } from '../../entities/entity.ts';
import { personKeyOf } from '../../identity/person-key.ts';
import { Refused } from '../../operations/errors.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { administratorsBody, type GrantFormFault } from '../pages/administrators.ts';
import { mayDo, OPERATIONS } from '../operations.ts';
import { isForOneBody, isRole, scopeOf } from '../roles.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from '../room.ts';

const PATH = '/administrators';
const LONGEST_NAME = 80;

/**
 * Who has which role: given by union administrators who prove it just now, and taken away by them; those of a body take
 * their developers' away.
 */
export function administratorRoutes(room: ConsoleRoom): ConsoleRoute[] {
  const bodies = async () => (await room.entities.fresh()).list();
  const page = async (visit: Visit, faults: readonly GrantFormFault[] = []): Promise<Answer> => ({
    title: consoleMessages[visit.language].section.administrators,
    ...(faults.length > 0 ? { status: 422 } : {}),
    body: administratorsBody(visit, {
      grants: await room.administrators.list(visit.scope),
      entities: await bodies(),
      faults,
      mayChange: mayDo(visit, 'administrators.change'),
      revoking: scopeOf(visit.grants, OPERATIONS['administrators.revoke']),
    }),
  });
  return [
    { method: 'GET', path: PATH, operation: 'administrators.read', answer: (visit) => page(visit) },
    {
      method: 'POST',
      path: PATH,
      operation: 'administrators.change',
      confirmedFrom: () => PATH,
      keptFor: () => PATH,
      again: (visit) => page(visit),
      answer: async (visit) => {
        const wanted = readGrant(visit, await bodies());
        if ('faults' in wanted) return page(visit, wanted.faults);
        try {
          await room.administrators.grant(wanted.person, wanted.grant, visit.by);
        } catch (error) {
          if (!(error instanceof Refused) || error.code !== 'grant_exists') throw error;
          return page(visit, ['exists']);
        }
        return { goTo: PATH };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/revoke`,
      operation: 'administrators.revoke',
      confirmedFrom: () => PATH,
      answer: async ({ scope, params, by }) => {
        await room.administrators.revoke(scope, params['id'] ?? '', by);
        return { goTo: PATH };
      },
    },
  ];
}

function readGrant({ fields }: Visit, entities: readonly Entity[]) {
  const text = (name: string) => (fields.get(name) ?? '').trim();
  const [name, role, entityId] = [text('name'), text('role'), text('entity')];
  const person = personKeyOf({ fiscalNumber: text('fiscalNumber') }, '');
  const faults: GrantFormFault[] = [];
  if (name === '' || name.length > LONGEST_NAME) faults.push('name');
  if (!person) faults.push('fiscalNumber');
  if (!isRole(role)) return { faults: [...faults, 'role'] as const };
  if (isForOneBody(role) ? !entities.some(({ id }) => id === entityId) : entityId !== '')
    faults.push('entity');
  if (faults.length > 0 || !person) return { faults };
  return { person, grant: { role, name, entityId: entityId || undefined } };
}
