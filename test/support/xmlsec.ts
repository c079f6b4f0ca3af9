import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sign } from '../../src/selfcheck/signer.ts';

/** xmlsec1 as the signer of a test: what providers of half the world sign with. */
export function xmlsecSigner(): { readonly sign: Sign; readonly directory: string; stop(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-xmlsec-'));
  const [keyFile, file] = [join(directory, 'key.pem'), join(directory, 'message.xml')];
  return {
    directory,
    sign(xml, id, key, { uri = `#${id}`, keyInfo, element = `//*[@ID='${id}']` } = {}) {
      const info =
        keyInfo ?? `<ds:X509Data><ds:X509Certificate>${key.certificate}</ds:X509Certificate></ds:X509Data>`;
      const parent = element.replace(/^.*:/, '');
      const start = new RegExp(element.includes('@ID') ? `<[^>]* ID="${id}"[^>]*>` : `<\\w+:${parent}[^>]*>`);
      const template = templateOf(uri, info);
      // After Issuer, or first where there is none.
      const issuer = new RegExp(`(${start.source})(<saml:Issuer[^>]*(?:/>|>[^<]*</saml:Issuer>))?`);
      writeFileSync(
        file,
        xml.replace(issuer, (whole) => whole + template),
      );
      writeFileSync(keyFile, key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
      const ids = ['protocol:Response', 'assertion:Assertion', 'metadata:EntityDescriptor'].flatMap(
        (name) => ['--id-attr:ID', `urn:oasis:names:tc:SAML:2.0:${name}`],
      );
      const node = `//*[local-name()='SignatureValue' and not(text())]/..`;
      const args = ['--sign', '--privkey-pem', keyFile, ...ids, '--node-xpath', node, file];
      const signed = execFileSync('xmlsec1', args, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
      return signed.replace(/^<\?xml[^>]*\?>\s*/, '').trim();
    },
    stop: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** An empty signature for xmlsec1 to fill in. */
const templateOf = (uri: string, keyInfo: string): string =>
  `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="${uri}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>${keyInfo && `<ds:KeyInfo>${keyInfo}</ds:KeyInfo>`}</ds:Signature>`;
