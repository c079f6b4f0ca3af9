import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/operations/clock.ts';
import { changed, type Case } from '../../../src/selfcheck/cases/case.ts';
import { attribute, type Place } from '../../../src/selfcheck/edits.ts';
import { play, type Stage } from '../../../src/selfcheck/play.ts';
import { testProvider } from '../../../src/selfcheck/provider.ts';
import { readServiceProvider } from '../../../src/selfcheck/service-provider.ts';
import { signElement } from '../../../src/selfcheck/signer.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { day, startTestLoginGateway } from '../../support/test-login.ts';

/** The gateway's clock stands still here; clocks may differ by 30 seconds (gateway.example.yaml, skewSeconds). */
const NOW = new Date(Math.floor(systemClock.now().getTime() / 1000) * 1000);

const REQUEST_MINUTES = 30;

describe('the clock, to the second, from request to page (spid-response-validation, 5.4)', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-clock-'));
  let gateway: TestGateway;
  let store: Store;
  let stage: Stage;
  let set: (to: Date | undefined) => void;

  beforeAll(async () => {
    const storeUrl = `sqlite:${join(directory, 'gateway.db')}`;
    const provider = await testProvider('https://provider.invalid', systemClock);
    const opened = await startTestLoginGateway(directory, { storeUrl, provider, until: day(1) });
    ({ gateway, set } = opened);
    set(NOW);
    store = await openStore(storeUrl, systemClock);
    const serviceProvider = readServiceProvider(await (await fetch(`${gateway.url}/spid`)).text());
    if (!serviceProvider) throw new Error('the gateway publishes metadata');
    stage = { serviceProvider, provider, clock: opened.clock, sign: signElement };
  });
  afterAll(async () => {
    await store.close();
    await gateway.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** How the login ends: `accepted`, or the check that refused. */
  async function endOf(answer: Case['answer']): Promise<string | null> {
    const mutation = { it: '', en: '' };
    const played: Case = { nr: 'clock', suite: 'own', mutation, expected: 'OK', answer };
    const result = await play(stage, `${gateway.url}/spid/unione/test-login`, played);
    const { outcome } = await store.db
      .selectFrom('register_entries')
      .select('outcome')
      .orderBy('seq', 'desc')
      .executeTakeFirstOrThrow();
    expect(result.status).toBe(outcome === 'accepted' ? 200 : result.status === 400 ? 400 : 403);
    return outcome;
  }

  const cases: readonly [place: Place, name: string, seconds: number, outcome: string][] = [
    ['Response', 'IssueInstant', 30, 'accepted'],
    ['Response', 'IssueInstant', 31, 'R3'],
    // The request left at the same instant: not before it either, as far as clocks may differ.
    ['Response', 'IssueInstant', -30, 'accepted'],
    ['Response', 'IssueInstant', -31, 'R3'],
    ['Assertion', 'IssueInstant', 30, 'accepted'],
    ['Assertion', 'IssueInstant', 31, 'A3'],
    ['Assertion', 'IssueInstant', -30, 'accepted'],
    ['Assertion', 'IssueInstant', -31, 'A3'],
    ['SubjectConfirmationData', 'NotOnOrAfter', -29, 'accepted'],
    ['SubjectConfirmationData', 'NotOnOrAfter', -30, 'A13'],
    ['Conditions', 'NotBefore', 30, 'accepted'],
    ['Conditions', 'NotBefore', 31, 'A14'],
    ['Conditions', 'NotOnOrAfter', -29, 'accepted'],
    ['Conditions', 'NotOnOrAfter', -30, 'A14'],
    ['AuthnStatement', 'AuthnInstant', 30, 'accepted'],
    ['AuthnStatement', 'AuthnInstant', 31, 'A16'],
    ['AuthnStatement', 'SessionNotOnOrAfter', -29, 'accepted'],
    ['AuthnStatement', 'SessionNotOnOrAfter', -30, 'A16'],
  ];
  it.each(cases)('%s %s %i seconds from now: %s', async (place, name, seconds, outcome) => {
    const instant = new Date(NOW.getTime() + seconds * 1000).toISOString().replace('.000', '');
    expect(await endOf(changed(attribute(place, name, instant)))).toBe(outcome);
  });

  it.each([
    ['a second before', -1000, 'accepted'],
    ['at', 0, 'C2'],
  ])('takes an answer that comes %s the end of its request: %s', async (_when, offset, outcome) => {
    // The citizen stayed at the provider for as long as that.
    const arrives = new Date(NOW.getTime() + REQUEST_MINUTES * 60_000 + offset);
    const answer: Case['answer'] = ({ facts, ...kit }) => {
      set(arrives);
      const end = new Date(arrives.getTime() + 60_000).toISOString();
      return changed()({ ...kit, facts: { ...facts, instant: arrives.toISOString(), end } });
    };
    try {
      expect(await endOf(answer)).toBe(outcome);
    } finally {
      set(NOW);
    }
  });
});
