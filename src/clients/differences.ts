import { differences, type Difference } from '../audit/difference.ts';
import type { Client } from './client.ts';

/** Lists whose order says nothing: what came and what went is all there is to see. */
const SETS = ['redirectUris', 'postLogoutRedirectUris', 'contacts'] as const;

/** What a change does to a client, for people to judge: attributes by name, addresses as those that came and went. */
export function clientDifferences(before: Client, after: Client): Difference[] {
  return [
    ...differences(legible(before), legible(after)),
    ...SETS.flatMap((path) => [
      ...beyond(before[path], after[path]).map((text) => ({ path, before: text, after: undefined })),
      ...beyond(after[path], before[path]).map((text) => ({ path, before: undefined, after: text })),
    ]),
  ];
}

function legible(client: Client): object {
  const { attributes, ...rest } = client;
  const others = Object.entries(rest).filter(([name]) => !(SETS as readonly string[]).includes(name));
  return {
    ...Object.fromEntries(others),
    attributes: Object.fromEntries(attributes.map(({ name, ...why }) => [name, why])),
  };
}

/** What is in the one and not in the other, as JSON. */
function beyond(one: readonly string[] = [], other: readonly string[] = []): string[] {
  return one.filter((text) => !other.includes(text)).map((text) => JSON.stringify(text));
}
