import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API_PATH } from '../../../src/admin/api/resource.ts';
import { startGatewayWithPrograms, tokenOf } from '../../admin/api/caller.ts';
import { deskOf } from '../../admin/fixtures.ts';

/** A gateway to send random input to. */
export interface Fuzzed {
  readonly url: string;
  readonly storeUrl: string;
  /** What the browser of somebody sends who may do everything. */
  administrator(): Promise<{ readonly cookie: string; readonly csrf: string }>;
  /** The token of a program that may do everything, and what there is to do: method and path. */
  program(): Promise<{
    readonly token: string;
    readonly operations: readonly (readonly [method: string, path: string])[];
  }>;
  stop(): Promise<void>;
}

/** How long a session or a token is used before there is another one, in milliseconds: both end by themselves. */
const USED_MS = 5 * 60 * 1000;

/** @param trusted metadata of identity providers of the caller's own */
export async function openFuzzed(trusted: readonly string[] = []): Promise<Fuzzed> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-fuzz-'));
  const callback = 'http://127.0.0.1:1/callback';
  const storeUrl = `sqlite:${join(directory, 'gateway.db')}`;
  const gateway = await startGatewayWithPrograms(storeUrl, {
    trusted,
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
    administrator: renewed(async (again) => {
      const desk = await deskOf(gateway, 'anna.rossi', again ? undefined : 'union-administrator');
      const { csrf } = await desk.get('/admin/new-service');
      return { cookie: desk.cookieFor('/admin'), csrf };
    }),
    program: renewed(async () => {
      const token = await tokenOf(gateway, 'machine-union-administrator', 'union-administrator');
      const description = (await (await fetch(`${gateway.url}${API_PATH}/openapi.json`)).json()) as {
        paths: Record<string, Record<string, unknown>>;
      };
      const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => [method.toUpperCase(), path.replace(API_PATH, '')] as const),
      );
      return { token, operations };
    }),
    async stop() {
      await gateway.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

/** @param make told whether it was called before */
function renewed<T>(make: (again: boolean) => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  let at = 0;
  return () => {
    if (!made || performance.now() - at > USED_MS) {
      at = performance.now();
      made = make(made !== undefined);
    }
    return made;
  };
}
