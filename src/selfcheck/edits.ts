import type { Facts } from './model.ts';

/** A change to the text of a correct response. */
export type Edit = (xml: string, facts: Facts) => string;

/** The places of a response that the cases change; where an element occurs twice, which one is meant. */
const PLACES = {
  Response: ['samlp:Response', 'first'],
  'Response/Issuer': ['saml:Issuer', 'first'],
  Status: ['samlp:Status', 'first'],
  StatusCode: ['samlp:StatusCode', 'first'],
  Assertion: ['saml:Assertion', 'first'],
  'Assertion/Issuer': ['saml:Issuer', 'last'],
  Subject: ['saml:Subject', 'first'],
  NameID: ['saml:NameID', 'first'],
  SubjectConfirmation: ['saml:SubjectConfirmation', 'first'],
  SubjectConfirmationData: ['saml:SubjectConfirmationData', 'first'],
  Conditions: ['saml:Conditions', 'first'],
  AudienceRestriction: ['saml:AudienceRestriction', 'first'],
  Audience: ['saml:Audience', 'first'],
  AuthnStatement: ['saml:AuthnStatement', 'first'],
  AuthnContext: ['saml:AuthnContext', 'first'],
  AuthnContextClassRef: ['saml:AuthnContextClassRef', 'first'],
  AttributeStatement: ['saml:AttributeStatement', 'first'],
  Attribute: ['saml:Attribute', 'first'],
} as const satisfies Readonly<Record<string, readonly [string, 'first' | 'last']>>;

export type Place = keyof typeof PLACES;

/** Gives an attribute another value, puts it in where it is not there; `undefined` takes it away. */
export function attribute(place: Place, name: string, value: string | undefined): Edit {
  const written = value === undefined ? '' : ` ${name}="${value}"`;
  return replacing(place, (element) => {
    const [tag = ''] = /^<[^>]*>/.exec(element) ?? [];
    const present = new RegExp(` ${name}="[^"]*"`);
    const changed = present.test(tag)
      ? tag.replace(present, written)
      : tag.replace(/^<[\w:]+/, (start) => `${start}${written}`);
    return changed + element.slice(tag.length);
  });
}

/** A date as somebody might write it: a blank for T, no seconds. */
export function malformed(place: Place, name: string): Edit {
  return (xml, facts) => attribute(place, name, facts.instant.replace('T', ' ').slice(0, 16))(xml, facts);
}

/** Gives an element another text, its attributes as they were. */
export function text(place: Place, value: string): Edit {
  return replacing(place, (element) => element.replace(/>[^<]*</, () => `>${value}<`));
}

/** Leaves of an element nothing but its name. */
export function empty(place: Place): Edit {
  const [name] = PLACES[place];
  return replacing(place, () => `<${name}></${name}>`);
}

export function without(place: Place): Edit {
  return replacing(place, () => '');
}

/** Puts XML in front of an element, or as its first content, or as its last. */
export function inserted(where: 'before' | 'first in' | 'last in', place: Place, xml: string): Edit {
  return replacing(place, (element) => {
    if (where === 'before') return xml + element;
    return where === 'first in'
      ? element.replace(/>/, () => `>${xml}`)
      : element.replace(/<\/[\w:]+>$/, (end) => xml + end);
  });
}

/** Changes an element as `change` says. */
export function replacing(place: Place, change: (element: string) => string): Edit {
  const [name, which] = PLACES[place];
  const element = new RegExp(`<${name}(?=[\\s/>])(?:[^>]*/>|[^>]*>.*?</${name}>)`, 'gs');
  return everywhere((xml) => {
    const found = [...xml.matchAll(element)].at(which === 'first' ? 0 : -1);
    if (!found) throw new Error(`a correct response has ${place}`);
    return xml.slice(0, found.index) + change(found[0]) + xml.slice(found.index + found[0].length);
  });
}

/** A change to the whole text. @throws Error when it changes nothing: the case would not be the one it says it is */
export function everywhere(change: Edit): Edit {
  return (xml, facts) => {
    const changed = change(xml, facts);
    if (changed === xml) throw new Error('an edit changed nothing');
    return changed;
  };
}
