import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { signEnveloped } from '../../src/saml/signature.ts';
import { aggregateXml, newKey, providerXml, type TestKey } from '../sources/spid/fixtures.ts';
import type { Desk } from '../support/desk.ts';
import type { TestGateway } from '../support/gateway.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { describeStores } from '../support/stores.ts';
import { programOf, startGatewayWithPrograms, type Call } from './api/caller.ts';
import { beside, deskOf } from './fixtures.ts';

const PATH = '/admin/providers/pins';

describeStores('the certificates of AgID in the console', (openUrl) => {
  const directory = mkdtempSync(join(tmpdir(), 'console-pins-'));
  const tokens = new Map<Desk, string>();
  let gateway: TestGateway;
  let registry: TestRegistry;
  let agid: TestKey;
  let next: TestKey;
  let anna: Desk;
  let giulia: Desk;
  let program: Call;

  const listBy = (signer: TestKey, created: string) => {
    const entity = providerXml({
      entityId: 'https://a.example.it',
      keys: [{ use: 'signing', certificate: agid.certificate }],
    });
    const xml = aggregateXml([entity]).replace(/creationInstant="[^"]*"/, `creationInstant="${created}"`);
    return signEnveloped(xml, signer, 'first');
  };

  beforeAll(async () => {
    const from = systemClock.now().toISOString();
    [agid, next] = await Promise.all([newKey('agid', { from }), newKey('agid-next', { from })]);
    const pem = join(directory, 'agid.pem');
    writeFileSync(pem, agid.certificatePem);
    registry = await startRegistry();
    registry.serve(listBy(agid, '2026-03-01T10:00:00Z'));
    gateway = await startGatewayWithPrograms(await openUrl(), {
      registry: { url: registry.url, trustedSigners: [pem] },
    });
    anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    giulia = await deskOf(gateway, 'giulia.verdi', 'union-administrator');
    program = await programOf(gateway, 'union-administrator');
    for (const desk of [anna, giulia]) tokens.set(desk, (await desk.get('/admin/services')).csrf);
  });
  afterAll(async () => {
    await gateway.stop();
    await registry.stop();
    rmSync(directory, { recursive: true });
  });

  const send = (desk: Desk, path = '', fields: Readonly<Record<string, string>> = {}) =>
    desk.post(`${PATH}${path}`, { csrf: tokens.get(desk) ?? '', ...fields });
  const printed = ({ certificatePem }: TestKey) => new X509Certificate(certificatePem).fingerprint256;
  const waitingIn = (html: string) => /pins\/([0-9a-f-]+)\/withdraw/.exec(html)?.[1] ?? '';
  const overview = async () => (await program('GET', '/registry-pins')).body;
  const readiness = async () => (await fetch(`${gateway.url}/health/ready`)).text();
  const refresh = (desk: Desk) => desk.post('/admin/providers/refresh', { csrf: tokens.get(desk) ?? '' });

  it('show who signed a refused list; one proposes it with one step, another compares the fingerprint and approves', async () => {
    registry.serve(listBy(next, '2026-03-02T10:00:00Z'));
    const refused = await refresh(anna);
    expect(refused.html).toContain('non è firmato con un certificato di AgID');
    expect(refused.html).toContain(`href="${PATH}"`);
    expect(await readiness()).toContain(printed(next));
    expect((await anna.get('/admin/providers')).html).toContain(printed(next));

    const { html } = await anna.get(PATH);
    expect(html).toMatch(/Certificato sconosciuto[\s\S]*ha firmato l’ultimo elenco, che è stato rifiutato/);
    const [, certificate = ''] = /name="certificate" value="([^"]*)"/.exec(html) ?? [];
    await send(anna, '', { certificate: certificate.replaceAll('&#10;', '\n') });
    expect((await giulia.get('/admin/providers')).html).toContain('1 proposta da approvare');
    const page = await giulia.get(PATH);
    expect(page.html).toMatch(/Da approvare: aggiungere[\s\S]*Proposto da Anna Rossi/);
    const id = waitingIn(page.html);

    const own = await send(anna, `/${id}/approve`, { fingerprint: printed(next) });
    expect([own.status, own.html]).toEqual([
      403,
      expect.stringContaining('deve approvarla un’altra persona'),
    ]);
    const wrong = await send(giulia, `/${id}/approve`, { fingerprint: printed(agid) });
    expect([wrong.status, wrong.html]).toEqual([
      422,
      expect.stringContaining(`id="fingerprint-${id}-wrong"`),
    ]);
    expect((await refresh(giulia)).html).toContain('Certificati di AgID');
    const right = await send(giulia, `/${id}/approve`, { fingerprint: printed(next) });
    expect(right.html).toMatch(/aggiunto qui[\s\S]*Deciso da Anna Rossi e Giulia Verdi/);
    expect((await refresh(giulia)).html).not.toContain('Certificati di AgID');
    expect((await anna.get(PATH)).html).not.toContain('Certificato sconosciuto');
    expect((await send(giulia, `/${id}/approve`, { fingerprint: printed(next) })).status).toBe(404);
    const entries = await beside(gateway, async (room) => room.entries);
    expect(
      entries.filter(({ action }) => action.startsWith('registry-pin')).map(({ actor }) => actor),
    ).toEqual(['Giulia Verdi', 'Anna Rossi']);
  });

  it('that the configuration pins can be switched off, after another signs the list in use', async () => {
    const fingerprint = printed(agid);
    await send(anna, '', { remove: fingerprint });
    const { html } = await giulia.get(PATH);
    expect(html).toContain('Da approvare: togliere');
    const done = await send(giulia, `/${waitingIn(html)}/approve`);
    expect(done.html).toMatch(/Disattivato: non vale<\/strong> ·\s+dalla configurazione/);
    const last = await send(anna, '', { remove: printed(next) });
    expect([last.status, last.html]).toEqual([409, expect.stringContaining('Non resterebbe')]);
  });

  it('say beside the field what is wrong with a certificate', async () => {
    const wrong = await send(anna, '', { certificate: 'no certificate' });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toMatch(
      />\s*no certificate<\/textarea[\s\S]*id="certificate-wrong">Non è un certificato/,
    );
  });

  it('are seen by others with a role, and changed by none of them', async () => {
    const luca = await deskOf(gateway, 'luca.nicolò', 'auditor');
    const { html, csrf } = await luca.get(PATH);
    expect(html).toContain(printed(next));
    expect(html).not.toContain(`action="${PATH}`);
    expect((await luca.post(PATH, { csrf, certificate: agid.certificatePem })).status).toBe(403);
  });

  it('are proposed and taken back by programs, whose proposals a person takes up before another approves', async () => {
    const bad = await program('POST', '/registry-pins/proposals', { json: { add: 'no certificate' } });
    expect([bad.status, bad.body['code']]).toEqual([422, 'certificate_unreadable']);
    const json = { add: agid.certificatePem };
    const first = await program('POST', '/registry-pins/proposals', { json });
    expect(first.status).toBe(201);
    expect(await overview()).toMatchObject({
      pins: [{ trusted: false }, { trusted: true, signed: 'list-in-use' }],
      waiting: [{ id: first.body['id'], by: 'machine-union-administrator', trusted: true }],
      unknown: null,
    });
    const path = `/registry-pins/proposals/${String(first.body['id'])}`;
    expect((await program('DELETE', path)).status).toBe(204);
    expect((await program('DELETE', path)).status).toBe(404);

    const { body } = await program('POST', '/registry-pins/proposals', { json });
    const fields = { fingerprint: printed(agid) };
    const early = await send(giulia, `/${String(body['id'])}/approve`, fields);
    expect([early.status, early.html]).toEqual([
      403,
      expect.stringContaining('prima deve proporlo una persona'),
    ]);
    expect((await anna.get(PATH)).html).toContain('L’ha proposto un programma');
    await send(anna, '', { certificate: agid.certificatePem });
    await send(giulia, `/${waitingIn((await giulia.get(PATH)).html)}/approve`, fields);
    expect(await overview()).toMatchObject({ pins: [{ trusted: true }, { trusted: true }], waiting: [] });
  });

  it('that were altered in the database are told on the page, in readiness and to programs, until an operator sees to it', async () => {
    await beside(gateway, async ({ store }) => {
      await store.db
        .updateTable('registry_pins')
        .set({ content: Buffer.from('altered') })
        .execute();
    });
    const { status, html } = await giulia.get(PATH);
    expect([status, html]).toEqual([200, expect.stringContaining('alterato nella banca dati')]);
    const answer = await program('GET', '/registry-pins');
    expect([answer.status, answer.body['code']]).toEqual([503, 'registry_pins_altered']);
    registry.serve(listBy(next, '2026-03-03T10:00:00Z'));
    expect((await refresh(giulia)).html).toContain('nessun elenco nuovo viene creduto');
    expect((await giulia.get('/admin/providers')).html).toContain('nessun elenco nuovo viene creduto');
    expect(await readiness()).toContain('providers pins reset');
  });
});
