import { text } from 'node:stream/consumers';
import type { PersonKey } from '../../identity/identity.ts';
import { personKeyOf } from '../../identity/person-key.ts';
import { Refused } from '../../operations/errors.ts';

/**
 * A person by her codice fiscale, read from standard input: on a command line it would be in the shell's history and in
 * the list of processes.
 * @throws Refused `fiscal_number`
 */
export async function personFromInput(): Promise<PersonKey> {
  process.stderr.write('codice fiscale (standard input): ');
  const person = personKeyOf({ fiscalNumber: (await text(process.stdin)).trim() }, '');
  if (!person) throw new Refused('fiscal_number', 'what was read is not a codice fiscale');
  return person;
}
