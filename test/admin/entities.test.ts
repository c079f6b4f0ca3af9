import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { titleOf } from '../../src/demo/forms.ts';
import type { Desk } from '../support/desk.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { beside, deskOf, secondBody } from './fixtures.ts';

describe('bodies and their metadata in the console', () => {
  let gateway: TestGateway;
  let anna: Desk;
  let csrf = '';
  let page = '';
  beforeAll(async () => {
    gateway = await startTestGateway({ clients: [], storeUrl: 'sqlite:gateway.db' });
    page = `/admin/entities/${await secondBody(gateway)}`;
    anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    csrf = (await anna.get('/admin/entities')).csrf;
  });
  afterAll(() => gateway.stop());

  const press = (path: string, fields: Readonly<Record<string, string>> = {}) =>
    anna.post(`${page}/${path}`, { csrf, ...fields });

  it('lists every body with what is in force of it, and finds one by a part of its name', async () => {
    const { html } = await anna.get('/admin/entities');
    expect(html).toContain('versione 1 in vigore');
    expect(html).toContain('nessuna versione in vigore');
    expect((await anna.get('/admin/entities?q=nowhere')).html).toContain('Nessun ente trovato');
  });

  it('leads a body from its first draft to metadata that providers have', async () => {
    expect((await anna.get(page)).html).toContain('Non c’è nessuna bozza');
    const drafted = await press('draft');
    expect(drafted.html).toContain('Rispetta tutte le regole');
    expect(drafted.html).toContain('<dt translate="no">entityID</dt>');
    const preview = await press('preview');
    const address = /<code>([^<]+)<\/code>/.exec(preview.html)?.[1] ?? '';
    expect(await (await fetch(address)).text()).toContain('EntityDescriptor');
    await press('preview/end');
    expect((await fetch(address)).status).toBe(404);
    expect((await press('seal')).html).toContain('Versione 1');
    expect((await press('seal')).html).toContain('Non c’è nessuna bozza: prima falla');
    expect((await press('versions/1/submitted')).html).toContain('mandata ad AgID');
    const inForce = await press('versions/1/in-force', { 'provider-1': gateway.providers[0] });
    expect(inForce.html).toMatch(/in vigore<\/strong> presso Gestore SPID di prova/);
    expect((await press('versions/1/withdraw')).html).toContain('Questa versione è in vigore');
    expect((await press('versions/1/in-force')).html).toContain('presso tutti i gestori');
    expect((await anna.get('/admin/entities')).html).not.toContain('nessuna versione in vigore');
  });

  it('shows a version: its checks, what it changed, and its bytes as they were signed', async () => {
    const { html } = await anna.get(`${page}/versions/1`);
    expect(titleOf(html)).toMatch(/Versione 1$/);
    expect(html).toContain('Rispetta tutte le regole');
    const download = await anna.get(`${page}/versions/1/xml`);
    const entityId = /<EntityDescriptor[^>]* entityID="([^"]+)"|entityID="([^"]+)"/.exec(download.html);
    const served = await fetch(entityId?.[1] ?? entityId?.[2] ?? '');
    expect(download.html).toBe(await served.text());
  });

  it.each([
    ['versions/9/withdraw', {}],
    ['versions/x/submitted', {}],
    ['versions/1/in-force', { 'provider-1': 'https://nobody.example.it' }],
  ])('refuses %s where there is no such thing', async (path, fields) => {
    expect((await press(path, fields)).status).toBe(404);
  });

  it('shows an administrator of another body nothing of it, and lets her change nothing of her own', async () => {
    const luca = await deskOf(gateway, 'luca.nicolò', 'municipality-administrator', 'bientina');
    const token = (await luca.get('/admin/entities')).csrf;
    expect((await luca.get(page)).status).toBe(404);
    expect((await luca.get(`${page}/versions/1/xml`)).status).toBe(404);
    expect((await luca.get('/admin/entities/bientina')).html).not.toContain('Fai una bozza');
    expect((await luca.post('/admin/entities/bientina/draft', { csrf: token })).status).toBe(403);
  });

  it('writes every step into the audit trail', async () => {
    const entries = await beside(gateway, async (room) => room.entries);
    const actions = entries.filter(({ target }) => target?.kind === 'entity').map(({ action }) => action);
    expect(actions.reverse()).toEqual([
      'metadata.draft',
      'metadata.preview',
      'metadata.end-preview',
      'metadata.seal',
      'metadata.submitted',
      'metadata.in-force',
      'metadata.in-force',
    ]);
  });
});
