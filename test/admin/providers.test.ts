import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/desk.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient } from '../support/relying-party.ts';
import { beside, deskOf } from './fixtures.ts';

describe('identity providers and settings in the console', () => {
  let gateway: TestGateway;
  let anna: Desk;
  let csrf = '';
  beforeAll(async () => {
    gateway = await startTestGateway({ clients: [testClient('suap')], storeUrl: 'sqlite:gateway.db' });
    anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    csrf = (await anna.get('/admin/providers')).csrf;
  });
  afterAll(() => gateway.stop());

  const other = () => gateway.providers[1];

  /** The choice page as a citizen sees it. */
  async function choicePage(): Promise<string> {
    const service = new RelyingParty(gateway);
    const browser = service.browser();
    const { url } = await service.request(await service.configure('suap'));
    return (await browser.visit('authorization request', url)).html;
  }

  it('lists them with their certificates, and looks for new ones when told to', async () => {
    const { html } = await anna.get('/admin/providers');
    expect(html.match(/Gestore SPID di prova/g)?.length).toBe(2);
    expect(html).toContain('Dai file di metadata/idp');
    expect((await anna.post('/admin/providers/refresh', { csrf })).html).toContain('Non è cambiato niente.');
  });

  it('takes one out of use at once with a notice, and back', async () => {
    const off = await anna.post('/admin/providers/switch-off', {
      csrf,
      provider: other(),
      'notice-it': 'Guasto <b>in corso</b>',
      'notice-en': 'Out of order',
    });
    expect(off.html).toContain('disattivato dal');
    const page = await choicePage();
    expect(page).not.toContain(`value="${other()}"`);
    expect(page).toContain('Guasto &lt;b&gt;in corso&lt;/b&gt;');
    const on = await anna.post('/admin/providers/switch-on', { csrf, provider: other() });
    expect(on.html).toContain('in uso');
    expect(await choicePage()).toContain(`value="${other()}"`);
    const entries = await beside(gateway, async (room) => room.entries);
    expect(entries.map(({ action }) => action).slice(0, 3)).toEqual([
      'provider.enable',
      'provider.disable',
      'provider.refresh',
    ]);
  });

  it('refuses a notice without end beside the field, and a provider that is not listed', async () => {
    const long = { csrf, provider: other(), 'notice-en': 'x'.repeat(301) };
    const wrong = await anna.post('/admin/providers/switch-off', long);
    expect(wrong.status).toBe(422);
    expect(wrong.html).toContain('id="notice-en-wrong"');
    expect(await choicePage()).toContain(`value="${other()}"`);
    for (const path of ['switch-off', 'switch-on'])
      expect((await anna.post(`/admin/providers/${path}`, { csrf, provider: 'x' })).status).toBe(404);
    expect((await anna.get('/admin/providers/provider?id=x')).status).toBe(404);
  });

  it('shows the settings in force and keeps their secrets', async () => {
    const { html } = await anna.get('/admin/settings?lang=en');
    expect(html).toMatch(/<code>sessions\.level2Minutes<\/code>[\s\S]{0,200}>60<[\s\S]{0,200}the default/);
    expect(html).toMatch(/<code>publicUrl<\/code>[\s\S]{0,300}the file/);
    expect(html).toMatch(/<code>keys\.passphrase<\/code>[\s\S]{0,200}a secret, not shown/);
    expect(html).not.toContain(gateway.configuration.keys.passphrase);
  });
});
