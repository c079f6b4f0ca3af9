/** As much as the gate lets in: tags, attributes, bytes (docs/adr/0016). */
export const MOST_TAGS = 3900;
const ATTRIBUTES = 800;
const BYTES = 240_000;

/** The worst that can be made of a genuine response, by what it is made of. */
export function hostileDocuments(genuine: string): Readonly<Record<string, string>> {
  const inside = (content: string) => genuine.replace('</saml:AttributeStatement>', (end) => content + end);
  const names = (make: (at: number) => string, many = ATTRIBUTES) =>
    Array.from({ length: many }, (_, at) => make(at)).join(' ');
  return {
    'elements, one beside the other': inside('<a/>'.repeat(MOST_TAGS)),
    'elements, one in the other': inside(('<a>'.repeat(200) + '</a>'.repeat(200)).repeat(9)),
    'attributes on one element': inside(`<a ${names((at) => `a${at}=""`)}/>`),
    'namespaces, each in use': inside(
      `<a ${names((at) => `xmlns:a${at}="u:${at}" a${at}:b=""`, ATTRIBUTES / 2)}/>`,
    ),
    identifiers: inside(names((at) => `<a ID="i${at}"/>`)),
    signatures: inside('<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'.repeat(ATTRIBUTES)),
    text: inside(`<a>${'x'.repeat(BYTES)}</a>`),
    'references to characters': inside(`<a>${'&amp;'.repeat(BYTES / 5)}</a>`),
    'elements, too many': inside('<a/>'.repeat(BYTES / 4)),
    'attributes, too many': inside(`<a ${names((at) => `a${at}=""`, BYTES / 10)}/>`),
  };
}
