import type { AgePolicy } from '../clients/policy.ts';

/** Whether somebody of this age may enter. Who is too young or too old is refused, not asked for something else. */
export function isOfAge(age: number, { minimum = 0, maximum = Infinity }: AgePolicy = {}): boolean {
  return age >= minimum && age <= maximum;
}
