import type { AttributeName } from '../../identity/attributes.ts';
import type { Attributes } from '../../identity/identity.ts';
import { NS } from '../../saml/names.ts';
import type { XmlElement } from '../../saml/xml.ts';

/** Where the schema has them, and nowhere deeper: a value may hold any XML. */
export function attributesIn(assertion: XmlElement): readonly XmlElement[] {
  return assertion
    .children(NS.saml, 'AttributeStatement')
    .flatMap((statement) => statement.children(NS.saml, 'Attribute'));
}

/**
 * The attributes of a verified assertion, by SPID name: only those asked for, only those with exactly one value
 * (which of two would count must never be a guess). `xsi:type` and NameFormat do not matter (spid-attributes, 1).
 */
export function attributesOf(assertion: XmlElement, asked: readonly AttributeName[]): Attributes {
  const attributes: Partial<Record<AttributeName, string>> = {};
  for (const element of attributesIn(assertion)) {
    const name = asked.find((candidate) => candidate === element.attribute('Name'));
    const [value, ...more] = element.children(NS.saml, 'AttributeValue');
    if (name && value && more.length === 0 && value.elements.length === 0 && value.text !== '')
      attributes[name] = value.text;
  }
  return attributes;
}
