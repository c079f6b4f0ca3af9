import { NS } from '../../saml/names.ts';
import { rawText, unless, type MetadataRule } from './rule.ts';

const XML_NS = 'http://www.w3.org/XML/1998/namespace';
const PARTS = ['OrganizationName', 'OrganizationDisplayName', 'OrganizationURL'] as const;
const RULE = 'spid-sp-metadata 2.2';

/** Rules about the body's names: the citizen reads them at the provider (spid-sp-metadata, 2.2). */
export const ORGANIZATION_RULES: readonly MetadataRule[] = [
  {
    id: 'M21',
    rule: RULE,
    faults: ({ organization }) => {
      if (!organization) return [];
      const languages = PARTS.map((part) =>
        organization.children(NS.md, part).map((element) => element.attributeNS(XML_NS, 'lang') ?? ''),
      );
      const [reference = []] = languages;
      return PARTS.flatMap((part, at) => {
        const found = languages[at] ?? [];
        return [
          ...unless(
            found.includes('it') && new Set(found).size === found.length,
            `${part}/@xml:lang`,
            found.join(' '),
            ['italian-and-once'],
          ),
          ...unless(
            found.length === reference.length && found.every((language) => reference.includes(language)),
            `${part}/@xml:lang`,
            found.join(' '),
            ['same-languages', reference.join(' ')],
          ),
        ];
      });
    },
  },
  {
    id: 'M22',
    rule: RULE,
    faults: (examined) =>
      PARTS.flatMap((part) =>
        (examined.organization?.children(NS.md, part) ?? []).flatMap((element) => {
          const text = rawText(examined, element);
          return [
            ...unless(text !== '' && text === text.trim(), part, JSON.stringify(text), ['trimmed-text']),
            ...(part === 'OrganizationURL'
              ? unless(
                  URL.canParse(element.text) && /^https?:$/.test(new URL(element.text).protocol),
                  part,
                  text,
                  ['web-address'],
                )
              : []),
          ];
        }),
      ),
  },
];
