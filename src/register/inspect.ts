import type { Queryable } from '../store/store.ts';
import type { EntityKeys } from './keys.ts';
import { destroyedIn } from './retention.ts';
import { sealFaults } from './seal.ts';
import { verifyChain, type Verification } from './verify.ts';

/**
 * Everything that can be verified of an entity's register: its chain, the certificates of what was destroyed, its seals.
 * @param outside seals kept elsewhere
 */
export async function inspectRegister(
  db: Queryable,
  entityId: string,
  keys: EntityKeys,
  outside: readonly string[] = [],
): Promise<Verification> {
  const { gaps, faults } = await destroyedIn(db, entityId, keys);
  const chain = await verifyChain(db, entityId, keys, gaps);
  const seals = await sealFaults(db, entityId, keys, outside);
  return { ...chain, faults: [...faults, ...chain.faults, ...seals].sort((a, b) => a.seq - b.seq) };
}
