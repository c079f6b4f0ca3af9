import type { AttributeName } from '../../identity/attributes.ts';
import type { Attributes } from '../../identity/identity.ts';
import { NS } from '../../saml/names.ts';
import type { XmlElement } from '../../saml/xml.ts';

/**
 * The attributes of a verified assertion, by SPID name: only those asked for, only those with exactly one value
 * (which of two would count must never be a guess). `xsi:type` and NameFormat do not matter (spid-attributes, 1).
 */
export function attributesOf(assertion: XmlElement, asked: readonly AttributeName[]): Attributes {
  const attributes: Partial<Record<AttributeName, string>> = {};
  for (const element of assertion.descendants(NS.saml, 'Attribute')) {
    const name = asked.find((candidate) => candidate === element.attribute('Name'));
    const [value, ...more] = element.children(NS.saml, 'AttributeValue');
    if (name && value && more.length === 0 && value.elements.length === 0 && value.text !== '')
      attributes[name] = value.text;
  }
  return attributes;
}
