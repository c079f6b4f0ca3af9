import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/clients/client.ts';
import { LEVELS } from '../../src/identity/level.ts';
import { missingForReuse } from '../../src/login/reuse.ts';
import { kindsFor } from '../../src/clients/policy.ts';
import type { IdentityKind } from '../../src/identity/identity.ts';
import type { Missing, RequestFacts, SessionFacts } from '../../src/provider/facts.ts';

const NOW = new Date('2026-03-05T12:00:00Z');
const POLICY = { level1Ms: 8 * 60 * 60_000, level2Ms: 60 * 60_000 };
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

const client = { entity: 'unione' } as Client;
const session = (changes: Partial<SessionFacts> = {}): SessionFacts => ({
  ofStage: true,
  entityId: 'unione',
  source: 'spid',
  level: 2,
  kind: 'citizen',
  authenticatedAt: minutesAgo(10),
  attributes: ['name', 'familyName', 'fiscalNumber'],
  age: undefined,
  answersTo: (hint) => hint === 'her-subject',
  ...changes,
});
const request = (changes: Partial<RequestFacts> = {}): RequestFacts => ({
  client,
  level: 2,
  attributes: ['name'],
  prompts: [],
  maxAge: undefined,
  loginHint: undefined,
  ...changes,
});

describe('session reuse (spid-register-and-logout, 2.1)', () => {
  it.each([
    ['a session of the same entity, level and attributes answers', session(), request(), undefined],
    ['no session answers nothing', undefined, request(), 'session'],
    ['one by a test provider answers no live service', session({ ofStage: false }), request(), 'source'],
    [
      'prompt=login wants a fresh authentication',
      session(),
      request({ prompts: ['login'] }),
      'fresh-authentication',
    ],
    ['another entity wants its own', session({ entityId: 'comune' }), request(), 'entity'],
    ['a higher level wants more', session({ level: 1 }), request(), 'level'],
    ['a higher session answers a lower request', session({ level: 2 }), request({ level: 1 }), undefined],
    ['level 3 is never reused', session({ level: 3 }), request({ level: 1 }), 'fresh-authentication'],
    ['level 3 is not reused for itself', session({ level: 3 }), request({ level: 3 }), 'level'],
    ['level 2 lasts its time', session({ authenticatedAt: minutesAgo(59) }), request(), undefined],
    [
      'level 2 ends with its time',
      session({ authenticatedAt: minutesAgo(60) }),
      request(),
      'fresh-authentication',
    ],
    [
      'level 1 lasts longer',
      session({ level: 1, authenticatedAt: minutesAgo(300) }),
      request({ level: 1 }),
      undefined,
    ],
    [
      'level 1 ends too',
      session({ level: 1, authenticatedAt: minutesAgo(480) }),
      request({ level: 1 }),
      'fresh-authentication',
    ],
    ['max_age is kept', session(), request({ maxAge: 600 }), undefined],
    ['max_age is enforced', session(), request({ maxAge: 599 }), 'fresh-authentication'],
    [
      'max_age=0 always wants a fresh authentication',
      session(),
      request({ maxAge: 0 }),
      'fresh-authentication',
    ],
    [
      'a professional session answers no citizen request',
      session({ kind: 'professional' }),
      request(),
      'identity-kind',
    ],
    [
      'a larger set of attributes wants a new request',
      session(),
      request({ attributes: ['name', 'email'] }),
      'attributes',
    ],
    ['a hint at this person is no obstacle', session(), request({ loginHint: 'her-subject' }), undefined],
    ['a hint at somebody else wants a new login', session(), request({ loginHint: 'somebody' }), 'person'],
  ] as const)('%s', (_what, held, asked, missing) => {
    expect(missingForReuse(held, asked, POLICY, NOW)).toBe(missing);
  });

  it.each([
    ['a service that wants its own logins gets them', { reuse: false }, session(), 'reuse'],
    ['a source the service does not allow is no ground', { sources: [] }, session(), 'source'],
    [
      'a professional session answers a request for one',
      { purpose: 'P' },
      session({ kind: 'professional' }),
      undefined,
    ],
    [
      'a citizen session answers no request for a professional',
      { purpose: 'PX' },
      session(),
      'identity-kind',
    ],
    ['who is too young is not let in by a session', { age: { minimum: 18 } }, session({ age: 17 }), 'age'],
    ['who is too old is not let in by a session', { age: { maximum: 17 } }, session({ age: 18 }), 'age'],
    ['who is of age is', { age: { minimum: 18 } }, session({ age: 18 }), undefined],
  ] as const)('%s', (_what, policy, held, missing) => {
    const asked = request({ client: { entity: 'unione', policy } as unknown as Client });
    expect(missingForReuse(held, asked, POLICY, NOW)).toBe(missing);
  });

  it('answers every combination of everything it weighs exactly when nothing is missing, and names what is', () => {
    let combinations = 0;
    for (const combination of combinationsOf(AXES)) {
      combinations += 1;
      const missing = Object.values(combination).flatMap((choice) => choice.missing(combination));
      const found = missingForReuse(heldIn(combination), askedIn(combination), POLICY, NOW);
      const right =
        missing.length === 0 ? found === undefined : found !== undefined && missing.includes(found);
      if (!right)
        expect.fail(`${JSON.stringify(named(combination))}: found ${found}, missing ${missing.join()}`);
    }
    expect(combinations).toBe(3 * 3 * 2 * 4 * 3 * 2 * 2 * 3 * 2 * 2 * 3 * 2 * 3);
  });
});

/** One choice on an axis: what it does to session and request, and what is missing because of it. */
interface Choice {
  readonly name: string;
  readonly held?: Partial<SessionFacts>;
  readonly asked?: Partial<RequestFacts>;
  readonly policy?: Client['policy'];
  readonly missing: (all: Readonly<Record<string, Choice>>) => Missing[];
}

const nothing = () => [];
const always = (missing: Missing) => () => [missing];

const KINDS: readonly IdentityKind[] = [
  'citizen',
  'professional',
  'legal-person',
  'professional-for-legal-person',
];

const AXES = {
  held: LEVELS.map((level): Choice => ({
    name: `held ${level}`,
    held: { level },
    missing: ({ asked }) => [
      ...(level < (asked?.asked?.level ?? 0) ? (['level'] as const) : []),
      ...(level === 3 ? (['fresh-authentication'] as const) : []),
    ],
  })),
  asked: LEVELS.map((level): Choice => ({
    name: `asked ${level}`,
    asked: { level },
    missing: level === 3 ? always('level') : nothing,
  })),
  entity: [
    { name: 'same entity', missing: nothing },
    { name: 'other entity', held: { entityId: 'comune' }, missing: always('entity') },
  ],
  kind: KINDS.map((kind): Choice => ({
    name: kind,
    held: { kind },
    missing: ({ purpose }) => (kindsFor(purpose?.policy?.purpose).includes(kind) ? [] : ['identity-kind']),
  })),
  purpose: [undefined, 'P', 'LP'].map((purpose): Choice => ({
    name: `purpose ${purpose}`,
    ...(purpose ? { policy: { purpose: purpose as 'P' | 'LP' } } : {}),
    missing: nothing,
  })),
  source: [
    { name: 'any source', missing: nothing },
    { name: 'other source', policy: { sources: [] }, missing: always('source') },
  ],
  reuse: [
    { name: 'reuse', missing: nothing },
    { name: 'no reuse', policy: { reuse: false }, missing: always('reuse') },
  ],
  age: [
    { name: 'age unknown', policy: { age: { minimum: 18 } }, missing: nothing },
    { name: 'of age', held: { age: 18 }, policy: { age: { minimum: 18 } }, missing: nothing },
    { name: 'not of age', held: { age: 17 }, policy: { age: { minimum: 18 } }, missing: always('age') },
  ],
  time: [
    { name: 'young', held: { authenticatedAt: minutesAgo(10) }, missing: nothing },
    { name: 'old', held: { authenticatedAt: minutesAgo(500) }, missing: always('fresh-authentication') },
  ],
  prompt: [
    { name: 'no prompt', missing: nothing },
    { name: 'login', asked: { prompts: ['login'] }, missing: always('fresh-authentication') },
  ],
  maxAge: [
    { name: 'no max_age', missing: nothing },
    { name: 'max_age 0', asked: { maxAge: 0 }, missing: always('fresh-authentication') },
    {
      name: 'max_age 20 minutes',
      asked: { maxAge: 1200 },
      missing: ({ time }) => (time?.name === 'old' ? ['fresh-authentication'] : []),
    },
  ],
  attributes: [
    { name: 'held', missing: nothing },
    { name: 'more', asked: { attributes: ['name', 'email'] }, missing: always('attributes') },
  ],
  hint: [
    { name: 'no hint', missing: nothing },
    { name: 'her', asked: { loginHint: 'her-subject' }, missing: nothing },
    { name: 'somebody', asked: { loginHint: 'somebody' }, missing: always('person') },
  ],
} as const satisfies Readonly<Record<string, readonly Choice[]>>;

function* combinationsOf(
  axes: Readonly<Record<string, readonly Choice[]>>,
): Generator<Record<string, Choice>> {
  const [first, ...rest] = Object.entries(axes);
  if (!first) {
    yield {};
    return;
  }
  const [axis, choices] = first;
  for (const others of combinationsOf(Object.fromEntries(rest)))
    for (const choice of choices) yield { ...others, [axis]: choice };
}

function heldIn(combination: Readonly<Record<string, Choice>>): SessionFacts {
  return session(
    Object.assign({}, ...Object.values(combination).map(({ held }) => held)) as Partial<SessionFacts>,
  );
}

function askedIn(combination: Readonly<Record<string, Choice>>): RequestFacts {
  const choices = Object.values(combination);
  const policy = Object.assign({}, ...choices.map((choice) => choice.policy)) as Client['policy'];
  const asked = Object.assign({}, ...choices.map((choice) => choice.asked)) as Partial<RequestFacts>;
  return request({ ...asked, client: { entity: 'unione', policy } as Client });
}

const named = (combination: Readonly<Record<string, Choice>>) =>
  Object.values(combination).map(({ name }) => name);
