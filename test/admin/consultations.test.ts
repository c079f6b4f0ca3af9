import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { supportReferenceOf } from '../../src/demo/forms.ts';
import { personaOf } from '../../src/demo/personas.ts';
import { createLog } from '../../src/operations/log.ts';
import type { Desk } from '../support/desk.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient } from '../support/relying-party.ts';
import { beside, deskOf } from './fixtures.ts';

const FISCAL_CODE = (personaOf('giulia.verdi')?.attributes.fiscalNumber ?? '').replace('TINIT-', '');
const REASON = 'richiesta della Procura, prot. 1234';

describe('the consultations of the register in the console', () => {
  let gateway: TestGateway;
  let officer: Desk;
  let administrator: Desk;
  const logged: string[] = [];
  beforeAll(async () => {
    gateway = await startTestGateway({
      clients: [testClient('suap')],
      storeUrl: 'sqlite:gateway.db',
      log: createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } }),
      change: (input) => ({ ...input, register: { consultations: { secondPerson: true } } }),
    });
    const service = new RelyingParty(gateway);
    await service.enter('suap', { user: 'giulia.verdi' });
    officer = await deskOf(gateway, 'anna.rossi.omocode', 'data-protection-officer');
    administrator = await deskOf(gateway, 'anna.rossi', 'union-administrator');
  });
  afterAll(() => gateway.stop());

  const ask = async (fields: Readonly<Record<string, string>>) =>
    officer.post('/admin/register', { csrf: (await officer.get('/admin/register')).csrf, ...fields });
  const decide = async (desk: Desk, id: string, agreed: 'yes' | 'no') =>
    desk.post(`/admin/register/${id}/decide`, { csrf: (await desk.get('/admin/register')).csrf, agreed });
  const idOf = (html: string) => /register\/([0-9a-f]{32})\/decide/.exec(html)?.[1] ?? '';
  const trail = () => beside(gateway, async ({ entries }) => entries);

  it('say beside each field what is wrong, show no codice fiscale again, and open nothing', async () => {
    const before = (await trail()).length;
    const page = await ask({ reason: 'boh', fiscalNumber: 'RSSMRA80A01H501X', from: '2026-02-30' });
    expect(page.status).toBe(422);
    expect(page.html).toContain('Scrivi il motivo, da 10 a 500 caratteri.');
    expect(page.html).toContain('Non è un codice fiscale');
    expect(page.html).toContain('Scegli un giorno, come 31/10/2026.');
    expect(page.html).not.toContain('RSSMRA80A01H501X');
    expect((await ask({ reason: REASON, service: 'suap' })).html).toContain('Indica una persona');
    expect(await trail()).toHaveLength(before);
  });

  it('wait for a second person, who is not the first, and then show what was asked for', async () => {
    const asked = await ask({ reason: REASON, fiscalNumber: FISCAL_CODE });
    expect(asked.html).toContain('in attesa di una seconda persona');
    const id = idOf((await administrator.get('/admin/register')).html);
    expect(id).not.toBe('');
    expect((await officer.get(`/admin/register/${id}`)).status).toBe(403);
    expect((await decide(officer, id, 'yes')).html).toContain('deve decidere un’altra persona');
    expect((await decide(administrator, id, 'yes')).html).toContain('deciso da');
    expect((await administrator.get(`/admin/register/${id}`)).status).toBe(403);

    const found = await officer.get(`/admin/register/${id}`);
    expect(found.html).toContain('Servizio suap');
    const link = /href="(\/admin\/register\/[^"]+\/transactions\/[^"]+)"/.exec(found.html)?.[1] ?? '';
    const opened = await officer.get(link);
    expect(opened.html).toContain(`TINIT-${FISCAL_CODE}`);
    expect(opened.html).toContain('&lt;samlp:AuthnRequest');
    expect((await officer.get(`/admin/register/${id}/transactions/another`)).status).toBe(404);

    const actions = (await trail()).map(({ action, target }) => (target?.id === id ? action : ''));
    expect(actions.filter(Boolean)).toEqual([
      'register.show',
      'register.search',
      'register.agree',
      'register.ask',
    ]);
    expect(JSON.stringify(await trail())).not.toContain(FISCAL_CODE);
  });

  it('give the signed package to keep', async () => {
    await ask({ reason: REASON, fiscalNumber: FISCAL_CODE });
    const id = idOf((await administrator.get('/admin/register')).html);
    await decide(administrator, id, 'yes');
    const { csrf } = await officer.get(`/admin/register/${id}`);
    const answer = await officer.download(`/admin/register/${id}/export`, { csrf });
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toContain('attachment');
    const files = Object.keys(unzipSync(new Uint8Array(await answer.arrayBuffer())));
    expect(files).toEqual(expect.arrayContaining(['SHA256SUMS.p7s', 'relazione.html']));
    expect((await trail())[0]).toMatchObject({ action: 'register.export', target: { id } });
  });

  it('stay closed when the second person refuses', async () => {
    await ask({ reason: REASON, reference: 'abcd 2345' });
    const id = idOf((await administrator.get('/admin/register')).html);
    expect((await decide(administrator, id, 'no')).html).toContain('rifiutata');
    expect((await officer.get(`/admin/register/${id}`)).html).toContain('ha rifiutato la consultazione');
  });

  it('answer with a page of their own, and log why, when a package cannot be made', async () => {
    await ask({ reason: REASON, fiscalNumber: FISCAL_CODE });
    const id = idOf((await administrator.get('/admin/register')).html);
    await decide(administrator, id, 'yes');
    const { csrf } = await officer.get(`/admin/register/${id}`);
    const content = Buffer.from('nothing that opens');
    await beside(gateway, ({ store }) => store.db.updateTable('register_entries').set({ content }).execute());
    const answer = await officer.download(`/admin/register/${id}/export`, { csrf });
    expect(answer.status).toBe(500);
    const reference = supportReferenceOf(await answer.text()) ?? 'none';
    expect(logged.join('')).toContain(reference);
  });
});
