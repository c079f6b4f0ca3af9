import type { Entity } from '../../entities/entity.ts';
import { personKeyOf } from '../../identity/person-key.ts';
import { Refused } from '../../operations/errors.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { administratorsBody, type GrantFormFault } from '../pages/administrators.ts';
import { isForOneBody, isRole } from '../roles.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from '../room.ts';

const PATH = '/administrators';
const LONGEST_NAME = 80;

/** Who administers: seen by union administrators and auditors, changed by union administrators who prove it just now. */
export function administratorRoutes(room: ConsoleRoom): ConsoleRoute[] {
  const bodies = async () => (await room.entities.fresh()).list();
  const page = async (visit: Visit, fault?: GrantFormFault): Promise<Answer> => ({
    title: consoleMessages[visit.language].section.administrators,
    ...(fault ? { status: 422 } : {}),
    body: administratorsBody(visit, {
      grants: await room.administrators.list(),
      entities: await bodies(),
      fault,
      mayChange: visit.grants.some(({ role }) => role === 'union-administrator'),
    }),
  });
  return [
    { method: 'GET', path: PATH, operation: 'administrators.read', answer: (visit) => page(visit) },
    {
      method: 'POST',
      path: PATH,
      operation: 'administrators.change',
      confirmedFrom: () => PATH,
      answer: async (visit) => {
        const wanted = readGrant(visit, await bodies());
        if ('fault' in wanted) return page(visit, wanted.fault);
        try {
          await room.administrators.grant(wanted.person, wanted.grant, visit.by);
        } catch (error) {
          if (!(error instanceof Refused) || error.code !== 'grant_exists') throw error;
          return page(visit, 'exists');
        }
        return { goTo: PATH };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/revoke`,
      operation: 'administrators.change',
      confirmedFrom: () => PATH,
      answer: async ({ params, by }) => {
        await room.administrators.revoke(params['id'] ?? '', by);
        return { goTo: PATH };
      },
    },
  ];
}

function readGrant({ fields }: Visit, entities: readonly Entity[]) {
  const text = (name: string) => (fields.get(name) ?? '').trim();
  const [name, role, entityId] = [text('name'), text('role'), text('entity')];
  const person = personKeyOf({ fiscalNumber: text('fiscalNumber') }, '');
  if (!person) return { fault: 'fiscalNumber' } as const;
  if (name === '' || name.length > LONGEST_NAME) return { fault: 'name' } as const;
  if (!isRole(role)) return { fault: 'role' } as const;
  if (isForOneBody(role) ? !entities.some(({ id }) => id === entityId) : entityId !== '')
    return { fault: 'entity' } as const;
  return { person, grant: { role, name, entityId: entityId || undefined } };
}
