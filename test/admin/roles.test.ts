import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../src/admin/api/mount.ts';
import type { ApiRoom } from '../../src/admin/api/route.ts';
import { consoleRoutes } from '../../src/admin/console.ts';
import { isForOneBody, ROLES, type Role } from '../../src/admin/roles.ts';
import type { ConsoleRoom } from '../../src/admin/room.ts';
import type { Desk } from '../support/desk.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { beside, deskOf } from './fixtures.ts';
import { RULES } from './rules.ts';

const PERSONAS: Readonly<Record<Role, string>> = {
  'union-administrator': 'anna.rossi',
  'municipality-administrator': 'luca.nicolò',
  auditor: 'giulia.verdi',
  'data-protection-officer': 'anna.rossi.omocode',
  'service-developer': 'hans.muster',
};

/** The routes need nothing of the room to be listed. */
const routes = consoleRoutes({ federation: {} } as ConsoleRoom);
/** Of the console and of the API together. */
const operations = [...routes, ...apiRoutes({} as ApiRoom)].map(({ operation }) => operation);

/** The address of a route, about something that does not exist. */
const addressOf = (path: string) => `/admin${path.replace(/:\w+/g, 'none')}`;

describe('every route of the console, by role', () => {
  let gateway: TestGateway;
  const desks = new Map<Role | 'nobody', Desk>();
  const tokens = new Map<Role | 'nobody', string>();
  beforeAll(async () => {
    gateway = await startTestGateway({ clients: [], storeUrl: 'sqlite:gateway.db' });
    for (const role of ROLES) {
      const entity = isForOneBody(role) ? 'unione' : undefined;
      desks.set(role, await deskOf(gateway, PERSONAS[role], role, entity));
    }
    desks.set('nobody', await deskOf(gateway, 'marco.bianchi'));
    for (const [role, desk] of desks) tokens.set(role, (await desk.get('/admin/audit')).csrf);
  });
  afterAll(() => gateway.stop());

  it('is in the table of rules', () => {
    expect(routes.filter(({ operation }) => !(operation in RULES))).toEqual([]);
    expect(new Set(operations)).toEqual(new Set(Object.keys(RULES)));
  });

  const table = routes.flatMap((route) =>
    [...ROLES, 'nobody' as const].map((role) => [route.method, route.path, role, route.operation] as const),
  );

  it.each(table)('%s %s for %s', async (method, path, role, operation) => {
    const desk = desks.get(role);
    if (!desk) throw new Error('no such desk');
    const admitted = role !== 'nobody' && RULES[operation].includes(role);
    const address = addressOf(path);
    const page =
      method === 'GET' ? await desk.get(address) : await desk.post(address, { csrf: tokens.get(role) ?? '' });
    if (admitted) expect(page.status).not.toBe(403);
    else expect(page.status).toBe(403);
  });

  it.each(routes.map(({ method, path }) => [method, path] as const))(
    '%s %s asks who has not signed in to do so, or refuses',
    async (method, path) => {
      const address = `${gateway.url}${addressOf(path)}`;
      const headers = { 'sec-fetch-site': 'same-origin' };
      const body = new URLSearchParams();
      const answer = await fetch(address, {
        method,
        headers,
        redirect: 'manual',
        ...(method === 'POST' ? { body } : {}),
      });
      expect(answer.status).toBe(method === 'POST' ? 401 : 303);
    },
  );

  it('writes down who was refused', async () => {
    const entries = await beside(gateway, async (room) => room.entries);
    expect(entries.filter(({ outcome }) => outcome === 'refused').length).toBeGreaterThan(routes.length);
  });
});
