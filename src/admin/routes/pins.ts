import { Refused } from '../../operations/errors.ts';
import { PinsAltered } from '../../sources/spid/federation/pin-record.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { mayDo } from '../operations.ts';
import { pinsBody, type PinFaults } from '../pages/pins.ts';
import { pinsOf } from '../provider-desk.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from '../room.ts';

const PATH = '/providers/pins';

/** What is said beside the field that it is about. */
const BESIDE_CERTIFICATE = ['certificate_unreadable', 'certificate_weak', 'certificate_expired', 'pin_known'];

/** The certificates by which the registry's list is AgID's: proposed by one administrator, approved by another. */
export function pinRoutes(room: ConsoleRoom): ConsoleRoute[] {
  const page = async (visit: Visit, faults: PinFaults = {}): Promise<Answer> => ({
    title: consoleMessages[visit.language].pins.title,
    ...(Object.keys(faults).length > 0 ? { status: 422 } : {}),
    body: pinsBody(visit, {
      faults,
      overview: await pinsOf(room).overview().catch(unlessAltered),
      mayChange: mayDo(visit, 'providers.change'),
      now: room.clock.now(),
    }),
    script: 'check-as-typed.js',
  });
  /** The page again, where what is wrong can be said beside a field. */
  const attempt = async (
    visit: Visit,
    work: () => Promise<unknown>,
    faultsOf: (code: string) => PinFaults | undefined,
  ): Promise<Answer> => {
    try {
      await work();
    } catch (error) {
      const faults = error instanceof Refused ? faultsOf(error.code) : undefined;
      if (!faults) throw error;
      return page(visit, faults);
    }
    return { goTo: PATH };
  };

  return [
    { method: 'GET', path: PATH, operation: 'providers.read', answer: (visit) => page(visit) },
    {
      method: 'POST',
      path: PATH,
      operation: 'providers.change',
      answer: (visit) => {
        const { fields, by } = visit;
        const gone = fields.get('remove');
        return attempt(
          visit,
          () =>
            gone === undefined
              ? pinsOf(room).proposeAdding(fields.get('certificate') ?? '', by)
              : pinsOf(room).proposeRemoving(gone, by),
          (code) => (BESIDE_CERTIFICATE.includes(code) ? { certificate: code } : undefined),
        );
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:proposal/approve`,
      operation: 'providers.change',
      confirmedFrom: () => PATH,
      answer: (visit) => {
        const id = visit.params['proposal'] ?? '';
        const fingerprint = visit.fields.get('fingerprint');
        return attempt(
          visit,
          () => pinsOf(room).approve(id, { fingerprint }, visit.by),
          (code) => (code === 'fingerprint_differs' ? { proposal: id } : undefined),
        );
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:proposal/withdraw`,
      operation: 'providers.change',
      answer: async ({ params, by }) => {
        await pinsOf(room).withdraw(params['proposal'] ?? '', by);
        return { goTo: PATH };
      },
    },
  ];
}

/** What was decided cannot be relied on: the page says so. */
function unlessAltered(error: unknown): undefined {
  if (!(error instanceof PinsAltered)) throw error;
}
