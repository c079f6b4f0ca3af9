import { isOwn } from '../../../clients/client.ts';
import { daysUpTo } from '../../../figures/day.ts';
import { loginFigures } from '../../../figures/login-figures.ts';
import { paged } from '../paging.ts';
import { route, type ApiRoom, type ApiRoute } from '../route.ts';
import * as schemas from '../schemas.ts';

const DAYS = 14;

/** What there is to watch: how far logins get, when keys and certificates end, what the gateway was told. */
export function overviewRoutes(room: ApiRoom): ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: '/logins',
      operation: 'logins.read',
      status: 200,
      summary:
        'How far logins got in the last two weeks, and today by source, provider, level and error; from counters',
      query: ['service'],
      response: schemas.loginFigures,
      answer: async ({ scope, query }) => {
        await room.counts.flush();
        const { db } = room.store;
        const days = daysUpTo(room.clock.now(), DAYS);
        const [today = ''] = days;
        const service = query.service;
        // Of another body there is nothing to see, not even that it exists.
        if (service !== undefined && !isOwn({ id: service })) await room.desk.find(scope, service);
        const filter = { entityIds: scope.entityIds, clientId: service };
        return { body: await loginFigures(db, days, today, filter) };
      },
    }),
    route({
      method: 'GET',
      path: '/keys',
      operation: 'keys.read',
      status: 200,
      summary: 'Keys and certificates, what ends first first',
      response: schemas.keyPage,
      answer: async () => {
        const entries = room.calendar();
        return paged(
          entries,
          entries.length,
          ({ id }) => id,
          ({ kind, id, ends, days, followed }) => ({
            kind,
            id,
            ends,
            days,
            followed,
          }),
        );
      },
    }),
    route({
      method: 'GET',
      path: '/settings',
      operation: 'settings.read',
      status: 200,
      summary: 'The settings in force; secrets are never shown',
      response: schemas.settingPage,
      answer: async () => {
        const { settings } = room;
        return paged(
          settings,
          settings.length,
          ({ key }) => key,
          (setting) => setting,
        );
      },
    }),
  ];
}
