import { personKeyOf } from '../../identity/person-key.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { DAYS_OFFERED, invitationsBody, linkBody, type InvitationFault } from '../pages/invitations.ts';
import { covers } from '../roles.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from '../room.ts';

const PATH = '/invitations';
const LONGEST_NAME = 80;

/** Links by which developers get in: made by whoever administers the body. */
export function invitationRoutes(room: ConsoleRoom): ConsoleRoute[] {
  const { invitations } = room;
  const bodies = async ({ scope }: Visit) =>
    (await room.entities.fresh()).list().filter(({ id }) => covers(scope, id));
  const page = async (visit: Visit, faults: readonly InvitationFault[] = []): Promise<Answer> => ({
    title: consoleMessages[visit.language].section.invitations,
    ...(faults.length > 0 ? { status: 422 } : {}),
    body: invitationsBody(visit, {
      open: await invitations.open(visit.scope),
      entities: await bodies(visit),
      faults,
    }),
  });
  return [
    { method: 'GET', path: PATH, operation: 'invitations.read', answer: (visit) => page(visit) },
    {
      method: 'POST',
      path: PATH,
      operation: 'invitations.change',
      confirmedFrom: () => PATH,
      keptFor: () => PATH,
      again: (visit) => page(visit),
      answer: async (visit) => {
        const text = (name: string) => (visit.fields.get(name) ?? '').trim();
        const [guest, entityId, fiscalNumber] = [text('guest'), text('entity'), text('fiscalNumber')];
        const days = DAYS_OFFERED.find((one) => String(one) === text('days'));
        const person = personKeyOf({ fiscalNumber }, '');
        const faults: InvitationFault[] = [];
        if (!(await bodies(visit)).some(({ id }) => id === entityId)) faults.push('entity');
        if (guest === '' || guest.length > LONGEST_NAME) faults.push('guest');
        if (fiscalNumber !== '' && !person) faults.push('fiscalNumber');
        if (days === undefined) faults.push('days');
        if (faults.length > 0 || days === undefined) return page(visit, faults);
        const invited = { name: guest, person: fiscalNumber === '' ? undefined : person };
        const code = await invitations.developer(invited, entityId, days, visit.by);
        return {
          title: consoleMessages[visit.language].invitations.made,
          body: linkBody(visit.language, {
            guest,
            url: `${room.web.publicUrl}${room.door.area.path}/invitation/${code}`,
          }),
        };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/withdraw`,
      operation: 'invitations.change',
      answer: async ({ scope, params, by }) => {
        await invitations.withdraw(scope, params['id'] ?? '', by);
        return { goTo: PATH };
      },
    },
  ];
}
