import { randomBytes, X509Certificate } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cipherOf } from '../../src/keys/cipher.ts';
import { keyedHashOf } from '../../src/keys/keyed-hash.ts';
import type { Clock } from '../../src/operations/clock.ts';
import { RegistryPins, type RegistryPinsOptions } from '../../src/sources/spid/federation/pins.ts';
import type { Store } from '../../src/store/store.ts';

/** A registry of identity providers over real HTTP, as good or as bad as the test wants it. */
export interface TestRegistry {
  readonly url: string;
  /** What it answers from now on. */
  serve(answer: RegistryAnswer): void;
  /** Headers of every request so far. */
  readonly requests: readonly IncomingHttpHeaders[];
  stop(): Promise<void>;
}

export type RegistryAnswer =
  | string
  | Buffer
  | { readonly status: number; readonly location?: string }
  | { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> }
  /** Half an answer, then nothing. */
  | { readonly hangAfter: string }
  | (() => Promise<string>);

export async function startRegistry(): Promise<TestRegistry> {
  let answer: RegistryAnswer = { status: 404 };
  let version = 0;
  const requests: IncomingHttpHeaders[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.headers);
    void (async () => {
      const now = typeof answer === 'function' ? await answer() : answer;
      if (typeof now === 'object' && 'status' in now)
        response.writeHead(now.status, now.location ? { location: now.location } : {}).end();
      else if (typeof now === 'object' && 'body' in now) response.writeHead(200, now.headers).end(now.body);
      else if (typeof now === 'object' && 'hangAfter' in now) response.writeHead(200).write(now.hangAfter);
      else if (request.headers['if-none-match'] === `"v${version}"`) response.writeHead(304).end();
      else
        response
          .writeHead(200, { etag: `"v${version}"`, 'last-modified': 'Thu, 05 Mar 2026 18:00:00 GMT' })
          .end(now);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/entities.xml`,
    serve(next) {
      answer = next;
      version++;
    },
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Keys as every process of one gateway has them. */
export const PIN_KEYS: RegistryPinsOptions['keys'] = {
  cipher: cipherOf([{ id: 'test', key: randomBytes(32) }]),
  personHash: keyedHashOf([{ id: 'test', key: randomBytes(32) }]),
  derived: (purpose) => [purpose],
};

/** Certificates that the configuration pins. @param signers PEM */
export function pinsOf(
  url: string,
  signers: readonly string[],
  { store, clock }: { readonly store: Store; readonly clock: Clock },
): RegistryPins {
  const configured = signers.map((pem, at) => ({ name: `pin ${at}`, certificate: new X509Certificate(pem) }));
  return new RegistryPins({ url, configured, store, clock, keys: PIN_KEYS });
}
