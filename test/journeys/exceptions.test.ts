import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Driver } from '../../src/demo/driver.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient } from '../support/relying-party.ts';

/** The first provider of a test gateway, which is known by its port before it runs. */
const firstOf = (publicUrl: string) => `http://127.0.0.1:${Number(new URL(publicUrl).port) + 1}`;

describe('a provider that needs another binding than all others (spid-authn-request, 4)', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({
      clients: [testClient('suap')],
      storeUrl: 'sqlite::memory:',
      change: (input) => ({
        ...input,
        sources: {
          spid: {
            ...input.sources.spid,
            exceptions: { [firstOf(input.publicUrl)]: { binding: 'redirect' } },
          },
        },
      }),
    });
  });
  afterAll(() => gateway.stop());

  it.each([
    ['gets its requests by Redirect', 0, true],
    ['and the others get them by POST', 1, false],
  ] as const)('%s', async (_, at, byRedirect) => {
    const service = new RelyingParty(gateway);
    const { url } = await service.request(await service.configure('suap'));
    const visited: URL[] = [];
    const browser = new Driver(async (address) => void visited.push(address));
    await browser.visit('authorization request', url);
    const page = await browser.press('choice of the provider', gateway.providers[at]);
    expect(visited.some(({ searchParams }) => searchParams.has('SAMLRequest'))).toBe(byRedirect);
    expect(page.html.includes('name="SAMLRequest"')).toBe(!byRedirect);
  });
});
