import { consoleMessages } from '../../web/messages/console.ts';
import { auditBody } from '../pages/audit.ts';
import type { ConsoleRoom, ConsoleRoute } from '../room.ts';

const ON_A_PAGE = 50;

/** What administrators did, newest first. */
export function auditRoutes(room: ConsoleRoom): ConsoleRoute[] {
  return [
    {
      method: 'GET',
      path: '/audit',
      operation: 'audit.read',
      answer: async ({ scope, language }, ctx) => {
        const before = Number(ctx.query['before']);
        const entries = await room.trail.list(room.store.db, {
          before: Number.isSafeInteger(before) && before > 0 ? before : undefined,
          limit: ON_A_PAGE + 1,
          entityIds: scope.entityIds,
        });
        const shown = entries.slice(0, ON_A_PAGE);
        return {
          title: consoleMessages[language].section.audit,
          body: auditBody(language, shown, entries.length > ON_A_PAGE ? shown.at(-1)?.seq : undefined),
        };
      },
    },
  ];
}
