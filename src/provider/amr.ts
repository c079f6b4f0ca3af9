import type { RecordedIdentity } from '../identity/identities.ts';

/** How the citizen proved herself, for the `amr` claim: through which source, and with how much. */
export function amrOf({ source, level }: Pick<RecordedIdentity, 'source' | 'level'>): string[] {
  return [source, level > 1 ? 'mfa' : 'pwd'];
}
