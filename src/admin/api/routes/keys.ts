import { problemOf } from '../../../keys/calendar.ts';
import { route, type ApiRoom, type ApiRoute } from '../route.ts';
import * as schemas from '../schemas.ts';

/** When keys and certificates end, what ends first first: for whoever watches them with tools of their own. */
export function keyRoutes({ calendar }: ApiRoom): ApiRoute[] {
  return [
    route({
      ...{ method: 'GET', path: '/keys', operation: 'keys.read', status: 200 },
      ...{ summary: 'When keys and certificates end', response: schemas.calendar },
      answer: async () => ({
        body: {
          items: calendar().map((entry) => ({
            ...{ kind: entry.kind, id: entry.id, ends: entry.ends, days: entry.days },
            fingerprint: entry.fingerprint ?? null,
            problem: entry.stage === undefined ? null : problemOf(entry),
          })),
        },
      }),
    }),
  ];
}
