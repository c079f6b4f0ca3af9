import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { OPERATIONS } from '../operations.ts';
import { PROGRAM_ROLES, type Role } from '../roles.ts';
import { MOST_ON_A_PAGE } from './paging.ts';
import { API_PATH } from './resource.ts';
import type { ApiRoute, QueryName } from './route.ts';
import { SCHEMAS } from './schemas.ts';

const QUERY: Readonly<Record<QueryName, { readonly description: string; readonly schema: object }>> = {
  limit: {
    description: 'How many on a page',
    schema: { type: 'integer', minimum: 1, maximum: MOST_ON_A_PAGE, default: 50 },
  },
  cursor: { description: '`next` of the page before', schema: { type: 'string' } },
  q: { description: 'Part of name or id', schema: { type: 'string', maxLength: 100 } },
  service: {
    description: 'Id of one service, or of a page of the gateway itself; all services without it',
    schema: { type: 'string' },
  },
};

/** Problems that any request may meet, by status. */
const PROBLEMS = [400, 401, 403, 429] as const;

/** The API as OpenAPI 3.1 describes it, from the very routes that answer. */
export function describeApi(routes: readonly ApiRoute[], publicUrl: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'SPID gateway: administration',
      version: '1.0.0',
      description:
        'What the console does, for programs. Changes need the ETag of what was seen (If-Match); POST may carry an Idempotency-Key; problems are application/problem+json with a stable `code`.',
    },
    servers: [{ url: `${publicUrl}${API_PATH}` }],
    paths,
    components: {
      schemas: components(),
      securitySchemes: {
        oauth2: {
          type: 'oauth2',
          description: `Client credentials; name the API as resource: ${publicUrl}${API_PATH}`,
          flows: {
            clientCredentials: {
              tokenUrl: `${publicUrl}/oidc/token`,
              scopes: Object.fromEntries(
                PROGRAM_ROLES.map((role) => [role, `What this role may do: ${role}`]),
              ),
            },
          },
        },
      },
    },
  };
}

function operation(route: ApiRoute): object {
  const { path, method, summary, status, request, response, query = [], current } = route;
  const problems = [
    ...PROBLEMS,
    // Of what the path or the query names there may be nothing.
    ...(path.includes(':') || query.includes('service') ? [404] : []),
    ...(method === 'GET' ? [] : [409]),
    ...(current ? [412, 428] : []),
    ...(request ? [413, 415, 422] : method === 'POST' ? [422] : []),
  ].sort();
  const answered = {
    ...(response ? { content: json(response) } : {}),
    ...(route.tagged ? { headers: { ETag: { schema: { type: 'string' } } } } : {}),
  };
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[/:-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    // Any of these roles will do. Those that are for people alone are no scopes.
    security: PROGRAM_ROLES.filter((role) => admits(route.operation, role)).map((role) => ({
      oauth2: [role],
    })),
    parameters: [
      ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...query.map((name) => ({ name, in: 'query', ...QUERY[name] })),
      ...(current ? [header('If-Match', 'The ETag of what was seen', true)] : []),
      ...(method === 'POST' ? [header('Idempotency-Key', 'Done once, however often it is sent', false)] : []),
    ],
    ...(request ? { requestBody: { required: true, content: json(request) } } : {}),
    responses: {
      [status]: { description: STATUS_CODES[status], ...answered },
      ...(route.mayWait
        ? { 202: { description: 'Proposed: a second person has to approve it in the console', ...answered } }
        : {}),
      ...Object.fromEntries(
        problems.map((problem) => [
          problem,
          { description: STATUS_CODES[problem], content: { 'application/problem+json': ref('Problem') } },
        ]),
      ),
    },
  };
}

function admits(operation: ApiRoute['operation'], role: Role): boolean {
  return (OPERATIONS[operation] as readonly Role[]).includes(role);
}

function header(name: string, description: string, required: boolean): object {
  return { name, in: 'header', required, description, schema: { type: 'string' } };
}

function json(schema: z.ZodType): object {
  const [name = ''] = Object.entries(SCHEMAS).find(([, candidate]) => candidate === schema) ?? [];
  if (!name) throw new Error('a schema of the API without a name');
  return { 'application/json': ref(name) };
}

function ref(name: string): object {
  return { schema: { $ref: `#/components/schemas/${name}` } };
}

function components(): object {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  );
}
