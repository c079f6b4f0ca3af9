import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { Driver } from '../src/demo/driver.ts';
import { systemClock } from '../src/operations/clock.ts';
import { testProvider, type TestProvider } from '../src/selfcheck/provider.ts';
import { fieldsOf } from '../test/support/anomalies.ts';
import { genuineAnswer } from '../test/support/genuine-answer.ts';
import { startGatewayProcess, type GatewayInProcess } from '../test/support/gateway-process.ts';
import { hostileDocuments } from './hostile-documents.ts';
import { machine, quantile, table } from './measure.ts';

/** As many hostile documents are on their way at any moment. */
const AT_ONCE = 4;

/** Probes of a load are not less than this: fewer have no 99th percentile. */
const PROBES = 500;

const agent = new Agent({ keepAlive: true });

/**
 * How long `/health/live` waits while hostile documents arrive at the assertion consumer service of a gateway in a
 * process of its own: the CPU time that its event loop spent between question and answer, so that what else the machine
 * does is not counted; and the time on the clock. Linux only.
 * @param seconds for each load, at least
 */
export async function waitingFor(seconds: number): Promise<string> {
  const provider = await testProvider('https://provider.invalid', systemClock);
  const running = await startGatewayProcess('sqlite:gateway.db', [provider.metadata]);
  try {
    const genuine = await answered(running, provider);
    const bodies = Object.values(hostileDocuments(genuine.xml)).map((xml) => bodyOf(xml, genuine.relayState));
    const ordinary = [bodyOf(genuine.xml.replace('>Mario<', '>Luigi<'), genuine.relayState)];
    const rows = [
      await underLoad('nothing else', running, [], seconds),
      await underLoad('ordinary responses, changed', running, ordinary, seconds),
      await underLoad('hostile documents', running, bodies, seconds),
    ];
    return [
      `Waiting for /health/live, in ms (${machine()}; ${AT_ONCE} documents at once):`,
      '',
      table(['meanwhile', 'documents', 'probes', 'CPU p50', 'CPU p99', 'CPU max', 'clock p99'], rows),
    ].join('\n');
  } finally {
    await running.stop();
  }
}

/** A request that left, and a genuine answer to it, as an attacker may have got hold of one. */
async function answered({ gatewayUrl, suapUrl }: GatewayInProcess, provider: TestProvider) {
  const browser = new Driver();
  const query = new URLSearchParams({
    client_id: 'try-it',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${suapUrl}/code`,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    idp_hint: provider.entityId,
  });
  await browser.visit('request', `${gatewayUrl}/oidc/auth?${query.toString()}`);
  const { requestId, relayState } = fieldsOf(browser.page.html);
  const xml = genuineAnswer(provider, gatewayUrl, requestId, undefined, {});
  return { xml, relayState };
}

function bodyOf(xml: string, relayState: string): string {
  const fields = { SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: relayState };
  return new URLSearchParams(fields).toString();
}

async function underLoad(
  name: string,
  { gateway, gatewayUrl }: GatewayInProcess,
  bodies: readonly string[],
  seconds: number,
): Promise<readonly string[]> {
  const over = new AbortController();
  let documents = 0;
  const post = async (from: number) => {
    for (let at = from; !over.signal.aborted; at++) {
      await ask(`${gatewayUrl}/spid/unione/acs`, bodies[at % bodies.length]);
      documents++;
    }
  };
  const posting = bodies.length > 0 ? Array.from({ length: AT_ONCE }, (_, at) => post(at)) : [];
  const cpu: number[] = [];
  const clock: number[] = [];
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until || clock.length < PROBES) {
    const [spent, started] = [loopMs(gateway.pid), performance.now()];
    await ask(`${gatewayUrl}/health/live`);
    cpu.push(loopMs(gateway.pid) - spent);
    clock.push(performance.now() - started);
  }
  over.abort();
  await Promise.all(posting);
  const ms = (value: number) => value.toFixed(1);
  return [
    name,
    String(documents),
    String(clock.length),
    ms(quantile(cpu, 0.5)),
    ms(quantile(cpu, 0.99)),
    ms(Math.max(...cpu)),
    ms(quantile(clock, 0.99)),
  ];
}

/** CPU time of the thread that runs the event loop, which is a process's first, in milliseconds. */
function loopMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

function ask(url: string, body?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      body === undefined
        ? { agent }
        : {
            agent,
            method: 'POST',
            headers: {
              'Content-Type': 'application/x-www-form-urlencoded',
              'Content-Length': Buffer.byteLength(body),
            },
          },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve());
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
