import type * as crypto from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { verifyEnveloped } from '../../src/saml/signature.ts';
import { parseXml } from '../../src/saml/xml.ts';
import { providerKey, responseXml, signed } from '../support/spid-response.ts';

/** What the cryptographic library answers instead of the truth. */
const answer = vi.hoisted(() => ({ of: undefined as (() => unknown) | undefined }));
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof crypto>();
  return {
    ...real,
    verify: (...parameters: Parameters<typeof real.verify>) =>
      answer.of ? answer.of() : real.verify(...parameters),
  };
});
afterEach(() => {
  answer.of = undefined;
});

function verdict(): unknown {
  using document = parseXml(Buffer.from(signed(responseXml())), { bytes: 1e6 });
  return verifyEnveloped(document, document.root, [providerKey.publicKey]);
}

describe('S33 CVE-2019-3465 CVE-2016-9955 a signature counts as verified', () => {
  it('when the library says true', () => {
    expect(verdict()).toBeDefined();
  });

  it.each([-1, 0, 1, undefined, null, 'true', {}, false])('and not when it says %j', (says) => {
    answer.of = () => says;
    expect(verdict()).toBeUndefined();
  });

  it('and not when it fails', () => {
    answer.of = () => {
      throw new Error('error:1C880004:Provider routines::RSA lib');
    };
    expect(verdict()).toBeUndefined();
  });
});
