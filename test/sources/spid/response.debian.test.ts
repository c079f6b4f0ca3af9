import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { judge } from '../../../src/sources/spid/response.ts';
import { arrival, FISCAL_NUMBER, providerKey, responseXml } from '../../support/spid-response.ts';

const directory = mkdtempSync(join(tmpdir(), 'gateway-xmlsec-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** An empty signature for xmlsec1 to fill in. */
const template = (id: string) =>
  `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`;

/** Signs, with xmlsec1, the first signature template below the element with this ID. */
function signWithXmlsec(xml: string, id: string): string {
  const [keyFile, file] = [join(directory, 'key.pem'), join(directory, `${id}.xml`)];
  writeFileSync(keyFile, providerKey.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(
    file,
    xml.replace(`<!--signature:${id}-->`, () => template(id)),
  );
  const ids = ['protocol:Response', 'assertion:Assertion'].flatMap((name) => [
    '--id-attr:ID',
    `urn:oasis:names:tc:SAML:2.0:${name}`,
  ]);
  const node = `//*[@ID='${id}']/*[local-name()='Signature']`;
  return execFileSync('xmlsec1', ['--sign', '--privkey-pem', keyFile, ...ids, '--node-xpath', node, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  }).toString();
}

describe('SPID response signed by xmlsec1', () => {
  it("is accepted with both signatures, and with the Assertion's alone", async () => {
    const assertionSigned = signWithXmlsec(responseXml(), '_a1');
    const alone = await judge(arrival(assertionSigned.replace('<!--signature:_r1-->', '')));
    expect(alone).toMatchObject({
      outcome: 'accepted',
      identity: { attributes: { fiscalNumber: FISCAL_NUMBER } },
    });
    const both = await judge(arrival(signWithXmlsec(assertionSigned, '_r1')));
    expect(both).toMatchObject({
      outcome: 'accepted',
      identity: { attributes: { fiscalNumber: FISCAL_NUMBER } },
    });
  });

  it('is refused once a character of it has changed', async () => {
    const both = signWithXmlsec(signWithXmlsec(responseXml(), '_a1'), '_r1');
    expect(await judge(arrival(both.replace('>Mario<', '>Maria<')))).toMatchObject({
      outcome: 'refused',
      check: 'S2',
    });
  });
});
