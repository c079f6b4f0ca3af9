import { API_PATH } from '../../../src/admin/api/resource.ts';
import { PROGRAM_ROLES, type Role } from '../../../src/admin/roles.ts';
import {
  startTestGateway,
  withRegistry,
  type ClientInput,
  type RegistryInput,
  type TestGateway,
} from '../../support/gateway.ts';

const SECRET = 'known to the test alone';

/** A client for programs of somebody with a role, for the body `unione` where the role is for one. */
function machine(role: Role, publicUrl: string, change: Partial<ClientInput> = {}): ClientInput {
  return {
    id: `machine-${role}`,
    entity: 'unione',
    name: { it: role },
    homePage: 'https://example.it/',
    secrets: [SECRET],
    protocol: {
      withoutCitizens: true,
      clientCredentials: true,
      apis: [{ resource: `${publicUrl}${API_PATH}`, scopes: [role] }],
    },
    ...change,
  };
}

/** A gateway at which a program of each role may call. */
export function startGatewayWithPrograms(
  storeUrl: string,
  options: {
    readonly fourEyes?: boolean;
    readonly dynamicRegistration?: boolean;
    readonly clients?: readonly ClientInput[];
    readonly trusted?: readonly string[];
    readonly registry?: RegistryInput;
  } = {},
): Promise<TestGateway> {
  return startTestGateway({
    storeUrl,
    clients: options.clients ?? [],
    trusted: options.trusted ?? [],
    change: (input) => ({
      ...input,
      portal: { fourEyes: options.fourEyes ?? false },
      dynamicRegistration: options.dynamicRegistration ?? false,
      ...(options.registry ? { sources: withRegistry(input, options.registry) } : {}),
      clients: [...(input.clients ?? []), ...PROGRAM_ROLES.map((role) => machine(role, input.publicUrl))],
    }),
  });
}

export async function tokenOf(gateway: TestGateway, clientId: string, scope: string): Promise<string> {
  const response = await fetch(`${gateway.url}/oidc/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${SECRET}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token for ${clientId}: ${response.status}`);
  return token;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Calls the API. @param init.json what is sent as the body */
export type Call = (
  method: string,
  path: string,
  init?: { readonly json?: unknown; readonly headers?: Readonly<Record<string, string>> },
) => Promise<Answered>;

/** A program of somebody with a role. */
export async function programOf(gateway: TestGateway, role: Role): Promise<Call> {
  return calling(gateway, await tokenOf(gateway, `machine-${role}`, role));
}

export function calling(gateway: TestGateway, token: string | undefined): Call {
  return async (method, path, { json, headers } = {}) => {
    const response = await fetch(`${gateway.url}${API_PATH}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: typeof json === 'string' ? json : JSON.stringify(json) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  };
}

/** A service that nothing is wrong with. */
export const SERVICE = {
  entity: 'unione',
  name: { it: 'Iscrizioni', en: 'Enrolment' },
  homePage: 'https://scuola.example.it/',
  redirectUris: ['http://127.0.0.1:9/callback'],
  attributes: [
    {
      name: 'name',
      purpose: { it: 'intestare la domanda', en: 'to put your name on it' },
      legalBasis: { ground: 'public-task', law: 'd.lgs. 297/1994, art. 192' },
      required: true,
    },
  ],
} as const;
