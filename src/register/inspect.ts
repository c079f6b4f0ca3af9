import type { X509Certificate } from 'node:crypto';
import type { Queryable } from '../store/store.ts';
import type { EntityKeys } from './keys.ts';
import { destroyedIn } from './retention.ts';
import { sealFaults, stampFaults } from './seal.ts';
import { verifyChain, type Verification } from './verify.ts';

/**
 * Everything that can be verified of an entity's register: its chain, the certificates of what was destroyed, its seals
 * with their time stamps.
 * @param outside seals kept elsewhere
 * @param authorities of time stamps, or those they descend from; with none time stamps are not looked at
 */
export async function inspectRegister(
  db: Queryable,
  entityId: string,
  keys: EntityKeys,
  outside: readonly string[] = [],
  authorities: readonly X509Certificate[] = [],
): Promise<Verification> {
  const { gaps, faults } = await destroyedIn(db, entityId, keys);
  const chain = await verifyChain(db, entityId, keys, gaps);
  const seals = await sealFaults(db, entityId, keys, outside);
  const stamps = authorities.length === 0 ? [] : await stampFaults(db, entityId, authorities);
  return {
    ...chain,
    faults: [...faults, ...chain.faults, ...seals, ...stamps].sort((a, b) => a.seq - b.seq),
  };
}
