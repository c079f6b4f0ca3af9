import Router from '@koa/router';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../../src/admin/api/mount.ts';
import type { ApiRoom } from '../../../src/admin/api/route.ts';
import { PROGRAM_ROLES, type Role } from '../../../src/admin/roles.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { beside } from '../fixtures.ts';
import { RULES } from '../rules.ts';
import { calling, programOf, startGatewayWithPrograms, type Call } from './caller.ts';

/** The routes need nothing of the room to be listed. */
const routes = apiRoutes({} as ApiRoom).map(({ method, path, operation }) => ({
  method,
  operation,
  path: Router.url(path, { id: 'none', secret: 'none', proposal: 'none', version: '1', month: '2001-01' }),
}));

describe('every operation of the API, by role', () => {
  let gateway: TestGateway;
  const programs = new Map<Role, Call>();
  beforeAll(async () => {
    gateway = await startGatewayWithPrograms('sqlite:gateway.db');
    for (const role of PROGRAM_ROLES) programs.set(role, await programOf(gateway, role));
  });
  afterAll(() => gateway.stop());

  const table = routes.flatMap(({ method, path, operation }) =>
    PROGRAM_ROLES.map((role) => [method, path, role, operation] as const),
  );

  it.each(table)('%s %s for %s', async (method, path, role, operation) => {
    const call = programs.get(role);
    if (!call) throw new Error('no such program');
    const { status, body } = await call(method, path);
    if (RULES[operation].includes(role)) {
      expect([401, 403, 500]).not.toContain(status);
    } else {
      expect([status, body['code']]).toEqual([403, 'role_missing']);
    }
  });

  it.each(routes.map(({ method, path }) => [method, path] as const))(
    '%s %s answers nobody without a token',
    async (method, path) => {
      const { status, body, headers } = await calling(gateway, undefined)(method, path);
      expect([status, body['code']]).toEqual([401, 'token_missing']);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
    },
  );

  it('writes down who was refused', async () => {
    const entries = await beside(gateway, async (room) => room.entries);
    expect(entries.find(({ outcome }) => outcome === 'refused')).toMatchObject({
      via: 'api',
      actor: expect.stringMatching(/^machine-/) as string,
    });
  });
});
