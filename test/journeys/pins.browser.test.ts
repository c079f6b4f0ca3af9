import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personaOf } from '../../src/demo/personas.ts';
import { personKeyOf } from '../../src/identity/person-key.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { signEnveloped } from '../../src/saml/signature.ts';
import { beside, BY } from '../admin/fixtures.ts';
import { aggregateXml, newKey, providerXml, type TestKey } from '../sources/spid/fixtures.ts';
import { launchBrowser } from '../support/browser.ts';
import { inspect } from '../support/inspect-page.ts';
import { startTestGateway, withRegistry, type TestGateway } from '../support/gateway.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

describe('two administrators in their browsers', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pins-browser-'));
  let gateway: TestGateway;
  let browser: Browser;
  let registry: TestRegistry;
  let agid: TestKey;
  let next: TestKey;
  const listBy = (signer: TestKey) => {
    const keys = [{ use: 'signing', certificate: agid.certificate }];
    const entities = [providerXml({ entityId: 'https://a.example.it', keys })];
    return signEnveloped(aggregateXml(entities), signer, 'first');
  };

  beforeAll(async () => {
    const from = systemClock.now().toISOString();
    [agid, next] = await Promise.all([newKey('agid', { from }), newKey('agid-next', { from })]);
    const pem = join(directory, 'agid.pem');
    writeFileSync(pem, agid.certificatePem);
    registry = await startRegistry();
    registry.serve(listBy(agid));
    const trusted = { url: registry.url, trustedSigners: [pem] };
    [gateway, browser] = await Promise.all([
      startTestGateway({
        clients: [],
        storeUrl: 'sqlite:gateway.db',
        change: (input) => ({ ...input, sources: withRegistry(input, trusted) }),
      }),
      launchBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await gateway.stop();
    await registry.stop();
    rmSync(directory, { recursive: true });
  });

  /** An administrator of the union at a page of the console. */
  async function administrator(persona: string, path: string): Promise<Page> {
    const person = personKeyOf(personaOf(persona)?.attributes ?? {}, '');
    if (!person) throw new Error(`${persona} has no codice fiscale`);
    const grant = { role: 'union-administrator', entityId: undefined, name: persona } as const;
    await beside(gateway, ({ administrators }) => administrators.grant(person, grant, BY));
    const page = await (await browser.newContext({ locale: 'it-IT' })).newPage();
    await page.goto(`${gateway.url}${path}`);
    await page.locator(`button[value="${gateway.providers[0]}"]`).click();
    await page.locator(`button[value="${persona}"]`).first().click();
    await page.locator(`button[value="${persona}"]`).first().click();
    await page.waitForLoadState();
    if (!page.url().startsWith(gateway.url)) await page.locator('form button').first().click();
    await page.waitForURL(`${gateway.url}${path}`);
    return page;
  }

  it('change the certificate of AgID: one proposes it from a file or from a refused list, the other approves it', async () => {
    const anna = await administrator('anna.rossi', '/admin/providers');
    const complaints: string[] = [];
    anna.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('status of 4'))
        complaints.push(message.text());
    });
    await anna.getByRole('link', { name: 'Certificati di AgID' }).click();
    await inspect(anna, 'pins');
    await anna.getByLabel('Certificato', { exact: true }).fill('nothing');
    await anna.getByRole('button', { name: 'Proponi questo certificato' }).click();
    await anna.getByText('Non è un certificato in formato PEM').waitFor();
    await inspect(anna, 'pins-faulty');
    const buffer = Buffer.from(next.certificatePem);
    const picked = { name: 'agid.pem', mimeType: 'application/x-pem-file', buffer };
    await anna.locator('input[type=file]').setInputFiles(picked);
    await anna.getByRole('button', { name: 'Proponi questo certificato' }).click();
    await anna.getByRole('heading', { name: 'Da approvare: aggiungere un certificato' }).waitFor();
    await anna.getByRole('button', { name: 'Ritira la proposta' }).click();
    await anna.getByRole('heading', { name: 'Da approvare' }).waitFor({ state: 'detached' });

    registry.serve(listBy(next));
    await anna.goto(`${gateway.url}/admin/providers`);
    await anna.getByRole('button', { name: 'Aggiorna adesso' }).click();
    await inspect(anna, 'pins-refused');
    await anna.goto(`${gateway.url}/admin/providers`);
    await anna.getByText('è firmato con un certificato sconosciuto').waitFor();
    await inspect(anna, 'pins-alarm');
    await anna.getByRole('link', { name: 'Certificati di AgID' }).click();
    await inspect(anna, 'pins-unknown');
    await anna.getByRole('button', { name: 'Proponi questo certificato' }).first().click();

    const giulia = await administrator('giulia.verdi', '/admin/providers/pins');
    await inspect(giulia, 'pins-waiting');
    await giulia.getByLabel('Impronta SHA-256 che hai avuto da AgID').fill('AA:BB');
    await giulia.getByRole('button', { name: 'Approva e aggiungi' }).click();
    await giulia.getByText('Non è l’impronta di questo certificato').waitFor();
    await inspect(giulia, 'pins-differs');
    const { fingerprint256 } = new X509Certificate(next.certificatePem);
    await giulia.getByLabel('Impronta SHA-256 che hai avuto da AgID').fill(fingerprint256);
    await giulia.getByRole('button', { name: 'Approva e aggiungi' }).click();
    await giulia.getByText('aggiunto qui').waitFor();
    await inspect(giulia, 'pins-added');
    await giulia.goto(`${gateway.url}/admin/providers/pins?lang=en`);
    await inspect(giulia, 'pins-english');
    expect(complaints).toEqual([]);
  }, 120_000);
});
