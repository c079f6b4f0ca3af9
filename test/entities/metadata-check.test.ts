import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkMetadata, METADATA_RULES } from '../../src/entities/metadata-check/check.ts';
import { METADATA_RULE_IDS } from '../../src/entities/metadata-check/rule.ts';
import { selfSignedCertificate } from '../../src/keys/certificate.ts';
import { signEnveloped, type SigningKey } from '../../src/saml/signature.ts';
import { buildMetadata } from '../../src/sources/spid/metadata.ts';
import { ENTITY, PUBLIC_URL } from '../sources/spid/fixtures.ts';

const NOW = new Date('2026-03-01T10:00:00Z');
const SUBJECT = {
  commonName: ENTITY.organization.displayName.it,
  organizationName: ENTITY.organization.name.it,
  entityId: ENTITY.entityId,
  ipaCode: ENTITY.contact.ipaCode,
  locality: ENTITY.locality,
};

let key: SigningKey;
/** Named after nobody, expired, for the rules that must notice. */
let stale: SigningKey;
let plain: string;
beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const make = async (from: string): Promise<SigningKey> => {
    const pem = await selfSignedCertificate(SUBJECT, privateKey, new Date(from), 1);
    return { privateKey, certificate: new X509Certificate(pem).raw.toString('base64') };
  };
  key = await make('2026-01-01T00:00:00Z');
  stale = await make('2024-01-01T00:00:00Z');
  plain = buildMetadata(ENTITY, PUBLIC_URL, [key.certificate], '_m1');
});

const aggregated = (xml: string, aggregator = 'PublicServicesFullAggregator') =>
  xml
    .replace(`entityID="${ENTITY.entityId}"`, `entityID="${PUBLIC_URL}/pub-ag-full/c_x999"`)
    .replace(/<md:ContactPerson.*<\/md:ContactPerson>/, () => {
      const name = /<md:OrganizationName xml:lang="it">(.*?)</.exec(xml)?.[1];
      return (
        `<md:ContactPerson contactType="other" spid:entityType="spid:aggregator"><md:Extensions><spid:IPACode>udc_vdes</spid:IPACode><spid:${aggregator}/></md:Extensions><md:Company>${name}</md:Company><md:EmailAddress>accesso@unione.example.it</md:EmailAddress></md:ContactPerson>` +
        `<md:ContactPerson contactType="other" spid:entityType="spid:aggregated"><md:Extensions><spid:IPACode>c_x999</spid:IPACode><spid:Public/></md:Extensions><md:Company>${name}</md:Company></md:ContactPerson>`
      );
    });

const check = (xml: string, production = true) => checkMetadata(Buffer.from(xml), { now: NOW, production });
const signed = (xml: string, by = key) => signEnveloped(xml, by, 'first');

/** What the rule table finds in a document that is right but for one change, signed after it. */
async function idsAfter(
  change: (xml: string) => string,
  options: { production?: boolean; after?: (xml: string) => string; by?: SigningKey } = {},
) {
  const changed = change(plain);
  const xml = signed(changed, options.by);
  if (changed === plain && options.after === undefined && options.by === undefined)
    throw new Error('nothing was changed');
  const { findings } = await check(options.after?.(xml) ?? xml, options.production);
  return [...new Set(findings.map(({ id, severity }) => (severity === 'error' ? id : `${id} advises`)))];
}

const without = (pattern: RegExp) => (xml: string) => xml.replace(pattern, '');
const swap = (from: string | RegExp, to: string) => (xml: string) => xml.replace(from, to);
const inAggregated = (change: (xml: string) => string) => (xml: string) => change(aggregated(xml));

const ACS = /<md:AssertionConsumerService [^>]*>/;
const SET = /<md:AttributeConsumingService index="3">.*?<\/md:AttributeConsumingService>/;
const again = (pattern: RegExp, change: (element: string) => string) => (xml: string) =>
  xml.replace(pattern, (element) => element + change(element));

type Case = readonly [id: string, what: string, change: (xml: string) => string];

const CASES: readonly Case[] = [
  [
    'M2',
    'an element that the schema does not know',
    swap('<md:NameIDFormat>', '<md:Nonsense/><md:NameIDFormat>'),
  ],
  ['M4', 'an entityID by http', swap('entityID="https:', 'entityID="http:')],
  ['M4', 'an entityID with a port', swap('example.it/spid"', 'example.it:8443/spid"')],
  ['M4', 'an entityID with a query', swap('example.it/spid"', 'example.it/spid?a=1"')],
  ['M5', 'a validity date', swap('ID="_m1"', 'ID="_m1" validUntil="2027-01-01T00:00:00Z"')],
  ['M6', 'no organisation', without(/<md:Organization>.*<\/md:Organization>/)],
  ['M10', 'requests not promised signed', swap('AuthnRequestsSigned="true"', 'AuthnRequestsSigned="false"')],
  ['M10', 'no wish for signed assertions', swap(' WantAssertionsSigned="true"', '')],
  ['M11', 'a key without use', swap(' use="signing"', '')],
  ['M11', 'a certificate that is none', swap(/(<ds:X509Certificate>)[^<]*/, '$1AAAA')],
  ['M12', 'no logout service', without(/<md:SingleLogoutService [^>]*>/g)],
  ['M12', 'a logout address by http', swap(/(<md:SingleLogoutService .*?Location=")https/, '$1http')],
  ['M13', 'another name identifier', swap('nameid-format:transient', 'nameid-format:persistent')],
  ['M14', 'an assertion consumer by Redirect', swap(/(<md:Assertion[^>]*)HTTP-POST/, '$1HTTP-Redirect')],
  [
    'M14',
    'two assertion consumers of one index',
    again(ACS, (e) => e.replace('/acs', '/b').replace(/ isDefault="true"/, '')),
  ],
  ['M15', 'no default assertion consumer', swap(' isDefault="true"', '')],
  ['M15', 'a second default', again(ACS, (e) => e.replace('/acs', '/b').replace('index="0"', 'index="1"'))],
  [
    'M16',
    'one address under two indexes',
    again(ACS, (e) => e.replace('index="0"', 'index="1"').replace(/ isDefault="true"/, '')),
  ],
  ['M17', 'no attribute set', without(/<md:AttributeConsumingService.*<\/md:AttributeConsumingService>/)],
  ['M17', 'an index used twice', again(SET, (e) => e)],
  [
    'M17',
    'a second default set',
    swap(/<md:AttributeConsumingService /g, '<md:AttributeConsumingService isDefault="true" '),
  ],
  ['M18', 'the index of signatures', swap('index="3"', 'index="77"')],
  ['M18', 'an eIDAS index with other attributes', swap('index="3"', 'index="99"')],
  ['M19', 'a service name in English only', swap(/(<md:ServiceName xml:lang=")it/, '$1en')],
  ['M20', 'an attribute that SPID does not have', swap('Name="email"', 'Name="shoeSize"')],
  ['M20', 'an attribute twice', swap('Name="email"', 'Name="spidCode"')],
  ['M20', 'an attribute of another name format', swap(/attrname-format:basic/, 'attrname-format:uri')],
  [
    'M21',
    'a display name in one language less',
    without(/<md:OrganizationDisplayName xml:lang="en">.*?<\/md:OrganizationDisplayName>/),
  ],
  ['M21', 'no Italian', swap(/xml:lang="it"(?=>[^<]*<\/md:Organization)/g, 'xml:lang="fr"')],
  ['M22', 'blanks around a name', swap(/(<md:OrganizationName xml:lang="en">)/, '$1 ')],
  ['M22', 'an address that is none', swap(/(<md:OrganizationURL xml:lang="it">)[^<]*/, '$1www.example.it')],
  ['M23', 'a technical contact', swap('contactType="other"', 'contactType="technical"')],
  ['M23', 'a contact too many', again(/<md:ContactPerson.*<\/md:ContactPerson>/, (e) => e)],
  ['M24', 'no e-mail address', without(/<md:EmailAddress>.*?<\/md:EmailAddress>/)],
  [
    'M24',
    'the name of a person',
    swap('<md:EmailAddress>', '<md:GivenName>Anna</md:GivenName><md:EmailAddress>'),
  ],
  ['M25', 'an e-mail address with a plus sign', swap('accesso-digitale@', 'accesso+spid@')],
  ['M25', 'an e-mail address as a link', swap('<md:EmailAddress>', '<md:EmailAddress>mailto:')],
  ['M26', 'a telephone number with blanks', swap('+390500000000', '+39 050 0000000')],
  ['M27', 'no IPA code', without(/<spid:IPACode>.*?<\/spid:IPACode>/)],
  ['M27', 'an IPA code with a blank', swap('udc_vdes', 'udc vdes')],
  ['M27', 'a VAT number without country', swap('IT12345678903', '12345678903')],
  ['M27', 'the test body in the place of a real one', swap('udc_vdes', '__aggrsint')],
  ['M28', 'nothing that says a public body', without(/<spid:Public\/>/)],
  ['M28', 'a blank inside spid:Public', swap('<spid:Public/>', '<spid:Public> </spid:Public>')],
  ['M28', 'a private body', swap('<spid:Public/>', '<spid:Private/>')],
  ['M28', 'two kinds of body at once', swap('<spid:Public/>', '<spid:Public/><spid:Private/>')],
  [
    'M29',
    'the kind of body before its code',
    (xml) => xml.replace('<spid:Public/>', '').replace('<spid:IPACode>', '<spid:Public/><spid:IPACode>'),
  ],
  [
    'M30',
    'a company that is not the organisation',
    swap('<md:EmailAddress>', '<md:Company>COMUNE DI ESEMPIO</md:Company><md:EmailAddress>'),
  ],
  ['M32', 'a certificate of another body', swap(/(<md:OrganizationDisplayName xml:lang="it">)/, '$1Altra ')],
];

describe('the checker of metadata (spid-sp-metadata, 2 to 6)', () => {
  it('finds nothing in the metadata of a public service provider', async () => {
    expect(await check(signed(plain))).toEqual({ profile: 'public', findings: [], acceptable: true });
  });

  it.each(CASES)('%s: refuses %s', async (id, _, change) => {
    expect(await idsAfter(change)).toContain(id);
  });

  it('M1: refuses what is no XML, has a comment or something before the document', async () => {
    for (const xml of ['', 'hello', `<!-- made by hand -->${signed(plain)}`, `\n${signed(plain)}`]) {
      expect((await check(xml)).findings.map(({ id }) => id)).toContain('M1');
    }
  });

  it('M3: refuses a document that is not one body', async () => {
    const { findings } = await check(
      '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"/>',
    );
    expect(findings.map(({ id }) => id)).toContain('M3');
  });

  it.each([
    ['a list of providers', 'EntitiesDescriptor', '', 'M3'],
    ['an identity provider', 'EntityDescriptor', '<md:IDPSSODescriptor/>', 'M6'],
    ['nothing', 'EntityDescriptor', '', 'M6'],
  ])('says of %s that it is no service provider, and not what else it lacks', async (_, root, role, id) => {
    const xml = `<md:${root} xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.it">${role}</md:${root}>`;
    const { findings } = await check(xml);
    const ids = findings.filter((finding) => finding.id !== 'M2').map((finding) => finding.id);
    expect(ids).toEqual([id]);
  });

  it('M7: refuses what is not signed, changed after signing, or signed elsewhere than first', async () => {
    expect((await check(plain)).findings.map(({ id }) => id)).toEqual(['M7']);
    expect(await idsAfter((xml) => xml, { after: swap('Contatti', 'Altro') })).toEqual(['M7']);
    const moved = (xml: string) => {
      const signature = /<ds:Signature .*<\/ds:Signature>/.exec(xml)?.[0] ?? '';
      return xml.replace(signature, '').replace('<md:Organization>', `${signature}<md:Organization>`);
    };
    expect(await idsAfter((xml) => xml, { after: moved })).toContain('M7');
  });

  it('M8: refuses a signature with a certificate that has expired', async () => {
    expect(await idsAfter((xml) => xml, { by: stale })).toEqual(['M8']);
  });

  it('M9: wants the activity code in the entityID of an aggregated body, and in no other', async () => {
    expect(await idsAfter(swap('/spid"', '/pub-ag-full/spid"'))).toContain('M9');
    expect(await idsAfter(inAggregated(swap('/pub-ag-full/', '/aggregati/')))).toContain('M9');
  });

  it('advises against a host of its own for an endpoint, a key for encryption and a second service name', async () => {
    const advice = await Promise.all([
      idsAfter(swap(/accesso\.unione\.example\.it(?=\/spid\/unione\/acs)/, 'altro.example.it')),
      idsAfter(again(/<md:KeyDescriptor.*<\/md:KeyDescriptor>/, swap('"signing"', '"encryption"'))),
      idsAfter(swap(/(<md:ServiceName xml:lang=")it(">)([^<]*<\/md:ServiceName>)/, '$1it$2$3$1en$2$3')),
    ]);
    expect(advice).toEqual([['M16 advises'], ['M11 advises'], ['M19 advises']]);
  });

  it('admits http and ports on this machine, but not for production', async () => {
    const local = (xml: string) => xml.replaceAll(PUBLIC_URL, 'http://localhost:3000');
    expect(await idsAfter(local, { production: true })).toEqual(expect.arrayContaining(['M4', 'M12', 'M14']));
    // The certificate names the other address.
    expect(await idsAfter(local, { production: false })).toEqual(['M32']);
  });
});

describe('the checker of metadata of an aggregator (spid-aggregator, 3 and 5)', () => {
  it('finds nothing in the metadata of an aggregated body', async () => {
    expect(await check(signed(aggregated(plain)))).toEqual({
      profile: 'public-aggregator-full',
      findings: [],
      acceptable: true,
    });
  });

  it.each<Case>([
    [
      'M23',
      'the aggregated body before the aggregator',
      (xml) =>
        xml.replace(
          /(<md:ContactPerson.*<\/md:ContactPerson>)(<md:ContactPerson.*<\/md:ContactPerson>)/,
          '$2$1',
        ),
    ],
    [
      'M23',
      'the attribute with a capital',
      swap(/spid:entityType="spid:aggregated"/, 'spid:EntityType="spid:aggregated"'),
    ],
    ['M24', 'an aggregator without company', without(/<md:Company>.*?<\/md:Company>/)],
    ['M27', 'an aggregated body without IPA code', without(/<spid:IPACode>c_x999<\/spid:IPACode>/)],
    ['M27', 'the test body in production', swap('>c_x999<', '>__aggrsint<')],
    [
      'M28',
      'spid:Public in the block of the aggregator',
      swap('<spid:PublicServicesFullAggregator/>', '<spid:Public/>'),
    ],
    [
      'M30',
      'an aggregated company in capitals',
      (xml) =>
        xml.replace(/<md:Company>([^<]*)(?=<\/md:Company><\/md:ContactPerson>)/, (all) =>
          all.toUpperCase().replace('MD:COMPANY', 'md:Company'),
        ),
    ],
    [
      'M31',
      'the light variant without the key of the aggregator',
      swap('PublicServicesFullAggregator', 'PublicServicesLightAggregator'),
    ],
  ])('%s: refuses %s', async (id, _, change) => {
    expect(await idsAfter(inAggregated(change))).toContain(id);
  });

  it('admits the test body outside production', async () => {
    expect(await idsAfter(inAggregated(swap('>c_x999<', '>__aggrsint<')), { production: false })).toEqual([]);
  });

  it('knows the light variant, the key of the aggregator being published beside', async () => {
    const xml = aggregated(plain, 'PublicServicesLightAggregator')
      .replace('pub-ag-full', 'pub-ag-lite')
      .replace(
        '<spid:PublicServicesLightAggregator/>',
        `<spid:PublicServicesLightAggregator/><spid:KeyDescriptor use="spid:validation"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${key.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></spid:KeyDescriptor>`,
      );
    expect(await check(signed(xml))).toEqual({
      profile: 'public-aggregator-lite',
      findings: [],
      acceptable: true,
    });
  });
});

it('has a case for every rule', () => {
  const tested = new Set([...CASES.map(([id]) => id), 'M1', 'M3', 'M7', 'M8', 'M9', 'M31']);
  expect(METADATA_RULE_IDS.filter((id) => !tested.has(id))).toEqual([]);
  expect(METADATA_RULES.map(({ id }) => id)).toEqual(METADATA_RULE_IDS.slice(2));
});
