import { spawn, type ChildProcess } from 'node:child_process';
import { createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import * as oidc from 'openid-client';
import { Driver } from '../src/demo/driver.ts';
import { createDemoProvider } from '../src/demo/identity-provider.ts';
import { demoConfiguration } from '../src/demo/start.ts';
import { systemClock } from '../src/operations/clock.ts';
import { listen } from '../src/operations/server.ts';
import { loadAssets } from '../src/web/static/assets.ts';
import { onEveryEngine } from './engines.ts';
import { cpuPerRun, machine, table } from './measure.ts';
import { yaml } from '../test/support/yaml.ts';

const MAIN = resolve(import.meta.dirname, '../src/main.ts');
const STEPS = ['authorization request, AuthnRequest', 'response, code', 'token', 'userinfo'] as const;
/** After the steps, what is no part of a login: the demo's provider reads our metadata at every one, real ones do not. */
const APART = STEPS.length;
/** Logins before the measured ones: compiled code and warm caches, as in a gateway that runs. */
const WARM_UP = 30;

/**
 * Whole logins over HTTP: authorization, choice skipped by hint, AuthnRequest, signed response, code, token, userinfo.
 * The gateway runs in a process of its own; its CPU time is read before and after each step.
 * @param seconds that the measured logins take at least, on each engine
 */
export async function benchLogin(seconds: number): Promise<string> {
  const measured = await onEveryEngine('', (storeUrl) => measure(storeUrl, seconds));
  const floor = await floorMs(seconds);
  const rows = STEPS.map((step, at) => [step, ...measured.map(([, { steps }]) => ms(steps[at] ?? 0))]);
  const all = measured.map(([, { steps }]) => steps.reduce((sum, step) => sum + step, 0));
  return [
    `CPU milliseconds of the gateway's process per login (${machine()}; ${measured.map(([name, { logins }]) => `${logins} logins on ${name}`).join(', ')}):`,
    '',
    table(
      ['step', ...measured.map(([name]) => name)],
      [
        ...rows,
        ['**a login**', ...all.map(ms)],
        ['× floor', ...all.map((total) => (total / floor).toFixed(1))],
        ['logins per second and core', ...all.map((total) => (1000 / total).toFixed(0))],
      ],
    ),
    '',
    `Not counted: ${measured.map(([name, { apart }]) => `${ms(apart)} ms on ${name}`).join(', ')}, in which the demo's provider reads the metadata; real ones do not at every login.`,
    '',
    `Floor: ${ms(floor)} ms for the cryptography alone: two RSA signatures made (AuthnRequest, ID token), two verified.`,
  ].join('\n');
}

interface Measured {
  readonly logins: number;
  /** CPU milliseconds per login. */
  readonly steps: readonly number[];
  /** The same, of what is no part of a login. */
  readonly apart: number;
}

async function measure(storeUrl: string, seconds: number): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
  const [port, providerPort] = [await freePort(), await freePort()];
  const gatewayUrl = `http://localhost:${port}`;
  const providerUrl = `http://127.0.0.1:${providerPort}`;
  const input = demoConfiguration(
    { gatewayUrl, suapUrl: 'http://localhost:1' },
    { port, storeUrl },
    'the secret of the benchmark',
  );
  writeFileSync(join(directory, 'gateway.yaml'), yaml(input));
  const { app, metadata } = await createDemoProvider({
    url: providerUrl,
    assets: loadAssets(),
    clock: systemClock,
    allowedIssuers: input.entities.map(({ entityId }) => entityId),
  });
  mkdirSync(join(directory, 'idp'));
  writeFileSync(join(directory, 'idp', 'demo.xml'), metadata);
  const provider = await listen(app.callback(), '127.0.0.1', providerPort);
  await ended(spawn(process.execPath, [MAIN, 'keys', 'create', '--bits', '2048'], { cwd: directory }));
  const gateway = spawn(process.execPath, [MAIN, 'start'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await untilStarted(gateway);
    const config = await oidc.discovery(
      new URL(gatewayUrl),
      'suap',
      undefined,
      oidc.ClientSecretBasic('the secret of the benchmark'),
      { execute: [oidc.allowInsecureRequests] },
    );
    for (let at = 0; at < WARM_UP; at++) await login(config, providerUrl, () => {});
    const totals = [...STEPS.map(() => 0), 0];
    let logins = 0;
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until) {
      let before = cpuNs(gateway.pid);
      await login(config, providerUrl, (step) => {
        const now = cpuNs(gateway.pid);
        totals[step] = (totals[step] ?? 0) + (now - before);
        before = now;
      });
      logins += 1;
    }
    const perLogin = totals.map((total) => total / logins / 1e6);
    return { logins, steps: perLogin.slice(0, APART), apart: perLogin[APART] ?? 0 };
  } finally {
    gateway.kill('SIGTERM');
    await ended(gateway);
    await provider.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** One login by a new browser; `done` is told as each step ends. */
async function login(
  config: oidc.Configuration,
  provider: string,
  done: (step: number) => void,
): Promise<void> {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const redirect_uri = 'http://localhost:1/callback'; // of the demo's service, which is not running
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: 'openid profile email',
    state: expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    idp_hint: provider,
  });
  let back: URL | undefined;
  const browser = new Driver(async (target) => {
    if (!target.href.startsWith(redirect_uri)) return;
    back = target;
    throw new Error('the service is reached');
  });
  await browser.visit('authorization request', url.href);
  done(0);
  await browser.press('send the request');
  done(APART);
  await browser.press('choose the persona', 'anna.rossi');
  await browser.press('consent', 'anna.rossi');
  await browser.press('send the response').catch((error: unknown) => {
    if (!back) throw error;
  });
  if (!back) throw new Error('the browser never got to the service');
  done(1);
  const tokens = await oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState });
  done(2);
  await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '');
  done(3);
}

/** What no login goes without. */
async function floorMs(seconds: number): Promise<number> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const text = 'x'.repeat(4000);
  const sign = () => createSign('sha256').update(text).sign(privateKey);
  const signature = sign();
  const verify = () => createVerify('sha256').update(text).verify(publicKey, signature);
  const spent = await cpuPerRun(
    [
      ['sign', sign],
      ['verify', verify],
    ],
    Math.min(seconds, 2),
  );
  return 2 * (spent.get('sign') ?? 0) + 2 * (spent.get('verify') ?? 0);
}

/** CPU time of a process, with all its threads, in nanoseconds. */
function cpuNs(pid: number | undefined): number {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).reduce((sum, task) => {
    const [ran = '0'] = readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ');
    return sum + Number(ran);
  }, 0);
}

async function untilStarted(gateway: ChildProcess): Promise<void> {
  if (!gateway.stdout) throw new Error('the gateway says nothing');
  for await (const line of createInterface({ input: gateway.stdout })) {
    if (!line.startsWith('The gateway answers')) continue;
    gateway.stdout.resume();
    return;
  }
  throw new Error('the gateway did not start');
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

function ms(value: number): string {
  return value.toFixed(2);
}
