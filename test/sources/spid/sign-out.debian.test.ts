import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Journey } from '../../../src/sources/source.ts';
import { answerLogoutRequest } from '../../../src/sources/spid/logout.ts';
import { acceptLogoutResponse } from '../../../src/sources/spid/sign-out.ts';
import { ENTITY, newKey, type TestKey } from './fixtures.ts';
import { logoutResponseXml, NOW, PROVIDER, signOutRoom, SLO } from './sign-out-room.ts';

const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

describe('single logout, with signatures of xmlsec1 and openssl', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sign-out-judges-'));
  let room: Awaited<ReturnType<typeof signOutRoom>>;
  let own: TestKey;
  let provider: TestKey;

  beforeAll(async () => {
    [own, provider] = await Promise.all([newKey('own'), newKey('provider')]);
    room = await signOutRoom('sqlite::memory:', { own, provider });
  });
  afterAll(async () => {
    await room.store.close();
    rmSync(directory, { recursive: true });
  });

  const file = (name: string, content: string | Uint8Array) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });

  /** What xmlsec1 makes of a message, signed after its Issuer. */
  function signed(xml: string, kind: string, id: string): string {
    const algorithm = (name: string, uri: string, more = '') =>
      `<ds:${name} Algorithm="${uri}"${more || '/'}>`;
    const template =
      `<ds:Signature xmlns:ds="${DSIG}"><ds:SignedInfo>${algorithm('CanonicalizationMethod', EXCLUSIVE)}` +
      `${algorithm('SignatureMethod', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')}` +
      `<ds:Reference URI="#${id}"><ds:Transforms>${algorithm('Transform', `${DSIG}enveloped-signature`)}` +
      `${algorithm('Transform', EXCLUSIVE)}</ds:Transforms>` +
      `${algorithm('DigestMethod', 'http://www.w3.org/2001/04/xmlenc#sha256')}<ds:DigestValue/></ds:Reference>` +
      `</ds:SignedInfo><ds:SignatureValue/></ds:Signature>`;
    const path = file('message.xml', xml.replace('</saml:Issuer>', `</saml:Issuer>${template}`));
    const key = file('key.pem', provider.privatePem);
    return run(
      'xmlsec1',
      '--sign',
      '--privkey-pem',
      key,
      '--id-attr:ID',
      `${SAMLP}:${kind}`,
      path,
    ).toString();
  }
  const form = (parameter: string, xml: string, relayState: string) =>
    ({
      binding: 'post',
      form: new Map([
        [parameter, Buffer.from(xml).toString('base64')],
        ['RelayState', relayState],
      ]),
    }) as const;

  it('xmlsec1 verifies the request that leaves by POST', async () => {
    const { xml } = await room.leave('post');
    const certificate = file('own.pem', own.certificatePem);
    run(
      'xmlsec1',
      ...['--verify', '--enabled-key-data', 'x509,rsa', '--pubkey-cert-pem', certificate],
      ...['--id-attr:ID', `${SAMLP}:LogoutRequest`, file('request.xml', xml)],
    );
  });

  it('openssl verifies the query of the request that leaves by Redirect', async () => {
    const { departure } = await room.leave('redirect');
    if (departure.kind !== 'redirect') throw new Error('not by Redirect');
    const query = departure.url.split('?')[1] ?? '';
    const [text = '', signature = ''] = query.split('&Signature=');
    const key = createPublicKey(own.privateKey).export({ type: 'spki', format: 'pem' });
    const output = run(
      'openssl',
      ...['dgst', '-sha256', '-verify', file('own-public.pem', key.toString())],
      ...['-signature', file('signature', Buffer.from(decodeURIComponent(signature), 'base64'))],
      file('query', text),
    );
    expect(output.toString()).toContain('Verified OK');
  });

  it('an answer that xmlsec1 signed is taken, and not when one letter is changed afterwards', async () => {
    const { id, relayState, path } = await room.leave('post');
    const answer = signed(logoutResponseXml(id), 'LogoutResponse', '_ls1');
    const accept = (xml: string) =>
      acceptLogoutResponse(room.options, ENTITY, form('SAMLResponse', xml, relayState), room.journey);
    const altered = answer.replace('status:Success', 'status:Responder');
    await expect(accept(altered)).rejects.toMatchObject({ code: 'logout_signature' });
    expect(await accept(answer)).toBe(path);
  });

  it('a request that xmlsec1 signed closes the sessions it names, once', async () => {
    const request = `<samlp:LogoutRequest xmlns:samlp="${SAMLP}" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_lq1" Version="2.0" IssueInstant="${NOW.toISOString()}" Destination="${SLO}"><saml:Issuer>${PROVIDER}</saml:Issuer><saml:NameID>_n5d0c</saml:NameID><samlp:SessionIndex>_s77</samlp:SessionIndex></samlp:LogoutRequest>`;
    const ended: unknown[] = [];
    const journey = {
      end: async (_transaction: unknown, upstream: unknown) => {
        ended.push(upstream);
        return [];
      },
    } as unknown as Journey;
    const arrival = form('SAMLRequest', signed(request, 'LogoutRequest', '_lq1'), 'relay');
    await answerLogoutRequest(room.options, ENTITY, arrival, journey);
    expect(ended).toEqual([{ provider: PROVIDER, nameId: '_n5d0c', sessionIndex: '_s77' }]);
    await expect(answerLogoutRequest(room.options, ENTITY, arrival, journey)).rejects.toMatchObject({
      code: 'logout_replayed',
    });
    expect(ended).toHaveLength(1);
  });
});
