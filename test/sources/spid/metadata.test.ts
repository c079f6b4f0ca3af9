import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Entity } from '../../../src/entities/entity.ts';
import { NS } from '../../../src/saml/names.ts';
import { verifyEnveloped } from '../../../src/saml/signature.ts';
import { parseXml, type XmlElement } from '../../../src/saml/xml.ts';
import { buildMetadata, sealMetadata } from '../../../src/sources/spid/metadata.ts';
import { ENTITY, newKey, PUBLIC_URL, type TestKey } from './fixtures.ts';

const SPID = 'https://spid.gov.it/saml-extensions';

const gate = (xml: string | Uint8Array) => parseXml(Buffer.from(xml), { bytes: 200_000 });

/** `prefix:name` of each child, by what the namespace is, not by how it is written. */
const outline = (element: XmlElement | undefined) => {
  const prefixes: Readonly<Record<string, string>> = { [NS.md]: 'md', [NS.ds]: 'ds', [SPID]: 'spid' };
  return element?.elements.map(({ namespace, name }) => `${prefixes[namespace] ?? namespace}:${name}`);
};

const texts = (element: XmlElement | undefined) =>
  element?.elements.map((child) => [
    child.name,
    child.attributeNS('http://www.w3.org/XML/1998/namespace', 'lang'),
    child.text,
  ]);

let key: TestKey;
let next: TestKey;
beforeAll(async () => {
  [key, next] = await Promise.all([newKey('unione'), newKey('unione-next')]);
});

const sealed = (entity: Entity = ENTITY, certificates = [key.certificate]) =>
  sealMetadata(entity, PUBLIC_URL, certificates, key);

describe('metadata of a public service provider (spid-sp-metadata, 2)', () => {
  it('is valid by the metadata schema, signed or not', () => {
    for (const bytes of [buildMetadata(ENTITY, PUBLIC_URL, [key.certificate], '_m1'), sealed()]) {
      using document = gate(bytes);
      expect(document.violations('metadata')).toEqual([]);
      expect(document.duplicateIds()).toEqual([]);
    }
  });

  it('has the parts in the order of the rules, and no validity date', () => {
    using document = gate(sealed());
    const { root } = document;
    expect(outline(root)).toEqual([
      'ds:Signature',
      'md:SPSSODescriptor',
      'md:Organization',
      'md:ContactPerson',
    ]);
    expect(root.attribute('entityID')).toBe(ENTITY.entityId);
    expect(root.attribute('validUntil') ?? root.attribute('cacheDuration')).toBeUndefined();
    expect(outline(root.child(NS.md, 'SPSSODescriptor'))).toEqual([
      'md:KeyDescriptor',
      'md:SingleLogoutService',
      'md:SingleLogoutService',
      'md:NameIDFormat',
      'md:AssertionConsumerService',
      'md:AttributeConsumingService',
      'md:AttributeConsumingService',
    ]);
  });

  it('asks for signed assertions and promises signed requests', () => {
    using document = gate(sealed());
    const role = document.root.child(NS.md, 'SPSSODescriptor');
    expect(role?.attribute('protocolSupportEnumeration')).toBe('urn:oasis:names:tc:SAML:2.0:protocol');
    expect(role?.attribute('AuthnRequestsSigned')).toBe('true');
    expect(role?.attribute('WantAssertionsSigned')).toBe('true');
    expect(role?.child(NS.md, 'NameIDFormat')?.text).toBe(
      'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
    );
  });

  it('publishes the endpoints of this entity, index 0 being the one default', () => {
    using document = gate(sealed());
    const role = document.root.child(NS.md, 'SPSSODescriptor');
    const endpoints = ['SingleLogoutService', 'AssertionConsumerService'].flatMap(
      (name) =>
        role
          ?.children(NS.md, name)
          .map((e) => ['Binding', 'Location', 'index', 'isDefault'].map((a) => e.attribute(a))) ?? [],
    );
    const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings';
    expect(endpoints).toEqual([
      [`${bindings}:HTTP-Redirect`, `${PUBLIC_URL}/spid/unione/slo`, undefined, undefined],
      [`${bindings}:HTTP-POST`, `${PUBLIC_URL}/spid/unione/slo`, undefined, undefined],
      [`${bindings}:HTTP-POST`, `${PUBLIC_URL}/spid/unione/acs`, '0', 'true'],
    ]);
  });

  it('lists each attribute set under its own index, with an Italian name', () => {
    using document = gate(sealed());
    const sets = document.root.descendants(NS.md, 'AttributeConsumingService');
    expect(sets.map((set) => set.attribute('index'))).toEqual(['0', '3']);
    expect(texts(sets[1])?.[0]).toEqual(['ServiceName', 'it', 'Contatti']);
    const requested = sets[1]?.children(NS.md, 'RequestedAttribute') ?? [];
    expect(requested.map((attribute) => attribute.attribute('Name'))).toEqual([
      'spidCode',
      'fiscalNumber',
      'email',
    ]);
    expect(new Set(requested.map((attribute) => attribute.attribute('NameFormat')))).toEqual(
      new Set(['urn:oasis:names:tc:SAML:2.0:attrname-format:basic']),
    );
  });

  it('names the body in every language: all names, then all display names, then all addresses', () => {
    using document = gate(sealed());
    const { name, displayName, url } = ENTITY.organization;
    expect(texts(document.root.child(NS.md, 'Organization'))).toEqual([
      ['OrganizationName', 'it', name.it],
      ['OrganizationName', 'en', name.en],
      ['OrganizationDisplayName', 'it', displayName.it],
      ['OrganizationDisplayName', 'en', displayName.en],
      ['OrganizationURL', 'it', url.it],
      ['OrganizationURL', 'en', url.en],
    ]);
  });

  it('has one contact, "other", that says a public body is meant', () => {
    const bytes = sealed();
    using document = gate(bytes);
    const contact = document.root.child(NS.md, 'ContactPerson');
    expect(contact?.attribute('contactType')).toBe('other');
    expect(outline(contact)).toEqual(['md:Extensions', 'md:EmailAddress', 'md:TelephoneNumber']);
    const extensions = contact?.child(NS.md, 'Extensions');
    expect(outline(extensions)).toEqual(['spid:IPACode', 'spid:VATNumber', 'spid:FiscalCode', 'spid:Public']);
    expect(extensions?.elements.map(({ text }) => text)).toEqual([
      'udc_vdes',
      'IT12345678903',
      '12345678903',
      '',
    ]);
    expect(Buffer.from(bytes).toString()).toContain('<spid:Public/>');
  });

  it('leaves out what the body did not give', () => {
    const { ipaCode, email } = ENTITY.contact;
    using document = gate(sealed({ ...ENTITY, contact: { ipaCode, email } }));
    expect(document.violations('metadata')).toEqual([]);
    const contact = document.root.child(NS.md, 'ContactPerson');
    expect(outline(contact)).toEqual(['md:Extensions', 'md:EmailAddress']);
    expect(outline(contact?.child(NS.md, 'Extensions'))).toEqual(['spid:IPACode', 'spid:Public']);
  });

  it('carries any text as exactly one text, whatever markup it imitates', () => {
    const nasty = [
      'A & B "C" \'D\' <E/>',
      ']]></md:OrganizationName><md:Extensions/>',
      '--><!-- x',
      '&amp;&#60;&nbsp;',
      '<?pi?>',
      '<!DOCTYPE a [<!ENTITY b "c">]>&b;',
      'Forlì – Cesena €',
    ];
    const anyText = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', minLength: 1 }));
    fc.assert(
      fc.property(anyText, (text) => {
        const localised = { it: text, en: text };
        const organization = { name: localised, displayName: localised, url: localised };
        const attributeSets = [{ index: 0, name: text, attributes: ['spidCode', 'fiscalNumber'] as const }];
        using document = gate(
          buildMetadata({ ...ENTITY, organization, attributeSets }, PUBLIC_URL, [key.certificate], '_m1'),
        );
        const found = [
          ...(document.root.child(NS.md, 'Organization')?.elements ?? []),
          ...document.root.descendants(NS.md, 'ServiceName'),
        ].map((element) => [element.elements.length, element.text]);
        // What XML has no way to write is replaced; white space at the ends does not count.
        const readable = text
          .toWellFormed()
          .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
          .replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
        expect(found).toEqual(Array.from({ length: 7 }, () => [0, readable]));
      }),
      { numRuns: 200 },
    );
  });
});

describe('signature of the metadata (spid-sp-metadata, 4)', () => {
  it('is the first child and covers the whole document', () => {
    using document = gate(sealed());
    const verified = verifyEnveloped(document, document.root, [key.publicKey]);
    using signed = gate(verified?.signed ?? '');
    expect(signed.root.attribute('entityID')).toBe(ENTITY.entityId);
    expect(outline(signed.root)).toEqual(outline(document.root)?.slice(1));
  });

  it('has an ID of its own each time, an XML name', () => {
    const ids = [sealed(), sealed()].map((bytes) => {
      using document = gate(bytes);
      return document.root.attribute('ID');
    });
    expect(ids[0]).toMatch(/^_[0-9a-f]{32}$/);
    expect(ids[1]).not.toBe(ids[0]);
  });

  it('publishes both certificates during a rollover, signed with either key', () => {
    for (const signer of [key, next]) {
      using document = gate(sealMetadata(ENTITY, PUBLIC_URL, [key.certificate, next.certificate], signer));
      expect(document.violations('metadata')).toEqual([]);
      const published = document.root.child(NS.md, 'SPSSODescriptor')?.descendants(NS.ds, 'X509Certificate');
      expect(published?.map(({ text }) => text)).toEqual([key.certificate, next.certificate]);
      expect(verifyEnveloped(document, document.root, [signer.publicKey])).toBeDefined();
    }
  });

  it('is refused with a key that the metadata does not publish', () => {
    expect(() => sealMetadata(ENTITY, PUBLIC_URL, [next.certificate], key)).toThrowError(
      expect.objectContaining({ name: 'Misconfigured', code: 'metadata_signer' }) as Error,
    );
  });
});
