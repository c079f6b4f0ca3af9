import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/clients/client.ts';
import { LEVELS } from '../../src/identity/level.ts';
import { missingForReuse } from '../../src/login/reuse.ts';
import type { RequestFacts, SessionFacts } from '../../src/provider/facts.ts';

const NOW = new Date('2026-03-05T12:00:00Z');
const POLICY = { level1Ms: 8 * 60 * 60_000, level2Ms: 60 * 60_000 };
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

const client = { entity: 'unione' } as Client;
const session = (changes: Partial<SessionFacts> = {}): SessionFacts => ({
  entityId: 'unione',
  source: 'spid',
  level: 2,
  kind: 'citizen',
  authenticatedAt: minutesAgo(10),
  attributes: ['name', 'familyName', 'fiscalNumber'],
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

  it('answers no combination of levels it should not', () => {
    for (const held of LEVELS) {
      for (const asked of LEVELS) {
        const answers =
          missingForReuse(session({ level: held }), request({ level: asked }), POLICY, NOW) === undefined;
        expect(answers, `session ${held}, request ${asked}`).toBe(held < 3 && held >= asked);
      }
    }
  });
});
