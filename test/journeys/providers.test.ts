import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConfigurationInput } from '../../src/config/schema.ts';
import { StepFailed } from '../../src/demo/driver.ts';
import { signEnveloped } from '../../src/saml/signature.ts';
import { aggregateXml, newKey, type TestKey } from '../sources/spid/fixtures.ts';
import { runCommand } from '../../src/cli/commands.ts';
import { browserWithin, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { yaml } from '../support/yaml.ts';

const text = (it: string, en = it) => ({ it, en });
const CLIENT = {
  id: 'suap',
  entity: 'unione',
  name: text('Sportello unico'),
  homePage: 'https://suap.example.it/',
  redirectUris: ['https://suap.example.it/callback'],
  authMethod: 'none' as const,
  attributes: [{ name: 'familyName' as const, purpose: text('provare') }],
};

describe('identity providers of a running gateway', () => {
  const directory = mkdtempSync(join(tmpdir(), 'providers-journey-'));
  const config = join(directory, 'gateway.yaml');
  let registry: TestRegistry;
  /** Where names and logos come from. */
  let shown: Awaited<ReturnType<typeof serveFiles>>;
  let gateway: TestGateway;
  let agid: TestKey;
  let oldKey: TestKey;
  let rotated = false;

  /** The registry lists the two trial providers; the first with a key that it does not use any more. */
  async function aggregate(providers: readonly string[]): Promise<string> {
    const metadata = await Promise.all(
      providers.map(async (url) =>
        (await (await fetch(`${url}/metadata`)).text()).replace(/^<\?xml.*?\?>/, ''),
      ),
    );
    if (!rotated)
      metadata[0] =
        metadata[0]?.replaceAll(/<ds:X509Certificate>[^<]*/g, `<ds:X509Certificate>${oldKey.certificate}`) ??
        '';
    const created = rotated ? '2026-03-02T10:00:00Z' : '2026-03-01T10:00:00Z';
    return signEnveloped(aggregateXml(metadata).replace('2026-03-01T10:00:00Z', created), agid, 'first');
  }

  beforeAll(async () => {
    [agid, oldKey] = await Promise.all([newKey('agid'), newKey('old')]);
    const pem = join(directory, 'agid.pem');
    writeFileSync(pem, agid.certificatePem);
    registry = await startRegistry();
    shown = await serveFiles();
    let written: ConfigurationInput | undefined;
    gateway = await startTestGateway({
      clients: [CLIENT],
      storeUrl: `sqlite:${join(directory, 'gateway.db')}`,
      change: (input): ConfigurationInput => {
        const port = Number(new URL(input.publicUrl).port);
        const providers = [1, 2].map((at) => `http://127.0.0.1:${port + at}`);
        registry.serve(() => aggregate(providers));
        const changed = {
          ...input,
          sources: {
            spid: {
              ...input.sources.spid,
              identityProviders: {
                directory: join(directory, 'none'),
                registry: {
                  url: registry.url,
                  trustedSigners: [pem],
                  displayList: `${shown.url}/list`,
                },
              },
            },
          },
        };
        written = changed;
        return changed;
      },
    });
    const { directory: keyDirectory } = gateway.configuration.keys;
    writeFileSync(
      config,
      yaml({ ...written, keys: { passphrase: '', ...written?.keys, directory: keyDirectory } }),
    );
  });
  afterAll(async () => {
    await gateway.stop();
    await Promise.all([registry.stop(), shown.stop()]);
    rmSync(directory, { recursive: true, force: true });
  });

  function request(more: Record<string, string> = {}): string {
    const url = new URL(`${gateway.url}/oidc/auth`);
    url.search = new URLSearchParams({
      client_id: 'suap',
      response_type: 'code',
      scope: 'openid',
      state: 's',
      redirect_uri: CLIENT.redirectUris[0] ?? '',
      code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    }).toString();
    return url.href;
  }
  const browser = () => browserWithin([gateway.url, ...gateway.providers]);
  /** The page that a step ended on with an error status. */
  const problem = async (step: Promise<unknown>): Promise<string> => {
    const error = await step.then(
      () => undefined,
      (failure: unknown) => failure,
    );
    if (error instanceof StepFailed) return error.message;
    throw new Error('no problem page', { cause: error });
  };
  const command = async (...args: string[]) => {
    const said: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      said.push(String(line));
      return true;
    });
    try {
      const code = await runCommand(['providers', ...args, '--config', config], {});
      return { code, said: said.join('') };
    } finally {
      write.mockRestore();
    }
  };

  it('lets a citizen in whose provider has just changed its key: the registry is asked at once', async () => {
    const before = registry.requests.length;
    expect(await problem(gateway.login(request()))).toContain('403');
    expect(registry.requests.length).toBe(before + 1);
    rotated = true;
    registry.serve(() => aggregate(gateway.providers));
    // Another process is asked first, as an operator would: this one has just looked and waits five minutes.
    const { code, said } = await command('refresh');
    expect([code, said]).toEqual([
      0,
      expect.stringMatching(/^changed\n {2}key-added.*\n {2}key-removed/) as string,
    ]);
    await vi.waitFor(
      async () => expect((await gateway.login(request())).searchParams.get('code')).toBeTruthy(),
      { timeout: 15_000, interval: 500 },
    );
  });

  it('stops a provider everywhere: not offered, no way to it, no answer from it; with a dated notice', async () => {
    const [provider] = gateway.providers;
    const [late, hinted] = [browser(), browser()];
    await late.visit('request', request());
    await late.press('choose', provider);
    await late.press('send');
    await late.press('persona', 'anna.rossi');
    const answer = late.press('consent', 'anna.rossi');
    await answer;
    await command('disable', provider, '--notice-it', 'Guasto segnalato dal gestore.');
    const choice = browser();
    await vi.waitFor(
      async () => {
        await choice.visit('request', request());
        expect(choice.page.html).not.toContain(`value="${provider}"`);
      },
      { timeout: 15_000, interval: 500 },
    );
    expect(choice.page.html).toMatch(/l’accesso con questo gestore è sospeso dal \d+ \w+ \d{4}/);
    expect(choice.page.html).toContain('Guasto segnalato dal gestore.');
    expect(choice.page.html).toContain(`value="${gateway.providers[1]}"`);
    await hinted.visit('request with a hint', request({ idp_hint: provider }));
    expect(hinted.page.html).not.toContain('SAMLRequest');
    expect(await problem(late.press('send the response'))).toContain('Gestore momentaneamente sospeso');
    const list = await command('list');
    expect(list.said).toMatch(/off since \d{4}-\d\d-\d\d/);

    expect((await command('enable', provider)).code).toBe(0);
    await vi.waitFor(
      async () => expect((await gateway.login(request())).searchParams.get('code')).toBeTruthy(),
      { timeout: 15_000, interval: 500 },
    );
  });

  it('shows in readiness what operators should see to', async () => {
    const ready = (await (await fetch(`${gateway.url}/health/ready`)).json()) as Record<string, unknown>;
    expect(ready).toMatchObject({ status: 'ok', warnings: expect.any(Array) as unknown[] });
  });

  it('shows providers by name and logo as the unsigned list has them, the logo from the gateway’s own address', async () => {
    const [, id] = gateway.providers;
    const logo =
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10"/></svg>';
    shown.files['/logo.svg'] = logo;
    shown.files['/list'] = JSON.stringify([
      { entity_id: id, organization_name: 'Gestore Mostrato', logo_uri: `${shown.url}/logo.svg` },
      { entity_id: 'https://evil.example', organization_name: 'Nessuno', logo_uri: `${shown.url}/logo.svg` },
    ]);
    await command('refresh');
    const { html } = await vi.waitFor(
      async () => {
        const page = await browser().visit('choose', request());
        expect(page.html).toContain('alt="Gestore Mostrato"');
        return page;
      },
      { timeout: 20_000, interval: 300 },
    );
    expect(html).not.toContain('Nessuno');
    const [, src = ''] = /<img src="([^"]*)" alt="Gestore Mostrato"/.exec(html) ?? [];
    const answer = await fetch(`${gateway.url}${src}`);
    expect([
      answer.status,
      answer.headers.get('content-type'),
      answer.headers.get('x-content-type-options'),
    ]).toEqual([200, 'image/png', 'nosniff']);
    expect(
      Buffer.from(await answer.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    expect((await fetch(`${gateway.url}/spid/logos/${'0'.repeat(64)}.png`)).status).toBe(404);
  });

  it.each([
    [['disable', 'https://nobody.example.it'], 1],
    [['disable'], 2],
    [['list', 'x'], 2],
    [['nonsense'], 2],
  ])('the command providers %j ends with %i', async (args, code) => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect((await command(...args)).code).toBe(code);
    write.mockRestore();
  });
});

/** Files over HTTP, by path. */
async function serveFiles() {
  const files: Record<string, string> = {};
  const server = createServer((asked, response) => {
    const file = files[asked.url ?? ''];
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    files,
    url: `http://127.0.0.1:${port}`,
    stop: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}
