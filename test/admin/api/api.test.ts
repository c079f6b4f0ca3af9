import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_PATH } from '../../../src/admin/api/resource.ts';
import { PROGRAM_ROLES } from '../../../src/admin/roles.ts';
import { LoginCounts } from '../../../src/figures/login-counts.ts';
import { personKeyOf } from '../../../src/identity/person-key.ts';
import { systemClock } from '../../../src/operations/clock.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { describeStores } from '../../support/stores.ts';
import { titleOf } from '../../../src/demo/forms.ts';
import { beside, BY, deskOf, secondBody } from '../fixtures.ts';
import {
  calling,
  programOf,
  SERVICE,
  startGatewayWithPrograms,
  tokenOf,
  type Answered,
  type Call,
} from './caller.ts';

interface Description {
  readonly paths: Record<
    string,
    Record<
      string,
      {
        readonly responses: Record<string, { content?: object }>;
        readonly security: readonly { readonly oauth2: readonly string[] }[];
      }
    >
  >;
}

describeStores('the administration API', (openUrl) => {
  let gateway: TestGateway;
  let union: Call;
  let body: Call;
  let description: Description;
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);

  beforeAll(async () => {
    gateway = await startGatewayWithPrograms(await openUrl(), { dynamicRegistration: true });
    const described = await fetch(`${gateway.url}${API_PATH}/openapi.json`);
    description = (await described.json()) as Description;
    ajv.addSchema(description, 'api');
    [union, body] = [
      asDescribed(await programOf(gateway, 'union-administrator')),
      asDescribed(await programOf(gateway, 'municipality-administrator')),
    ];
  });
  afterAll(() => gateway.stop());

  /** Every answer of every test here has to be what the description says. */
  function asDescribed(call: Call): Call {
    return async (method, path, init) => {
      const answer = await call(method, path, init);
      const found = Object.keys(description.paths).find((candidate) =>
        new RegExp(`^${candidate.replace(/\{\w+\}/g, '[^/]+')}$`).test(path.split('?')[0] ?? ''),
      );
      if (found === undefined) return answer;
      const operation = description.paths[found]?.[method.toLowerCase()];
      if (!operation) return answer;
      const { content } = operation.responses[String(answer.status)] ?? {};
      expect(operation.responses, `${method} ${path}`).toHaveProperty(String(answer.status));
      if (answer.status === 204) return answer;
      const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
      expect(content).toHaveProperty([type]);
      const escaped = (text: string) => text.replaceAll('~', '~0').replaceAll('/', '~1');
      const pointer = ['paths', found, method.toLowerCase(), 'responses', String(answer.status)];
      const where = [...pointer, 'content', type, 'schema'].map((part) => encodeURIComponent(escaped(part)));
      const validate = ajv.getSchema(`api#/${where.join('/')}`);
      expect(validate?.(answer.body), JSON.stringify(validate?.errors)).toBe(true);
      return answer;
    };
  }

  const etag = ({ headers }: Answered) => ({ 'if-match': headers.get('etag') ?? '' });
  const create = async (call = union, change: object = {}) => {
    const made = await call('POST', '/services', { json: { ...SERVICE, ...change } });
    return { ...made, path: `/services/${String(made.body['id'])}` };
  };

  it('describes itself in valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(
      structuredClone(description) as unknown as Record<string, unknown>,
    );
    expect(result).toMatchObject({ valid: true });
  });

  it('registers, approves, changes, suspends and takes back a service', async () => {
    const made = await create();
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`${gateway.url}${API_PATH}${made.path}`);
    expect(made.body).toMatchObject({ state: 'test', version: 1, secret: expect.any(String) as string });

    const live = await union('POST', `${made.path}/state`, { json: { state: 'live' }, headers: etag(made) });
    expect(live.body).toMatchObject({ state: 'live', version: 2 });
    const changed = await union('PUT', made.path, {
      json: { ...(live.body['client'] as object), name: { it: 'Mensa', en: 'Meals' } },
      headers: etag(live),
    });
    expect(changed.body).toMatchObject({ name: { it: 'Mensa' }, version: 3 });
    const back = await union('POST', `${made.path}/restore`, {
      json: { version: 2 },
      headers: etag(changed),
    });
    expect(back.body).toMatchObject({ name: { it: 'Iscrizioni' }, version: 4 });
    const stopped = await union('POST', `${made.path}/state`, {
      json: { state: 'suspended' },
      headers: etag(back),
    });
    expect(stopped.body).toMatchObject({ state: 'suspended' });
    const { body: versions } = await union('GET', `${made.path}/versions`);
    expect((versions['items'] as object[]).length).toBe(5);
    const entries = await beside(gateway, async (room) => room.entries);
    expect(entries.find(({ target }) => target?.id === made.body['id'])).toMatchObject({
      via: 'api',
      actor: 'machine-union-administrator',
      action: 'client.suspended',
    });
  });

  it('changes a secret without a stop, and gives its text once', async () => {
    const { path } = await create();
    const { body: added } = await union('POST', `${path}/secrets`, { json: { days: 30 } });
    const { body: list } = await union('GET', `${path}/secrets`);
    expect(JSON.stringify(list)).not.toContain(added['secret']);
    const [first, second] = list['items'] as { id: string; expires: string | null }[];
    expect([first?.expires, typeof second?.expires]).toEqual([null, 'string']);
    expect((await union('DELETE', `${path}/secrets/${first?.id}`)).status).toBe(204);
    const last = await union('DELETE', `${path}/secrets/${second?.id}`);
    expect([last.status, last.body['code']]).toEqual([409, 'last_secret']);
  });

  it('lets nobody write over what she has not seen', async () => {
    const made = await create();
    const json = made.body['client'];
    const blind = await union('PUT', made.path, { json });
    expect([blind.status, blind.body['code']]).toEqual([428, 'precondition_required']);
    await union('PUT', made.path, { json, headers: etag(made) });
    const stale = await union('PUT', made.path, { json, headers: etag(made) });
    expect([stale.status, stale.body['code']]).toEqual([412, 'precondition_failed']);
    const both = await Promise.all(
      [1, 2].map(async () => union('PUT', made.path, { json, headers: { 'if-match': '"2"' } })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it('does a request once, however often it is sent, and never repeats a secret', async () => {
    const headers = { 'idempotency-key': 'enrolment-2026' };
    const sent = { json: SERVICE, headers };
    const [first, again] = [await union('POST', '/services', sent), await union('POST', '/services', sent)];
    expect(again.body).toEqual({ ...first.body, secret: null });
    expect(first.body['secret']).toEqual(expect.any(String));
    const other = await union('POST', '/services', { json: { ...SERVICE, minimumLevel: 1 }, headers });
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency_key_reused']);
    // Keys of another client are other keys.
    expect((await body('POST', '/services', sent)).body['id']).not.toBe(first.body['id']);
    const bad = await union('POST', '/services', { json: SERVICE, headers: { 'idempotency-key': 'x' } });
    expect(bad.body['code']).toBe('idempotency_key_invalid');
    const together = await Promise.all(
      [1, 2, 3].map(() =>
        union('POST', '/services', { json: SERVICE, headers: { 'idempotency-key': 'at-once-1' } }),
      ),
    );
    const made = new Set(together.filter(({ status }) => status === 201).map((one) => one.body['id']));
    expect(made.size).toBe(1);
  });

  it('hands out lists page by page, each service once', async () => {
    for (let at = 0; at < 3; at++) await create(union, { name: { it: 'Biblioteca' } });
    const seen: unknown[] = [];
    for (let next: string | null = ''; next !== null;) {
      const query = new URLSearchParams({
        limit: '2',
        q: 'biblioteca',
        ...(next ? { cursor: next } : {}),
      });
      const page = await union('GET', `/services?${query.toString()}`);
      seen.push(...(page.body['items'] as { id: string }[]).map(({ id }) => id));
      expect(page.headers.has('link')).toBe(page.body['next'] !== null);
      next = page.body['next'] as string | null;
    }
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(3);
    const { body: audit } = await union('GET', '/audit?limit=1');
    const { body: older } = await union('GET', `/audit?limit=1&cursor=${String(audit['next'])}`);
    const [a, b] = [audit, older].map((page) => (page['items'] as { seq: number }[])[0]?.seq ?? 0);
    expect(a).toBe((b ?? 0) + 1);
  });

  it.each([
    ['a limit of none', 'GET', '/services?limit=0', undefined, 400, 'limit_invalid'],
    ['a cursor of one’s own', 'GET', '/services?cursor=***', undefined, 400, 'cursor_invalid'],
    ['a cursor of another list', 'GET', '/audit?cursor=YWJj', undefined, 400, 'cursor_invalid'],
    ['an unknown filter', 'GET', '/services?color=red', undefined, 400, 'query_unknown'],
    ['no JSON', 'POST', '/services', '{', 400, 'json_invalid'],
    ['a NUL', 'POST', '/services', String.raw`{"name":{"it":"a\u0000"}}`, 400, 'characters_refused'],
    ['half a character', 'POST', '/services', String.raw`{"name":"\ud800"}`, 400, 'characters_refused'],
    ['an unknown key', 'POST', '/services', { ...SERVICE, colour: 1 }, 422, 'input_invalid'],
    ['an id that is taken', 'POST', '/services', { ...SERVICE, id: 'taken' }, 409, 'client_exists'],
    [
      'a bad redirect URI',
      'POST',
      '/services',
      { ...SERVICE, redirectUris: ['http://x.example.it/'] },
      422,
      'client_invalid',
    ],
    ['an unknown service', 'GET', '/services/none', undefined, 404, 'client_unknown'],
    ['an unknown path', 'GET', '/citizens', undefined, 404, 'route_unknown'],
    ['another method', 'DELETE', '/services/none', undefined, 405, 'method_not_allowed'],
  ] as const)('says what is wrong with %s', async (_what, method, path, json, status, code) => {
    if (code === 'client_exists') await create(union, { id: 'taken' });
    const answer = await union(method, path, { json });
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    if (status === 422) expect(answer.body['errors']).not.toEqual([]);
    if (code === 'client_invalid')
      expect(answer.body['errors']).toMatchObject([{ pointer: '/redirectUris/0' }]);
  });

  it('takes no token but its own, and none of a program that was suspended', async () => {
    for (const wrong of ['x', await tokenOf(gateway, 'machine-auditor', 'auditor').then((t) => `${t}x`)]) {
      const { status, body: problem } = await calling(gateway, wrong)('GET', '/services');
      expect([status, problem['code']]).toEqual([401, 'token_invalid']);
    }
    const auditor = asDescribed(await programOf(gateway, 'auditor'));
    const before = await union('GET', '/services/machine-auditor');
    await union('POST', '/services/machine-auditor/state', {
      json: { state: 'suspended' },
      headers: etag(before),
    });
    expect((await auditor('GET', '/services')).status).toBe(401);
  });

  it('shows a program of one body nothing of another, and lets it reach for nothing of the union', async () => {
    const foreign = await create(union, { entity: 'bientina' });
    expect((await body('GET', foreign.path)).status).toBe(404);
    expect(JSON.stringify((await body('GET', '/services')).body)).not.toContain(foreign.body['id']);
    expect((await create(body, { entity: 'bientina' })).body['code']).toBe('entity_foreign');
    expect((await body('GET', '/entities/bientina')).status).toBe(404);
    const apis = [{ resource: `${gateway.url}${API_PATH}`, scopes: ['union-administrator'] }];
    for (const change of [{ sector: 'bientina' }, { protocol: { clientCredentials: true, apis } }])
      expect((await create(body, change)).body['code']).toBe('union_only');
    const powerful = { redirectUris: [], attributes: [] };
    const made = await create(union, {
      ...powerful,
      protocol: { withoutCitizens: true, clientCredentials: true, apis },
    });
    expect((await body('POST', `${made.path}/secrets`, { json: {} })).body['code']).toBe('union_only');
  });

  it('takes an identity provider out of use and puts it back, in the trail', async () => {
    const path = `/providers/${encodeURIComponent(gateway.providers[0])}`;
    const before = await union('GET', path);
    const notice = { it: 'Guasto', en: 'Out of order' };
    const off = await union('PUT', path, { json: { disabled: true, notice }, headers: etag(before) });
    expect(off.body).toMatchObject({ disabled: { notice } });
    const stale = await union('PUT', path, { json: { disabled: false }, headers: etag(before) });
    expect(stale.status).toBe(412);
    const on = await union('PUT', path, { json: { disabled: false }, headers: etag(off) });
    expect(on.body).toMatchObject({ disabled: null });
    expect((await union('GET', '/providers')).body['items']).toHaveLength(2);
    const [last] = await beside(gateway, async (room) => room.entries);
    expect(last).toMatchObject({ action: 'provider.enable', target: { id: gateway.providers[0] } });
  });

  it('looks now whether the federation has changed, in the trail', async () => {
    const { body: looked } = await union('POST', '/providers/refresh');
    expect(looked).toEqual({ outcome: 'unchanged', problem: null, changes: [] });
    const [last] = await beside(gateway, async (room) => room.entries);
    expect(last).toMatchObject({ action: 'provider.refresh', via: 'api' });
  });

  describe('the metadata of a body', () => {
    let at = '';
    beforeAll(async () => void (at = `/entities/${await secondBody(gateway)}`));
    const step = async (path: string, json: object | undefined = undefined, key = '') =>
      union('POST', `${at}/versions/1/${path}`, {
        ...(json ? { json } : {}),
        headers: {
          ...etag(await union('GET', `${at}/versions/1`)),
          ...(key ? { 'idempotency-key': key } : {}),
        },
      });

    it('is led from the first draft to providers that have it', async () => {
      expect((await union('GET', `${at}/draft`)).body['code']).toBe('draft_missing');
      const drafted = await union('POST', `${at}/draft`);
      expect(drafted.headers.get('location')).toBe(`${gateway.url}${API_PATH}${at}/draft`);
      expect(drafted.body).toMatchObject({ acceptable: true, current: true, hasPreview: false });
      const { body: preview } = await union('POST', `${at}/draft/preview`);
      const previewed = await fetch(String(preview['secret']));
      expect(await previewed.text()).toBe(drafted.body['xml']);
      expect((await union('DELETE', `${at}/draft/preview`)).status).toBe(204);

      const sealed = await union('POST', `${at}/versions`, { headers: etag(drafted) });
      expect(sealed.status).toBe(201);
      expect(sealed.body).toMatchObject({ version: 1, submittedAt: null, xml: drafted.body['xml'] });
      const submitted = await step('submitted');
      expect(submitted.body).toMatchObject({ submittedAt: expect.any(String) as string });
      const one = await step('in-force', { provider: gateway.providers[0] });
      expect(one.body).toMatchObject({ inForce: [{ provider: gateway.providers[0] }] });
      const refused = await step('withdraw');
      expect([refused.status, refused.body['code']]).toEqual([409, 'version_in_force']);
      const unknown = await step('in-force', { provider: 'https://nobody.example.it' });
      expect([unknown.status, unknown.body['code']]).toEqual([404, 'provider_unknown']);
      const all = await step('in-force', {});
      expect(all.body['inForce']).toContainEqual({ provider: null, since: expect.any(String) as string });
      expect((await union('GET', `${at}/versions`)).body['items']).toHaveLength(1);
      const entries = await beside(gateway, async (room) => room.entries);
      expect(entries.filter(({ via }) => via === 'api').slice(0, 2)).toMatchObject([
        { action: 'metadata.in-force', after: { version: 1 } },
        { action: 'metadata.in-force', after: { version: 1, provider: gateway.providers[0] } },
      ]);
    });

    it('is sealed only as it was seen', async () => {
      const seen = await union('POST', `${at}/draft`);
      await union('POST', `${at}/draft`);
      expect((await union('POST', `${at}/versions`)).status).toBe(428);
      expect((await union('POST', `${at}/versions`, { headers: etag(seen) })).status).toBe(412);
    });

    it('changes for nobody who has not seen where it is in force by now', async () => {
      const seen = etag(await union('GET', `${at}/versions/1`));
      await step('submitted');
      const stale = await union('POST', `${at}/versions/1/in-force`, { json: {}, headers: seen });
      expect([stale.status, stale.body['code']]).toEqual([412, 'precondition_failed']);
    });

    it('gets the first answer again for a repeated step, though its ETag has changed by then', async () => {
      const headers = {
        ...etag(await union('GET', `${at}/versions/1`)),
        'idempotency-key': 'submission-2026',
      };
      const sent = () => union('POST', `${at}/versions/1/submitted`, { headers });
      const [first, again] = [await sent(), await sent()];
      expect([first.status, again.status]).toEqual([200, 200]);
      expect(again.body).toEqual(first.body);
    });

    it('is nothing that another body can see', async () => {
      for (const path of [`${at}/draft`, `${at}/versions`, `${at}/versions/1`])
        expect((await body('GET', path)).body['code']).toBe('entity_unknown');
      expect((await union('GET', `${at}/versions/x`)).body['code']).toBe('version_unknown');
    });
  });

  it('reports a month as the console does, to a program of one body that body alone', async () => {
    await beside(gateway, async ({ store }) => {
      const counts = new LoginCounts(store, systemClock);
      for (const entityId of ['unione', 'bientina'])
        for (let login = 0; login < 20; login++)
          for (const clientId of ['x', 'gateway-accesses'])
            counts.add({
              step: 'granted',
              entityId,
              clientId,
              testing: false,
              source: 'spid',
              provider: 'y',
              level: 2,
            });
      await counts.flush();
    });
    const { body: months } = await union('GET', '/reports');
    const [month = ''] = months['items'] as string[];
    const whole = await union('GET', `/reports/${month}`);
    expect(whole.body['lines']).toContainEqual({ entity: null, by: 'total', value: '', accesses: 40 });
    const apart = { entity: null, by: 'own-page', value: 'gateway-accesses', accesses: 40 };
    expect(whole.body['lines']).toContainEqual(apart);
    const own = (await body('GET', `/reports/${month}`)).body['lines'] as { entity: string | null }[];
    expect(new Set(own.map(({ entity }) => entity))).toEqual(new Set(['unione']));
    const unknown = await union('GET', '/reports/2001-01');
    expect([unknown.status, unknown.body['code']]).toEqual([404, 'month_unknown']);
  });

  it('invites a developer, gives the address once, and takes the invitation back', async () => {
    const json = { guest: 'Carla', entity: 'unione', days: 3 };
    const made = await body('POST', '/invitations', { json });
    expect(made.body['secret']).toMatch(/\/admin\/invitation\/[\w-]{20,}$/);
    const { body: open } = await body('GET', '/invitations');
    expect(JSON.stringify(open)).not.toContain(String(made.body['secret']).split('/').at(-1));
    const [carla] = open['items'] as { id: string; guest: string; invitedBy: string }[];
    expect(carla).toMatchObject({ guest: 'Carla', invitedBy: 'machine-municipality-administrator' });
    expect((await body('DELETE', `/invitations/${carla?.id}`)).status).toBe(204);
    expect((await body('GET', '/invitations')).body['items']).toEqual([]);
    const foreign = await body('POST', '/invitations', { json: { ...json, entity: 'bientina' } });
    expect(foreign.body['errors']).toMatchObject([{ pointer: '/entity' }]);
  });

  it('makes registration tokens of one body, gives the text once, and revokes no other body’s', async () => {
    const json = { entity: 'unione', hosts: ['scuola.example.it'], uses: 2 };
    const headers = { 'idempotency-key': 'token-2026' };
    const [made, again] = [
      await body('POST', '/registration-tokens', { json, headers }),
      await body('POST', '/registration-tokens', { json, headers }),
    ];
    expect(made.body).toMatchObject({ hosts: ['scuola.example.it'], usesLeft: 2, revoked: false });
    expect(again.body).toEqual({ ...made.body, secret: null });
    const foreign = await union('POST', '/registration-tokens', { json: { ...json, entity: 'bientina' } });
    const { body: own } = await body('GET', '/registration-tokens');
    expect((own['items'] as { id: string }[]).map(({ id }) => id)).toEqual([made.body['id']]);
    expect(JSON.stringify(own)).not.toContain(made.body['secret']);
    for (const path of ['none', String(foreign.body['id'])]) {
      const refused = await body('DELETE', `/registration-tokens/${path}`);
      expect([refused.status, refused.body['code']]).toEqual([404, 'registration_token_unknown']);
    }
    const beyond = await body('POST', '/registration-tokens', { json: { ...json, entity: 'bientina' } });
    expect(beyond.body['errors']).toMatchObject([{ pointer: '/entity' }]);
    const wildcard = await body('POST', '/registration-tokens', { json: { ...json, hosts: ['*.it'] } });
    expect([wildcard.status, wildcard.body['code']]).toEqual([422, 'registration_policy']);
    expect((await body('DELETE', `/registration-tokens/${String(made.body['id'])}`)).status).toBe(204);
    const { body: after } = await body('GET', '/registration-tokens');
    expect(after['items']).toMatchObject([{ id: made.body['id'], revoked: true }]);
    const [last] = await beside(gateway, async (room) => room.entries);
    expect(last).toMatchObject({ action: 'registration-token.revoke', via: 'api' });
  });

  it.each(['/logins', '/keys', '/settings'])('tells at %s what the console tells', async (path) => {
    const answer = await union('GET', path);
    expect(answer.status).toBe(200);
    expect(JSON.stringify(answer.body)).not.toContain('known to the test alone');
  });

  it('hands a service to a developer of its body and back, of the version that was seen', async () => {
    const hans = personKeyOf({ fiscalNumber: 'TINDE-12345678901' }, '');
    if (!hans) throw new Error('no person');
    const grant = { role: 'service-developer', name: 'Hans', entityId: 'unione' } as const;
    await beside(gateway, ({ administrators }) => administrators.grant(hans, grant, BY));
    const made = await body('POST', '/services', { json: { ...SERVICE, id: 'handed' } });
    const etag = made.headers.get('etag') ?? '';
    const { body: before } = await body('GET', '/services/handed/developers');
    const [candidate] = before['items'] as { id: string; name: string; current: boolean }[];
    expect(candidate).toMatchObject({ name: 'Hans', current: false });
    const at = '/services/handed/developer';
    const handing = { json: { developer: candidate?.id }, headers: { 'if-match': etag } };
    expect((await body('PUT', at, handing)).status).toBe(200);
    expect((await body('PUT', at, handing)).status).toBe(412);
    const { body: after } = await body('GET', '/services/handed/developers');
    expect(after['items']).toMatchObject([{ name: 'Hans', current: true }]);
    const wrong = { json: { developer: 'none' }, headers: { 'if-match': '"2"' } };
    expect((await body('PUT', at, wrong)).body['code']).toBe('developer_unknown');
    const back = { json: { developer: null }, headers: { 'if-match': '"2"' } };
    expect((await body('PUT', at, back)).status).toBe(200);
  });

  it('tells how far the logins of one service got, to whoever may see it', async () => {
    const suap = await union('POST', '/services', { json: { ...SERVICE, id: 'figures' } });
    expect(suap.status).toBe(201);
    const { status, body: figures } = await body('GET', '/logins?service=figures');
    expect([status, (figures['days'] as unknown[]).length]).toEqual([200, 14]);
    const foreign = await body('GET', '/logins?service=elsewhere');
    expect([foreign.status, foreign.body['code']]).toEqual([404, 'client_unknown']);
  });

  it('names in its description only roles that a program can have', () => {
    const named = Object.values(description.paths).flatMap((methods) =>
      Object.values(methods).flatMap(({ security }) => security.flatMap(({ oauth2 }) => oauth2)),
    );
    expect(new Set(named)).toEqual(new Set(PROGRAM_ROLES));
  });

  it('gives and takes roles', async () => {
    const json = { fiscalNumber: 'TINDE-12345678901', name: 'Hans', role: 'auditor' };
    expect((await union('POST', '/administrators', { json })).status).toBe(204);
    expect((await union('POST', '/administrators', { json })).status).toBe(409);
    const wrong = await union('POST', '/administrators', { json: { ...json, entity: 'unione' } });
    expect(wrong.body['errors']).toMatchObject([{ pointer: '/entity' }]);
    const { body: list } = await union('GET', '/administrators');
    const [hans] = list['items'] as { id: string; name: string }[];
    expect(hans?.name).toBe('Hans');
    expect((await union('DELETE', `/administrators/${hans?.id}`)).status).toBe(204);
  });

  it('lets a body take the role of its developers away, and no other', async () => {
    const named = async (call: Call, name: string) =>
      ((await call('GET', '/administrators')).body['items'] as { id: string; name: string }[]).find(
        (one) => one.name === name,
      )?.id;
    const json = { fiscalNumber: 'TINDE-12345678901', name: 'Of the body', entity: 'unione' };
    await union('POST', '/administrators', { json: { ...json, role: 'municipality-administrator' } });
    const marco = { ...json, fiscalNumber: 'TINDE-12345678902', name: 'Marco', role: 'service-developer' };
    await union('POST', '/administrators', { json: marco });
    await union('POST', '/administrators', {
      json: { fiscalNumber: 'TINDE-12345678903', name: 'Of all', role: 'auditor' },
    });
    const [all, own] = [await named(union, 'Of all'), await named(body, 'Of the body')];
    expect([all, await named(body, 'Of all')]).toEqual([expect.any(String), undefined]);
    const taken = [all, own, await named(body, 'Marco')].map(
      async (id) => (await body('DELETE', `/administrators/${id}`)).status,
    );
    expect(await Promise.all(taken)).toEqual([404, 403, 204]);
  });

  it('registers services whatever their ids, unless these are steps of an address', async () => {
    for (const id of ['.', '..']) {
      const refused = await body('POST', '/services', { json: { ...SERVICE, id } });
      expect([refused.status, refused.body['errors']]).toMatchObject([422, [{ pointer: '/id' }]]);
    }
    expect((await body('POST', '/services', { json: { ...SERVICE, id: 'new' } })).status).toBe(201);
    const anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    const page = await anna.get('/admin/services/new');
    expect([page.status, titleOf(page.html)]).toEqual([200, 'Iscrizioni']);
  });
});
