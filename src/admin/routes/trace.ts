import { clientNames } from '../../clients/names.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { traceBody } from '../pages/trace.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from '../room.ts';
import { citizenAdvice, readReference, storyOf, type Told } from '../trace/story.ts';
import { visibleEntries } from '../trace/visible.ts';

const PATH = '/trace';

/** Everything under a support reference, of one's own bodies or services, without personal data; every search leaves a trace. */
export function traceRoutes(room: ConsoleRoom): ConsoleRoute[] {
  const page = (
    { language, session, fields, scope }: Visit,
    found: {
      readonly reference?: string;
      readonly story?: readonly Told[];
      readonly citizen?: string;
      readonly wrong?: boolean;
    },
  ): Answer => ({
    title: consoleMessages[language].section.trace,
    ...(found.wrong ? { status: 422 } : {}),
    body: traceBody(language, {
      csrf: session.csrf,
      text: fields.get('reference') ?? '',
      reference: found.reference,
      wrong: found.wrong ?? false,
      story: found.story ?? [],
      citizen: found.citizen ?? '',
      helps: scope.entityIds?.length !== 0,
    }),
  });
  return [
    {
      method: 'GET',
      path: PATH,
      operation: 'trace.read',
      answer: (visit) => page(visit, {}),
    },
    {
      method: 'POST',
      path: PATH,
      operation: 'trace.read',
      answer: async (visit) => {
        const reference = readReference(visit.fields.get('reference') ?? '');
        if (reference === undefined) return page(visit, { wrong: true });
        const { db } = room.store;
        const all = await room.register.trace(db, reference);
        const entries = visibleEntries(visit.scope, all);
        await room.store.transaction((transaction) =>
          room.trail.append(transaction, {
            at: room.clock.now(),
            action: 'trace.read',
            target: { kind: 'reference', id: reference },
            entityId: entries[0]?.entityId,
            after: { entries: entries.length },
            ...visit.by,
          }),
        );
        const ids = entries.flatMap(({ clientId }) => (clientId === null ? [] : [clientId]));
        const names = await clientNames(db, [...new Set(ids)]);
        const story = storyOf(entries, visit.language, {
          client: (id) => names.get(id)?.[visit.language] ?? id,
          provider: room.providerName,
        });
        return page(visit, { reference, story, citizen: citizenAdvice(entries, visit.language) });
      },
    },
  ];
}
