import fc from 'fast-check';
import { SERVICE as SERVICE_JSON } from '../../admin/api/caller.ts';
import { SERVICE as SERVICE_FORM } from '../../admin/fixtures.ts';
import { API_PATH } from '../../../src/admin/api/resource.ts';
import {
  any,
  endpoint,
  expectAnswer,
  headers,
  parameters,
  text,
  type Message,
  type Target,
} from './requests.ts';

/** What stands where an identifier does. */
const id = fc.oneof(
  fc.constantFrom(
    'service',
    'none',
    '%00',
    '%zz',
    '..',
    '.',
    'a'.repeat(3000),
    '00000000-0000-4000-8000-000000000000',
  ),
  fc.string({ maxLength: 20 }).map((value) => encodeURIComponent(value.toWellFormed())),
);
const under = (paths: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...paths), fc.array(id, { minLength: 2, maxLength: 2 }))
    .map(([path, ids]) => ids.reduce((filled, value) => filled.replace(/:\w+|\{\w+\}/, () => value), path));

const PAGES = [
  '',
  '/services',
  '/new-service',
  '/services/:id',
  '/services/:id/change',
  '/services/:id/state',
  '/services/:id/restore',
  '/services/:id/secrets',
  '/services/:id/secrets/:secret/end',
  '/logins',
  '/trace',
  '/administrators',
  '/administrators/:id/revoke',
  '/audit',
  '/invitation',
  '/callback',
  '/:any',
  '/:any/:more',
];

/** A form that is right, but for some fields: it gets further than one of random fields. */
const form = fc
  .tuple(
    fc.dictionary(
      fc.constantFrom(
        ...Object.keys(SERVICE_FORM),
        'step',
        'version',
        'state',
        'role',
        'name',
        'q',
        'reference',
      ),
      text,
      {
        maxKeys: 5,
      },
    ),
    parameters(any('note', 'code')),
  )
  .map(
    ([changes, more]) =>
      `${new URLSearchParams({ ...SERVICE_FORM, ...wellFormed(changes) }).toString()}&${more}`,
  );

function wellFormed(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.toWellFormed()]));
}

/** The console, used by somebody who may do everything: what she sends gets past the door. */
const adminConsole: Target = {
  name: 'console',
  property: (gateway) =>
    fc.asyncProperty(
      fc.record({
        path: under(PAGES),
        form,
        query: parameters(any('q', 'after', 'lang', 'from', 'to')),
        posted: fc.boolean(),
        right: fc.boolean(),
      }),
      async ({ path, form, query, posted, right }) => {
        const { cookie, csrf } = await gateway.administrator();
        const body = Buffer.from(posted ? `${form}${right ? `&csrf=${csrf}` : ''}` : '');
        const status = await expectAnswer(gateway.url, {
          method: posted ? 'POST' : 'GET',
          path: withQuery(`/admin${path}`, query),
          headers: {
            Cookie: cookie,
            'Sec-Fetch-Site': 'same-origin',
            'Content-Length': String(body.length),
            ...(posted ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
          },
          body,
        });
        if (posted && right && status === 403) throw new Error('the administrator was not let in');
      },
    ),
};

const withQuery = (path: string, query: string) =>
  query ? `${path}?${query.replace(/[^\x21-\x7e]/g, '')}` : path;

/** A service that is right, but for some members; or any JSON, or none. */
const json = fc.oneof(
  fc
    .dictionary(
      fc.constantFrom(
        ...Object.keys(SERVICE_JSON),
        'state',
        'policy',
        'protocol',
        'branding',
        '__proto__',
        'secrets',
      ),
      fc.oneof(text, fc.jsonValue()),
      { maxKeys: 3 },
    )
    .map((changes) => JSON.stringify({ ...SERVICE_JSON, ...changes })),
  fc.json(),
  fc.string({ maxLength: 60 }),
);

/** The administration API, called by a program that may do everything. */
const api: Target = {
  name: 'api',
  property: (gateway) =>
    fc.asyncProperty(
      fc.record({
        operation: fc.nat(),
        ids: fc.array(id, { minLength: 3, maxLength: 3 }),
        query: fc.oneof(fc.constant(''), parameters(any('limit', 'cursor', 'q'))),
        body: json,
        more: headers,
        match: fc.constantFrom('*', '"1"', '"x"', 'W/"1"', ''),
        key: fc.option(
          text.map((value) => value.replace(/[^\x20-\x7e]/g, '').slice(0, 300)),
          { nil: undefined },
        ),
        right: fc.boolean(),
      }),
      async ({ operation, ids, query, body, more, match, key, right }) => {
        const { token, operations } = await gateway.program();
        const [method, path] = operations[operation % operations.length] ?? ['GET', '/services'];
        const filled = ids.reduce((so, value) => so.replace(/\{\w+\}/, () => value), path);
        const bytes = method === 'GET' ? Buffer.alloc(0) : Buffer.from(body);
        const message: Message = {
          method,
          path: withQuery(`${API_PATH}${filled}`, query),
          headers: {
            ...(right ? { 'Content-Type': 'application/json' } : more),
            Authorization: `Bearer ${token}`,
            'If-Match': match,
            'Content-Length': String(bytes.length),
            ...(key === undefined ? {} : { 'Idempotency-Key': key }),
          },
          body: bytes,
        };
        const status = await expectAnswer(gateway.url, message);
        if (status === 401) throw new Error('the program was not let in');
      },
    ),
};

/** What administrators use: from inside, and from outside. */
export const ADMIN_TARGETS: readonly Target[] = [
  adminConsole,
  endpoint(
    'console-from-outside',
    under(PAGES.map((path) => `/admin${path}`)),
    any('csrf', 'q', 'code', 'name'),
  ),
  api,
  endpoint(
    'accesses',
    under(['/accessi', '/accessi/download', '/accessi/not-mine', '/accessi/sign-out', '/accessi/callback']),
    any('csrf', 'id', 'code', 'state'),
  ),
];
