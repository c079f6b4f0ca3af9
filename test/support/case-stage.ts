import { createServer } from 'node:http';
import { expect } from 'vitest';
import { systemClock, type Clock } from '../../src/operations/clock.ts';
import type { Log } from '../../src/operations/log.ts';
import type { Case } from '../../src/selfcheck/cases.ts';
import { play, type Stage } from '../../src/selfcheck/play.ts';
import { testProvider } from '../../src/selfcheck/provider.ts';
import { readServiceProvider } from '../../src/selfcheck/service-provider.ts';
import type { Sign } from '../../src/selfcheck/signer.ts';
import { openStore } from '../../src/store/store.ts';
import { freePorts } from './demo.ts';
import { startTestGateway } from './gateway.ts';

/** A gateway, a service that waits for codes, and a provider that plays cases: everything over HTTP. */
export interface CaseStage {
  readonly gatewayUrl: string;
  /** Plays a case from the service's request to its end, and holds the end against what the case says. */
  prove(played: Case): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param sign the implementation of XML Signature that the provider uses
 * @param options.providerClock where it differs from the gateway's
 */
export async function openCaseStage(
  storeUrl: string,
  sign: Sign,
  options: { readonly log?: Log; readonly providerClock?: Clock } = {},
): Promise<CaseStage> {
  const codes: string[] = [];
  const port = await freePorts(1);
  const callback = `http://127.0.0.1:${port}/callback`;
  const service = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', callback);
    const code = searchParams.get('code');
    if (code && searchParams.get('state') === 'of-the-service') codes.push(code);
    response.writeHead(code ? 200 : 400).end();
  }).listen(port, '127.0.0.1');
  const provider = await testProvider('https://provider.invalid', systemClock);
  const gateway = await startTestGateway({
    storeUrl,
    trusted: [provider.metadata],
    ...(options.log ? { log: options.log } : {}),
    clients: [
      {
        id: 'service',
        entity: 'unione',
        name: { it: 'Servizio' },
        homePage: callback,
        redirectUris: [callback],
        authMethod: 'none',
        attributes: [{ name: 'name', purpose: { it: 'salutare' }, required: true }],
      },
    ],
  });
  const store = await openStore(storeUrl, systemClock);
  const serviceProvider = readServiceProvider(await (await fetch(`${gateway.url}/spid`)).text());
  if (!serviceProvider) throw new Error('the gateway publishes metadata');
  const stage: Stage = { serviceProvider, provider, clock: options.providerClock ?? systemClock, sign };
  const query = new URLSearchParams({
    client_id: 'service',
    response_type: 'code',
    scope: 'openid profile',
    redirect_uri: callback,
    state: 'of-the-service',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    idp_hint: provider.entityId,
  });

  return {
    gatewayUrl: gateway.url,
    async prove(played) {
      codes.length = 0;
      const result = await play(stage, `${gateway.url}/oidc/auth?${query.toString()}`, played);
      const { outcome } = await store.db
        .selectFrom('register_entries')
        .select('outcome')
        .where('kind', '=', 'response')
        .orderBy('seq', 'desc')
        .executeTakeFirstOrThrow();
      const letIn = result.expected === 'OK';
      expect(result).toMatchObject({ passed: true, status: letIn ? 200 : statusOf(played) });
      expect(outcome).toBe(letIn ? 'accepted' : registeredAs(played));
      // Of a stolen answer the first use is the citizen's own.
      expect(codes).toHaveLength(letIn || played.delivery?.again ? 1 : 0);
    },
    async stop() {
      await store.close();
      await gateway.stop();
      service.close();
    },
  };
}

/** Malformed, unsolicited and late answers are 400; what a provider could be believed to have meant is 403. */
function statusOf({ check, delivery }: Case): number {
  return check?.startsWith('T') || check === 'C1' || delivery?.again || delivery?.elsewhere ? 400 : 403;
}

/** Errors of the citizen are registered by their number, the right answer in the wrong browser as accepted (ADR 0002). */
function registeredAs({ check, anomaly, delivery }: Case): string | undefined {
  if (delivery?.elsewhere) return 'accepted';
  if (check !== 'R7') return check;
  return anomaly === undefined ? 'spid_unknown' : `spid_nr${anomaly}`;
}
