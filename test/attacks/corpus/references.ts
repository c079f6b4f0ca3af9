import type { Case } from '../../../src/selfcheck/cases/case.ts';
import { responseXml, signed, type Kit } from '../../../src/selfcheck/model.ts';
import { attack, edited, forge, sha256, tampered, written } from './attack.ts';

/** XML::Sig cpansa 2026-9487, ruby-saml CVE-2024-45409, samlify ab87376: which element a reference means. */
const REFERENCES: readonly Case[] = [
  ...(
    [
      ['to the whole document', () => ''],
      ['to the Response', ({ facts }) => `#${facts.responseId}`],
      ['to nothing there is', () => '#_missing'],
      ['by XPointer', () => '#xpointer(/)'],
      ['by XPointer to an ID', ({ facts }) => `#xpointer(id('${facts.assertionId}'))`],
      ['to a file', () => 'file:///etc/passwd'],
      ['to an address', () => 'http://127.0.0.1:9/'],
      ['with an XPath in it', ({ facts }) => `#${facts.assertionId}&apos; or &apos;1&apos;=&apos;1`],
      ['with an XPath that selects everything', ({ facts }) => `#${facts.assertionId}&quot;]|//*[&quot;`],
    ] satisfies readonly (readonly [what: string, uri: (kit: Kit) => string])[]
  ).map(([what, uri]) =>
    attack(`S14 S31 a reference ${what}`, 'S4', (kit) =>
      edited((s) => s.replace(/ URI="[^"]*"/, () => ` URI="${uri(kit)}"`), false)(kit),
    ),
  ),
  attack(
    'S14 a reference without URI',
    'S4',
    edited((s) => s.replace(/ URI="[^"]*"/, ''), false),
  ),
  attack(
    'S15 cpansa-2026-18568 a signature with no reference',
    'S4',
    edited((s) => s.replace(/<ds:Reference .*<\/ds:Reference>/s, ''), false),
  ),
  attack(
    'S15 an empty signature',
    'S4',
    edited(() => '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>', false),
  ),
  attack('S15 no signature anywhere', 'S1', (kit) =>
    signed(forge(responseXml(kit.facts), kit), kit, { assertion: false, response: false }),
  ),
  attack('S27 only the Response is signed, an unsigned Assertion in it', 'S1', (kit) =>
    signed(forge(responseXml(kit.facts), kit), kit, { assertion: false }),
  ),
  attack(
    'S03 a manifest instead of a reference',
    'S10',
    edited(
      (s) =>
        s.replace(
          '</ds:Signature>',
          (end) => `<ds:Object><ds:Manifest><ds:Reference URI="#x"/></ds:Manifest></ds:Object>${end}`,
        ),
      false,
    ),
  ),
  ...['Id', 'id', 'xml:id', 'x:ID'].map((name) =>
    attack(
      `S14 cpansa-2026-9487 the ID of the Assertion again, as ${name}`,
      'T7',
      written((xml, { facts }) =>
        xml.replace('<saml:Subject>', `<saml:Subject xmlns:x="urn:x" ${name}="${facts.assertionId}">`),
      ),
    ),
  ),
];

/** PortSwigger's "The Fragile Lock" (2025), ruby-saml CVE-2025-66568. */
const FRAGILE: readonly Case[] = [
  ...['Id', 'id', 'xml:id', 'x:ID'].map((name) =>
    attack(
      `S11 attribute pollution: ID and ${name} on the Assertion`,
      'T7',
      written((xml, { facts }) =>
        xml.replace(` ID="${facts.assertionId}"`, (id) => ` xmlns:x="urn:x" ${name}="_other"${id}`),
      ),
    ),
  ),
  attack(
    'S11 attribute pollution: only x:ID has the value, ID has none',
    'A1',
    tampered(
      (xml, { facts }) =>
        xml.replace(` ID="${facts.assertionId}"`, ` xmlns:x="urn:x" x:ID="${facts.assertionId}"`),
      { response: false },
    ),
  ),
  attack(
    'S11 CVE-2025-66568 the digest of nothing, the namespace of the Assertion relative',
    'T5',
    tampered(
      (xml, kit) =>
        forge(xml, kit)
          .replace(/(<saml:Assertion xmlns:saml=")[^"]*/, '$1relative')
          .replace(/(<ds:DigestValue>)[^<]*/g, `$1${sha256('')}`),
      { response: false },
    ),
  ),
  attack(
    'S11 CVE-2025-66568 the digest of nothing',
    'S8',
    tampered((xml, kit) => forge(xml, kit).replace(/(<ds:DigestValue>)[^<]*/g, `$1${sha256('')}`), {
      response: false,
    }),
  ),
  ...[
    ['relative', '1'],
    ['a relative path', '../x'],
    ['with a fragment only', '#x'],
  ].map(([what, uri = '']) =>
    attack(
      `S11 CVE-2025-66568 void canonicalisation: a namespace that is ${what}`,
      'S8',
      tampered(
        (xml, kit) =>
          forge(xml, kit)
            .replace('<saml:Subject>', `<saml:Subject xmlns:v="${uri}" v:x="1">`)
            .replace(/(<ds:DigestValue>)[^<]*/g, `$1${sha256('')}`),
        { response: false },
      ),
    ),
  ),
  attack(
    'S11 namespace confusion: the signature in a default namespace of another name',
    'S1',
    tampered(
      (xml) =>
        xml.replace(
          '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">',
          '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig">',
        ),
      { response: false },
    ),
  ),
  attack(
    'S11 namespace confusion: the prefix of the Assertion bound to something else',
    'T5',
    tampered((xml) => xml.replace(/(<saml:Assertion xmlns:saml=")[^"]*/, '$1urn:x'), { response: false }),
  ),
  attack(
    'S11 namespace confusion: a prefix bound anew between signer and reader',
    'S8',
    tampered(
      (xml, kit) =>
        forge(xml, kit).replace(
          '<saml:AttributeStatement>',
          '<saml:AttributeStatement xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns="urn:x">',
        ),
      { response: false },
    ),
  ),
];

export const REFERENCE_ATTACKS: readonly Case[] = [...REFERENCES, ...FRAGILE];
