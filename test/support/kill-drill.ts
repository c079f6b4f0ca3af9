import { createHash, createPrivateKey, randomBytes, randomInt } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfiguration } from '../../src/config/load.ts';
import { StepFailed } from '../../src/demo/driver.ts';
import { openRegister } from '../../src/gateway/register.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { inspectRegister } from '../../src/register/inspect.ts';
import { openStore } from '../../src/store/store.ts';
import { browserWithin, untilClient } from './gateway.ts';
import { startGatewayProcess, type GatewayInProcess } from './gateway-process.ts';

/** What a drill found. */
export interface DrillReport {
  readonly kills: number;
  /** Citizens who got to the service with a code. */
  readonly logins: number;
  /** Services that got a token for it. */
  readonly tokens: number;
  readonly entries: number;
  /** Each code and token that no entry accounts for; each answer that was used and is not registered. */
  readonly unaccounted: readonly string[];
  readonly faults: readonly string[];
}

/** A process lives at most so long after it answers, in milliseconds. */
const LONGEST_LIFE_MS = 400;

/**
 * Kills the gateway's process at random moments while citizens log in all the time, starts it again, and compares what
 * browsers and services got with what the register says.
 * @param options.until the killing ends then, however many kills are left
 */
export async function killDrill(
  storeUrl: string,
  kills: number,
  {
    citizens = 4,
    report = () => {},
    until = new Date(8.64e15),
  }: { citizens?: number; report?: (kills: number) => void; until?: Date } = {},
): Promise<DrillReport> {
  const setting = await startGatewayProcess(storeUrl);
  quickToOpen(setting);
  const got = { codes: [] as string[], tokens: [] as string[] };
  let running = true;
  let up: Promise<void> = Promise.resolve();
  try {
    const crowd = Array.from({ length: citizens }, async () => {
      while (running) {
        await up;
        await oneLogin(setting, got).catch((error: unknown) => {
          if (!(error instanceof StepFailed || error instanceof TypeError)) throw error;
        });
      }
    });
    let killed = 0;
    while (killed < kills && systemClock.now() < until) {
      await delay(randomInt(LONGEST_LIFE_MS));
      await setting.gateway.kill();
      up = setting.gateway.start();
      await up;
      report(++killed);
    }
    await delay(LONGEST_LIFE_MS);
    running = false;
    await Promise.all(crowd);
    return {
      kills: killed,
      logins: got.codes.length,
      tokens: got.tokens.length,
      ...(await account(setting, got)),
    };
  } finally {
    running = false;
    await setting.stop();
  }
}

/** Keys that cost next to nothing to open: a drill opens them a thousand times, and its passphrase guards nothing. */
function quickToOpen({ directory }: GatewayInProcess): void {
  const { keys } = loadConfiguration(join(directory, 'gateway.yaml'), {});
  for (const name of readdirSync(keys.directory).filter((file) => file.endsWith('.key.pem'))) {
    const file = join(keys.directory, name);
    const key = createPrivateKey({ key: readFileSync(file), passphrase: keys.passphrase });
    const encryption = { cipher: 'aes-256-cbc', passphrase: keys.passphrase };
    writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem', ...encryption }));
  }
}

/** A citizen logs in, and the service redeems her code. */
async function oneLogin(
  { gatewayUrl, identityProviderUrl, suapUrl }: GatewayInProcess,
  got: { codes: string[]; tokens: string[] },
): Promise<void> {
  const verifier = randomBytes(32).toString('base64url');
  const redirect = `${suapUrl}/code`;
  const query = new URLSearchParams({
    client_id: 'try-it',
    response_type: 'code',
    scope: 'openid profile',
    redirect_uri: redirect,
    code_challenge_method: 'S256',
    idp_hint: identityProviderUrl,
    state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  });
  const browser = browserWithin([gatewayUrl, identityProviderUrl]);
  const url = await untilClient(async () => {
    await browser.visit('authorization request', `${gatewayUrl}/oidc/auth?${query}`);
    await browser.press('send the request');
    await browser.press('choose the persona', 'anna.rossi');
    await browser.press('consent', 'anna.rossi');
    await browser.press('send the response');
  });
  const code = url.searchParams.get('code');
  if (code === null) return;
  got.codes.push(code);
  const response = await fetch(`${gatewayUrl}/oidc/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'try-it',
      code,
      redirect_uri: redirect,
      code_verifier: verifier,
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token !== undefined) got.tokens.push(token);
}

async function account(
  { directory }: GatewayInProcess,
  got: { readonly codes: readonly string[]; readonly tokens: readonly string[] },
): Promise<Pick<DrillReport, 'entries' | 'unaccounted' | 'faults'>> {
  const configuration = loadConfiguration(join(directory, 'gateway.yaml'), {});
  const { passphrase } = configuration.keys;
  const register = openRegister(configuration, loadKeys(configuration.keys.directory, { passphrase }));
  const store = await openStore(configuration.store.url, systemClock);
  try {
    const { entries, faults } = await inspectRegister(store.db, 'unione', register.keys.of('unione'));
    const rows = await store.db
      .selectFrom('register_entries')
      .select(['transaction_id', 'kind', 'outcome', 'request_id'])
      .execute();
    const kinds = new Map<string, Set<string>>();
    for (const { transaction_id, kind, outcome } of rows)
      kinds.set(transaction_id, (kinds.get(transaction_id) ?? new Set()).add(`${kind} ${outcome ?? ''}`));
    const issued = new Map<string, string>();
    for (const [transaction, seen] of kinds) {
      if (!seen.has('granted ')) continue;
      for (const evidence of await register.evidence(store.db, transaction))
        if (typeof evidence['idHash'] === 'string') issued.set(evidence['idHash'], transaction);
    }
    const complete = (id: string, kind: string) => {
      const seen = kinds.get(issued.get(createHash('sha256').update(id).digest('base64url')) ?? '');
      return seen && ['request ', 'response accepted', kind].every((needed) => seen.has(needed));
    };
    const answered = new Set(
      rows.filter(({ kind }) => kind === 'response').map(({ request_id }) => request_id),
    );
    const consumed = await store.db
      .selectFrom('pending_requests')
      .select('id')
      .where('consumed_at', 'is not', null)
      .execute();
    const requests = new Set(
      rows.filter(({ kind }) => kind === 'request').map(({ request_id }) => request_id),
    );
    const pending = await store.db.selectFrom('pending_requests').select('id').execute();
    return {
      entries,
      faults: faults.map(({ seq, kind, detail }) => `${seq}: ${kind} – ${detail}`),
      unaccounted: [
        ...got.codes.filter((code) => !complete(code, 'granted ')).map(() => 'a code'),
        ...got.tokens.filter((token) => !complete(token, 'tokens ')).map(() => 'a token'),
        ...consumed.filter(({ id }) => !answered.has(id)).map(() => 'an answer'),
        ...pending.filter(({ id }) => !requests.has(id)).map(() => 'a request'),
      ],
    };
  } finally {
    await store.close();
  }
}
