import { z } from 'zod';
import { Misconfigured, Unavailable } from '../operations/errors.ts';
import { isLoopback } from '../operations/loopback.ts';

/** A service provider to be checked, and the addresses that start logins with the test provider there. */
export interface Target {
  readonly metadataUrl: string;
  /** The login that every case is played in. */
  readonly loginUrl: string;
  /** Logins whose requests are looked at. */
  readonly requestUrls: readonly string[];
  /** Logins in which each level is given: what is accepted depends on what was asked for. */
  readonly levelUrls: readonly string[];
}

const PATIENCE_MS = 20_000;

/** What a gateway of this kind says about its test logins (docs/self-check.md). */
const description = z.object({
  entities: z.array(
    z.object({
      id: z.string(),
      metadata: z.url(),
      login: z.url(),
      providers: z.array(z.string()),
      levels: z.array(z.number()),
      bindings: z.array(z.string()),
      comparisons: z.array(z.string()),
      sets: z.array(z.number()),
    }),
  ),
});

/**
 * The entities of a gateway of this kind.
 * @throws Unavailable when it offers no test logins for the provider, Misconfigured for an entity it does not have
 */
export async function targetsAt(
  gatewayUrl: string,
  provider: string,
  entity: string | undefined,
): Promise<Target[]> {
  const { entities } = description.parse(
    await offeredAt(`${gatewayUrl.replace(/\/$/, '')}/spid/test-logins`),
  );
  const wanted = entities.filter(({ id }) => entity === undefined || id === entity);
  if (wanted.length === 0) {
    const ids = entities.map(({ id }) => id).join(', ');
    throw new Misconfigured('unknown_entity', `--entity: found ${entity}; allowed: ${ids}`);
  }
  return wanted.map((each) => {
    if (!each.providers.includes(provider)) {
      throw new Unavailable(
        'provider_unknown',
        `${gatewayUrl} does not trust ${provider}: write its metadata with --idp-metadata FILE and name that file in sources.spid.testLogin.providers there`,
      );
    }
    const at = (parameters: Record<string, string | number>) =>
      `${each.login}?${new URLSearchParams({ idp: provider, ...mapped(parameters) }).toString()}`;
    const combined = <A, B>(as: readonly A[], bs: readonly B[]) =>
      as.flatMap((a) => bs.map((b) => [a, b] as const));
    return {
      metadataUrl: each.metadata,
      loginUrl: at({ level: 2 }),
      requestUrls: [
        ...combined(each.levels, each.bindings).map(([level, binding]) => at({ level, binding })),
        ...each.sets.map((set) => at({ level: 2, set })),
      ],
      levelUrls: combined(each.levels, each.comparisons)
        // Nothing is better than level 3: such a request is never sent.
        .filter(([level, comparison]) => level < 3 || comparison !== 'better')
        .map(([level, comparison]) => at({ level, comparison })),
    };
  });
}

function mapped(parameters: Record<string, string | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
}

async function offeredAt(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.status === 200) return await response.json();
    throw new Error(`status ${response.status}`);
  } catch (cause) {
    throw new Unavailable(
      'no_test_logins',
      `${url}: no test logins are offered there; open them with sources.spid.testLogin, or name another service provider's addresses with --metadata and --login`,
      { cause },
    );
  }
}

/** Whether an address may be visited: https, or http on this machine only. */
export function isVisitable(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}
