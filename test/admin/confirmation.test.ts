import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { titleOf } from '../../src/demo/forms.ts';
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

  it('loses nothing of a form that takes time, and does nothing with it before it is sent again', async () => {
    const dpo = await deskOf(gateway, 'giulia.verdi', 'data-protection-officer');
    const { csrf } = await dpo.get('/admin/register');
    const typed = { reason: 'Procura, prot. 1234/2026', from: '2026-11-01', to: '2026-11-30' };
    later += 11 * 60_000;
    const asked = async () =>
      (await beside(gateway, async ({ entries }) => entries)).filter(
        ({ action }) => action === 'register.ask',
      );

    const kept = await dpo.post('/admin/register', { csrf, ...typed, fiscalNumber: 'TINDE-12345678901' });
    expect([kept.status, titleOf(kept.html)]).toEqual([
      403,
      expect.stringContaining('Prima conferma chi sei'),
    ]);
    expect(kept.html).toContain('name="reason" value="Procura, prot. 1234/2026"');
    expect(kept.html).toContain('href="/admin/confirm"');
    expect(kept.html).not.toContain('TINDE');
    const beforeThat = await dpo.post('/admin/register', { ...typed, step: 'change' });
    expect(beforeThat.html).toContain('Procura, prot. 1234/2026</textarea');

    const confirmed = await dpo.signIn('/admin/confirm', undefined, 'giulia.verdi');
    expect(titleOf(confirmed.html)).toContain('Hai confermato chi sei');
    const again = await dpo.post('/admin/register', { ...typed, step: 'change' });
    expect([again.status, again.html]).toEqual([200, expect.stringContaining('value="2026-11-30"')]);
    expect(await asked()).toEqual([]);
    await dpo.post('/admin/register', { csrf: again.csrf, ...typed });
    expect(await asked()).toHaveLength(1);
  });

  it.each(['/admin/administrators', '/admin/invitations'])('keeps what was typed at %s', async (path) => {
    const { csrf } = await anna.signIn(path);
    later += 11 * 60_000;
    const kept = await anna.post(path, { csrf, name: 'Ditta', guest: 'Ditta', fiscalNumber: 'X' });
    expect(kept.status).toBe(403);
    const again = await anna.post(path, { name: 'Ditta', guest: 'Ditta', step: 'change' });
    expect([again.status, again.html]).toEqual([200, expect.stringContaining('value="Ditta"')]);
  });
});
