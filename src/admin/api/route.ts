import type { z } from 'zod';
import type { By } from '../../audit/entry.ts';
import type { Cipher } from '../../keys/cipher.ts';
import type { MachineToken } from '../../provider/machine-token.ts';
import type { Operation } from '../operations.ts';
import type { Scope } from '../roles.ts';
import type { ConsoleRoom } from '../room.ts';
import { InvalidInput } from './problems.ts';

/** What the API works with: what the console does, without its door. */
export interface ApiRoom extends Omit<ConsoleRoom, 'door'> {
  readonly cipher: Cipher;
  /** @returns who a bearer token is of, at this API */
  readonly token: (value: string) => Promise<MachineToken | undefined>;
}

export type QueryName = 'limit' | 'cursor' | 'q' | 'service';

/** One request of a client whose roles admit it. */
export interface ApiVisit<Body> {
  readonly scope: Scope;
  readonly by: By;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Partial<Record<QueryName, string>>>;
  readonly body: Body;
  /** The ETag that If-Match named: what is changed has to be that still when it is written. */
  readonly current?: string | undefined;
}

export interface ApiAnswer {
  readonly body?: unknown;
  /** What was asked for waits for somebody to approve it: 202, where the route says that this may be. */
  readonly waits?: boolean;
  /** A new secret: sent in this answer as `secret`, and kept nowhere. */
  readonly secret?: string | null;
  readonly etag?: string;
  /** Address of what was made, below the API's. */
  readonly location?: string;
  /** Where the next page begins. */
  readonly next?: string;
}

interface Definition<Body> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the API's address; parts that begin with a colon are parameters. */
  readonly path: string;
  /** Who may: see operations.ts. */
  readonly operation: Operation;
  readonly summary: string;
  readonly status: 200 | 201 | 204;
  readonly query?: readonly QueryName[];
  readonly request?: z.ZodType<Body>;
  /** What it answers with; none for 204. */
  readonly response?: z.ZodType;
  /** What is asked for may have to wait for a second person: then the answer is 202. */
  readonly mayWait?: true;
  /** The answer has an ETag. */
  readonly tagged?: true;
  /** The change is of something that others may change too: its ETag now, which If-Match has to be. */
  readonly current?: (visit: ApiVisit<undefined>) => Promise<string>;
  readonly answer: (visit: ApiVisit<Body>) => Promise<ApiAnswer>;
}

/** A route whose body has been neither read nor checked yet. */
export type ApiRoute = Omit<Definition<unknown>, 'answer' | 'request'> & {
  readonly request: z.ZodType | undefined;
  readonly answer: (visit: ApiVisit<unknown>) => Promise<ApiAnswer>;
};

/** Defines a route: what comes in is checked before it gets to the answer. */
export function route<Body = undefined>(definition: Definition<Body>): ApiRoute {
  const { request, answer, ...rest } = definition;
  return {
    ...rest,
    request,
    answer: (visit) =>
      answer({ ...visit, body: request ? checked(request, visit.body) : (undefined as Body) }),
  };
}

/** @throws InvalidInput `input_invalid` (422) with every fault */
function checked<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new InvalidInput(
    'input_invalid',
    'the body is not what the description of the API says',
    result.error.issues.map(({ path, message }) => ({
      pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
      detail: message,
    })),
  );
}
