import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import type { Desk } from '../support/desk.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { beside, deskOf, SERVICE } from './fixtures.ts';

describe('an act that needs a login of the last minutes', () => {
  let gateway: TestGateway;
  let anna: Desk;
  let later = 0;
  const clock = { now: () => new Date(systemClock.now().getTime() + later) };
  beforeAll(async () => {
    gateway = await startTestGateway({
      clients: [],
      storeUrl: 'sqlite:gateway.db',
      clock,
      providerClock: clock,
    });
    anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
  });
  afterAll(() => gateway.stop());

  it('is not done after an older one: she authenticates, comes back to the page and is told to do it again', async () => {
    const { csrf } = await anna.get('/admin/services');
    const { html } = await anna.post('/admin/services', { csrf, ...SERVICE });
    const id = /<code>(s-[a-z0-9]+)<\/code>/.exec(html)?.[1] ?? '';
    later = 11 * 60_000;
    const form = { csrf, state: 'live', version: '1' };
    const asked = await anna.post(`/admin/services/${id}/state`, form);
    const choice = new URL(asked.url);
    expect(choice.pathname).toMatch(/^\/login\//);

    const back = await anna.signIn(`${choice.pathname}${choice.search}`);
    expect(new URL(back.url).pathname).toBe(`/admin/services/${id}`);
    expect(back.html).toContain('non è ancora stato fatto: ripetilo');
    expect(back.html).toContain('In prova');
    const entries = await beside(gateway, async (room) => room.entries);
    expect(entries.map(({ action }) => action)).not.toContain('client.live');

    const done = await anna.post(`/admin/services/${id}/state`, { ...form, csrf: back.csrf });
    expect(done.html).toContain('In esercizio');
    expect(done.html).not.toContain('non è ancora stato fatto');
  });
});
