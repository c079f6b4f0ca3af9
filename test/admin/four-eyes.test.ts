import { expect, it, onTestFinished } from 'vitest';
import { startTestGateway } from '../support/gateway.ts';
import { deskOf, SERVICE } from './fixtures.ts';

it('with four eyes, whoever wrote a service last cannot approve it, and somebody else can', async () => {
  const gateway = await startTestGateway({
    ...{ clients: [], storeUrl: 'sqlite:gateway.db' },
    change: (input) => ({ ...input, portal: { fourEyes: true } }),
  });
  onTestFinished(() => gateway.stop());
  const anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
  const { csrf } = await anna.get('/admin/services');
  const { html } = await anna.post('/admin/services', { ...SERVICE, csrf });
  const id = /<code>(s-[a-z0-9]+)<\/code>/.exec(html)?.[1] ?? '';
  const approve = { state: 'live', version: '1' };
  const own = await anna.post(`/admin/services/${id}/state`, { csrf, ...approve });
  expect(own.status).toBe(403);
  expect(own.html).toContain('deve approvarla un’altra persona');

  const giulia = await deskOf(gateway, 'giulia.verdi', 'union-administrator');
  const token = (await giulia.get('/admin/services')).csrf;
  // Asking for approval writes nothing: whoever asked may still be the second pair of eyes.
  await giulia.post(`/admin/services/${id}/state`, { csrf: token, state: 'waiting', version: '1' });
  const approved = await giulia.post(`/admin/services/${id}/state`, {
    ...{ csrf: token, state: 'live', version: '2' },
  });
  expect(approved.html).toContain('In esercizio');
});
