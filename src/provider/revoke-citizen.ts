import { OWN_SECTOR } from '../clients/sector.ts';
import type { Identities } from '../identity/identities.ts';
import type { PersonKey } from '../identity/identity.ts';
import type { Persons } from '../identity/persons.ts';
import type { Transaction } from '../store/store.ts';
import type { Endings } from './endings.ts';
import type { LogoutNotices } from './logout-notices.ts';

interface RevokeParts {
  readonly persons: Persons;
  readonly identities: Identities;
  readonly endings: Endings;
  readonly notices: Pick<LogoutNotices, 'tellOwnPages'>;
  readonly subject: (sector: string, personId: string) => string;
}

/**
 * Ends every session and grant of a citizen, wherever she signed in, and has the services told: when an identity was
 * stolen, or she asks for it.
 * @returns how many logins that were; undefined when she was never here
 */
export async function revokeCitizen(
  transaction: Transaction,
  { persons, identities, endings, notices, subject }: RevokeParts,
  key: PersonKey,
): Promise<number | undefined> {
  const personId = await persons.find(transaction, key);
  if (personId === undefined) return undefined;
  const ids = await identities.ofPerson(transaction, personId);
  await endings.end(transaction, await identities.forget(transaction, ids));
  // Sessions of our own pages may last longer than what they were opened with.
  await notices.tellOwnPages(transaction, { sub: subject(OWN_SECTOR, personId) });
  return ids.length;
}
