import { judge } from '../src/sources/spid/response.ts';
import { arrival, responseXml, signed } from '../test/support/spid-response.ts';
import { cpuPerRun, machine, table } from './measure.ts';
import { waitingFor } from './waiting.ts';

/** As much as the gate lets in: tags, attributes, bytes (docs/adr/0016). */
const [TAGS, ATTRIBUTES, BYTES] = [3900, 800, 240_000];

/** The worst that can be made of a genuine response, by what it is made of. */
export function hostileDocuments(genuine: string): Readonly<Record<string, string>> {
  const inside = (content: string) => genuine.replace('</saml:AttributeStatement>', (end) => content + end);
  const names = (make: (at: number) => string, many = ATTRIBUTES) =>
    Array.from({ length: many }, (_, at) => make(at)).join(' ');
  return {
    'elements, one beside the other': inside('<a/>'.repeat(TAGS)),
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

/**
 * CPU time that the worst documents cost, and how long they make others wait. All name a pending request and have
 * signatures of the right form: nothing is refused before the work is done.
 */
export async function benchHostile(seconds: number): Promise<string> {
  const genuine = signed(responseXml());
  const documents: Readonly<Record<string, string>> = {
    'an ordinary response': genuine,
    ...hostileDocuments(genuine),
    'elements that the provider signed': signed(
      responseXml().replace('</saml:AttributeStatement>', (end) => '<a/>'.repeat(TAGS) + end),
    ),
  };
  const checks = new Map<string, string>();
  for (const [name, xml] of Object.entries(documents)) {
    const verdict = await judge(arrival(xml));
    checks.set(name, verdict.outcome === 'refused' ? verdict.check : 'OK');
  }
  const spent = await cpuPerRun(
    Object.entries(documents).map(([name, xml]) => {
      const arrived = arrival(xml);
      return [name, () => judge(arrived)] as const;
    }),
    seconds,
  );
  const rows = Object.entries(documents).map(([name, xml]) => [
    name,
    String(xml.length),
    checks.get(name) ?? '',
    (spent.get(name) ?? NaN).toFixed(1),
  ]);
  return [
    `Judging hostile documents (${machine()}):`,
    '',
    table(['made of', 'bytes', 'refused by', 'CPU ms'], rows),
    '',
    await waitingFor(seconds),
  ].join('\n');
}
