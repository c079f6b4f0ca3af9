import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestGateway } from '../../support/gateway.ts';

/** A gateway to send random input to. */
export interface Fuzzed {
  readonly url: string;
  readonly storeUrl: string;
  stop(): Promise<void>;
}

/** @param trusted metadata of identity providers of the caller's own */
export async function openFuzzed(trusted: readonly string[] = []): Promise<Fuzzed> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-fuzz-'));
  const callback = 'http://127.0.0.1:1/callback';
  const storeUrl = `sqlite:${join(directory, 'gateway.db')}`;
  const gateway = await startTestGateway({
    trusted,
    storeUrl,
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
  return {
    url: gateway.url,
    storeUrl,
    async stop() {
      await gateway.stop();
      rmSync(directory, { recursive: true });
    },
  };
}
