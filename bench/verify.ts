import { createHash, verify } from 'node:crypto';
import { ParseOption, XmlC14NMode, XmlDocument, XmlElement, type XmlNode } from 'libxml2-wasm';
import { decodeBase64, parseForm } from '../src/saml/bindings.ts';
import { NS } from '../src/saml/names.ts';
import { verifyEnveloped } from '../src/saml/signature.ts';
import { parseXml } from '../src/saml/xml.ts';
import { judge } from '../src/sources/spid/response.ts';
import { arrival, attributeXml, providerKey, responseXml, signed } from '../test/support/spid-response.ts';
import { certificateInfo, testKey } from '../test/support/saml-signer.ts';
import { cpuPerRun, machine, table, type Step } from './measure.ts';

/**
 * Verified SPID responses per second and core, by step, beside the floor: both signatures verified with libxml2's
 * exclusive canonicalisation and node:crypto, and nothing else.
 */
export async function benchVerify(seconds: number): Promise<string> {
  const xml = await response();
  const arrived = arrival(xml);
  const keys = [providerKey.publicKey];
  const bytes = Buffer.from(xml);
  using document = parseXml(bytes, { bytes: 1e6 });
  const [assertion] = document.root.children(NS.saml, 'Assertion');
  if (!assertion || !floor(xml) || (await judge(arrived)).outcome !== 'accepted')
    throw new Error('the response is not accepted');

  const steps: readonly Step[] = [
    ['decode', () => decodeBase64(parseForm(arrived.body).get('SAMLResponse') ?? '', 1e6)],
    ['gate', () => parseXml(bytes, { bytes: 1e6 })[Symbol.dispose]()],
    [
      'signatures',
      () => {
        verifyEnveloped(document, document.root, keys);
        verifyEnveloped(document, assertion, keys);
      },
    ],
    ['schema', () => document.violations('protocol')],
    ['all', () => judge(arrived)],
    ['floor', () => floor(xml)],
  ];
  const spent = await cpuPerRun(steps, seconds);
  const of = (name: string) => spent.get(name) ?? NaN;
  const checks = of('all') - of('decode') - of('gate') - of('signatures') - of('schema');
  const row = (name: string, ms: number) => [name, ms.toFixed(3), `${(ms / of('floor')).toFixed(2)}`];
  return [
    `A response of ${bytes.length} bytes with both signatures (${machine()}):\n`,
    table(
      ['step', 'CPU ms', '× floor'],
      [
        row('decode: form, base64', of('decode')),
        row('gate: parse, refuse', of('gate')),
        row('signatures: both', of('signatures')),
        row('schema', of('schema')),
        row('checks: trees, reading again what was signed', checks),
        row('**all: a response judged**', of('all')),
        row('floor: both signatures, nothing else', of('floor')),
      ],
    ),
    `\n${Math.round(1000 / of('all'))} responses per second and core; the floor allows ${Math.round(1000 / of('floor'))}.`,
  ].join('\n');
}

/** As providers send them: every attribute a citizen has, the certificate in both signatures. */
async function response(): Promise<string> {
  const more = [
    ['gender', 'M'],
    ['dateOfBirth', '1980-01-01'],
    ['placeOfBirth', 'H501'],
    ['countyOfBirth', 'RM'],
    ['idCard', 'cartaIdentita AA0000000 comuneRoma 2020-01-01 2030-01-01'],
    ['mobilePhone', '+393330000000'],
    ['email', 'mario.rossi@example.it'],
    ['digitalAddress', 'mario.rossi@pec.example.it'],
    ['address', 'Via Esempio 1 00100 Roma RM'],
    ['expirationDate', '2030-01-01'],
  ].map(([name = '', value = '']) => attributeXml(name, value));
  const { certificate } = await testKey();
  return signed(
    responseXml().replace('</saml:AttributeStatement>', `${more.join('')}</saml:AttributeStatement>`),
    { keyInfo: certificateInfo(certificate) },
  );
}

/** The least that can be done: one parse, four canonical forms, two digests, two RSA signatures. */
function floor(xml: string): boolean {
  using document = XmlDocument.fromString(xml, { option: ParseOption.XML_PARSE_NONET });
  const root = document.root;
  const assertion = child(root, 'Assertion');
  return isSigned(root) && isSigned(assertion);
}

function isSigned(element: XmlElement): boolean {
  const mode = { mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0 };
  const signature = child(element, 'Signature');
  const info = child(signature, 'SignedInfo');
  const signedInfo = info.canonicalizeToString(mode);
  const value = child(signature, 'SignatureValue').content;
  const digest = child(child(info, 'Reference'), 'DigestValue').content;
  signature.remove();
  const content = element.canonicalizeToString(mode);
  return (
    createHash('sha256').update(content).digest('base64') === digest &&
    verify('sha256', Buffer.from(signedInfo), providerKey.publicKey, Buffer.from(value, 'base64'))
  );
}

function child(parent: XmlElement, name: string): XmlElement {
  for (let node: XmlNode | null = parent.firstChild; node; node = (node as XmlElement).next)
    if (node instanceof XmlElement && node.name === name) return node;
  throw new Error(`no ${name}`);
}
