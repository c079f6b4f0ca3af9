import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import type { ConfigurationInput } from '../config/schema.ts';
import { Driver } from '../demo/driver.ts';
import { PERSONAS, personaOf } from '../demo/personas.ts';
import { startDemo, type Demo, type DemoOptions, type DemoUrls } from '../demo/start.ts';
import { settingsOf, yourService } from '../demo/your-service.ts';
import { systemClock } from '../operations/clock.ts';
import { Misconfigured } from '../operations/errors.ts';
import { createLog } from '../operations/log.ts';
import { testProvider } from '../selfcheck/provider.ts';
import { targetsAt } from '../selfcheck/target.ts';
import { administratorCode } from './admin.ts';
import { REPORT_OPTIONS, reported, reportFault } from './check.ts';
import { complain } from './output.ts';
import { stopSignal } from './start.ts';

export const USAGE = `demo                     a service, the gateway and an invented SPID provider on this machine, until Ctrl+C

  --login USER           one whole login instead, as a browser would do it; prints what the service gets
  --check                the self-check instead (--json FILE, --html FILE, --lang it|en, --suite all|official)
  --port 3000            of the gateway; three more ports follow it
  --data DIRECTORY       keeps keys and database there (default: thrown away)
  --store URL            sqlite:<path> or postgres://…
  --binding post|redirect
  --auto USER            the provider answers for that citizen without asking: for conformance tools
  --redirect-uri URL     a service of yours that citizens come back to there; prints what its library has to be told
  --backchannel-logout-uri URL     where that service wants to be told that a citizen has left
  --clients FILE         further services, and union APIs, as under "clients" and "apis" in gateway.example.yaml
  --public-urls A,B,C    https addresses of gateway, provider and service behind a proxy (docs/conformance.md)

USER: ${PERSONAS.map(({ user }) => user).join(', ')}
`;

/** Three more ports follow the first. */
const LAST_PORT = 65_532;

/**
 * `npm run demo`: three origins to try a login by hand, or with `--login` one whole login as a browser would do it;
 * with `--check` the self-check against the demo's gateway.
 */
export async function runDemo(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      login: { type: 'string' },
      auto: { type: 'string' },
      clients: { type: 'string' },
      'redirect-uri': { type: 'string' },
      'backchannel-logout-uri': { type: 'string' },
      'public-urls': { type: 'string' },
      port: { type: 'string', default: '3000' },
      data: { type: 'string' },
      binding: { type: 'string', default: 'post' },
      store: { type: 'string' },
      check: { type: 'boolean', default: false },
      ...REPORT_OPTIONS,
    },
  });
  const { login } = values;
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > LAST_PORT)
    return complain('demo', `--port: found ${values.port}; allowed: 1 to ${LAST_PORT}`);
  if (values.binding !== 'post' && values.binding !== 'redirect')
    return complain('demo', `--binding: found ${values.binding}; allowed: post, redirect`);
  if (login !== undefined && !personaOf(login)) {
    return complain(
      'demo',
      `--login: found ${login}; allowed: ${PERSONAS.map(({ user }) => user).join(', ')}`,
    );
  }
  const { auto } = values;
  if (auto !== undefined && !personaOf(auto))
    return complain('demo', `--auto: found ${auto}; allowed: ${PERSONAS.map(({ user }) => user).join(', ')}`);
  const publicUrls = urlsIn(values['public-urls']);
  if (publicUrls === null)
    return complain(
      'demo',
      '--public-urls: allowed: three https addresses, of gateway, provider and service, with commas between',
    );
  const reportComplaint = reportFault(values);
  if (reportComplaint !== undefined) return complain('demo', reportComplaint);
  const { 'redirect-uri': redirectUri, 'backchannel-logout-uri': toldAt } = values;
  if (redirectUri === undefined ? toldAt !== undefined : !isWebAddress(redirectUri))
    return complain(
      'demo',
      '--redirect-uri: allowed: the http:// or https:// address where citizens come back to your service',
    );
  const service = redirectUri === undefined ? undefined : yourService(redirectUri, toldAt);
  const declared = values.clients === undefined ? {} : declaredIn(values.clients);
  // What a service does wrong is seen here at once; the other two print one answer and nothing else.
  const log = createLog({ level: login === undefined && !values.check ? 'info' : 'silent' });
  const provider = values.check ? await testProvider('https://autoverifica.invalid', systemClock) : undefined;
  const demo = await startDemo({
    port,
    publicUrls,
    clients: [...(service ? [service] : []), ...(declared.clients ?? [])],
    apis: declared.apis,
    data: values.data,
    storeUrl: values.store,
    binding: values.binding,
    automatic: values.auto,
    // To try services of one's own in the console; behind a proxy there is no address for it.
    testStage: login === undefined && !values.check && !publicUrls,
    testProvider: provider?.metadata,
    clock: systemClock,
    log,
  });
  try {
    if (provider) {
      const { gatewayUrl } = demo;
      return await reported(values, async () => ({
        targets: await targetsAt(gatewayUrl, provider.entityId, undefined),
        provider,
      }));
    }
    if (login === undefined) {
      const settings = service && settingsOf(service, demo.gatewayUrl);
      process.stdout.write(welcome(demo, await administratorCode(demo.configuration), settings));
      await stopSignal();
      return 0;
    }
    process.stdout.write(`${JSON.stringify(await loginOnce(demo, login), null, 2)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await demo.stop();
  }
}

/** The public addresses of the demo behind a proxy. @returns null when they are not three https addresses */
function urlsIn(list: string | undefined): DemoUrls | undefined | null {
  if (list === undefined) return undefined;
  const [gatewayUrl, identityProviderUrl, suapUrl, ...more] = list.split(',');
  if (!gatewayUrl || !identityProviderUrl || !suapUrl || more.length > 0) return null;
  const urls = { gatewayUrl, identityProviderUrl, suapUrl };
  return Object.values(urls).every((url) => URL.canParse(url) && new URL(url).origin === url) ? urls : null;
}

/** Of `localhost:5000/callback` the host would be a scheme. */
function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Services and union APIs of a file, as in a configuration; each is checked with the rest of it. */
function declaredIn(file: string): Pick<DemoOptions, 'clients' | 'apis'> {
  let content: Pick<ConfigurationInput, 'clients' | 'apis'> | null;
  try {
    content = parse(readFileSync(file, 'utf8'), { merge: true }) as typeof content;
  } catch (cause) {
    throw new Misconfigured('file_missing', `${file}: cannot be read as YAML`, { cause });
  }
  if (!Array.isArray(content?.clients))
    throw new Misconfigured('clients_missing', `${file}: clients: allowed: a list of services`);
  return { clients: content.clients, apis: content.apis };
}

/** One whole login, from the service's first page to its page for who is logged in. */
export async function loginOnce(
  demo: Pick<Demo, 'suapUrl' | 'identityProviderUrl'>,
  user: string,
): Promise<unknown> {
  const browser = new Driver();
  await browser.visit('open the service', demo.suapUrl);
  await browser.click('press "Accedi"', 'Accedi');
  const choice = await browser.press('choose the identity provider', demo.identityProviderUrl);
  // By POST there is a page in between that sends itself; by Redirect there is none.
  if (choice.html.includes('name="SAMLRequest"')) await browser.press('send the authentication request');
  await browser.press('choose the persona', user);
  await browser.press('consent', user);
  await browser.press('send the response');
  const result = await browser.visit('read the claims', `${demo.suapUrl}/me.json`);
  return JSON.parse(result.html) as unknown;
}

function welcome(
  { gatewayUrl, identityProviderUrl, testStageUrl, suapUrl }: Demo,
  code: string,
  settings: string | undefined,
): string {
  const personas = PERSONAS.map(({ user, about }) => `    ${user.padEnd(20)}${about.en}`).join('\n');
  return `
  Everything is running on this machine; nothing leaves it.

    SUAP, a service           ${suapUrl}      start here: press "Accedi"
    the gateway               ${gatewayUrl}
    its console               ${gatewayUrl}/admin/invitation      log in as anna.rossi and enter ${code}
    a SPID provider           ${identityProviderUrl}      invented, asks who you want to be
${
  testStageUrl === undefined
    ? ''
    : `    another, for tests        ${testStageUrl}      for services that you register in the console and that are not live yet\n`
}
${settings === undefined ? '' : `\n  Your service has to know:\n${settings}`}
  Invented citizens:
${personas}

  Try:
    ${suapUrl}/login?acr_values=https://www.spid.gov.it/SpidL1     ask for a lower level: the service's minimum stands
    ${suapUrl}/login?prompt=login                                  ask for a fresh login
    ${suapUrl}/login?idp_hint=${identityProviderUrl}               skip the choice of a provider
    ${suapUrl}/login?ui_locales=en                                 pages in English
    ${gatewayUrl}/spid                                             the SPID metadata
    ${gatewayUrl}/.well-known/openid-configuration                 what any OpenID library needs

  What is refused, and why, is written below (docs/services.md, Errors). Stop with Ctrl+C.

`;
}
