import { judge } from '../src/sources/spid/response.ts';
import { arrival, responseXml, signed } from '../test/support/spid-response.ts';
import { hostileDocuments, MOST_TAGS } from './hostile-documents.ts';
import { cpuPerRun, machine, table } from './measure.ts';
import { waitingFor } from './waiting.ts';

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
      responseXml().replace('</saml:AttributeStatement>', (end) => '<a/>'.repeat(MOST_TAGS) + end),
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
