import type { LoginCounts } from '../figures/login-counts.ts';
import type { LoginStep } from '../figures/step.ts';
import type { Identities, RecordedIdentity } from '../identity/identities.ts';
import type { Clock } from '../operations/clock.ts';
import type { Recorder } from '../provider/recorder.ts';
import type { EntryKind } from '../register/entry.ts';
import type { Evidence } from '../register/evidence.ts';
import type { Register } from '../register/register.ts';
import type { Store, Transaction } from '../store/store.ts';

/**
 * Writes into the register what the OpenID Provider hands out, under the authentication it stands on: so that one
 * transaction tells everything from the request to the data a service got (spid-register-and-logout, 1).
 */
export function registerRecorder(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly register: Register;
  readonly identities: Identities;
  readonly counts: Pick<LoginCounts, 'add'>;
}): Recorder {
  const { store, register, identities, counts } = parts;

  function count(
    step: LoginStep,
    { entityId, source, provider, level, test = false }: RecordedIdentity,
    clientId: string,
  ): void {
    counts.add({ step, entityId, clientId, testing: test, source, provider, level });
  }

  async function add(
    transaction: Transaction,
    identity: RecordedIdentity,
    what: { kind: EntryKind; clientId?: string; claims?: readonly string[]; evidence: Evidence },
  ): Promise<void> {
    const thread = await register.threadOf(transaction, identity.transaction);
    await register.append(transaction, {
      ...what,
      transactionId: identity.transaction,
      reference: thread?.reference ?? '',
      at: parts.clock.now(),
      source: identity.source,
      entityId: identity.entityId,
      provider: identity.provider,
      level: identity.level,
      person: thread?.person,
    });
  }

  async function grantIdentity(transaction: Transaction, grantId: string): Promise<RecordedIdentity> {
    const identity = await identities.ofGrant(grantId, transaction);
    if (!identity) throw new Error('something is handed out that stands on no identity');
    return identity;
  }

  return {
    async issued(transaction, { grantId, ...issued }) {
      const identity = await grantIdentity(transaction, grantId);
      await add(transaction, identity, {
        kind: issued.what === 'code' ? 'granted' : 'tokens',
        clientId: issued.clientId,
        evidence: { ...issued },
      });
      if (issued.what === 'code') count('granted', identity, issued.clientId);
    },
    redeemed: (identity, clientId) => count('redeemed', identity, clientId),
    released: ({ grantId, clientId, claims, tokenHash }) =>
      store.transaction(async (transaction) => {
        const identity = await grantIdentity(transaction, grantId);
        await add(transaction, identity, { kind: 'released', clientId, claims, evidence: { tokenHash } });
      }),
    async loggedOut({ sessionUid, sessionHash, clientIds }) {
      const standing = await identities.ofSession(sessionUid);
      await store.transaction(async (transaction) => {
        for (const identity of standing)
          await add(transaction, identity, { kind: 'logged-out', evidence: { sessionHash, clientIds } });
      });
    },
  };
}
