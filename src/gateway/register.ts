import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AuditTrail } from '../audit/trail.ts';
import type { Configuration, MasterKey } from '../config/schema.ts';
import type { Cipher } from '../keys/cipher.ts';
import type { KeyRing } from '../keys/directory.ts';
import { masterKeyCommand, masterKeyOf } from '../keys/master-key.ts';
import type { Clock } from '../operations/clock.ts';
import type { Log } from '../operations/log.ts';
import { Outbound } from '../operations/outbound.ts';
import type { Entry } from '../register/entry.ts';
import { RegisterKeys } from '../register/keys.ts';
import { Register } from '../register/register.ts';
import { destroyDue, dueThrough, overdueMonth } from '../register/retention.ts';
import { lastSealedAt, sealHead, stampLast, unsealedSince, type SealOptions } from '../register/seal.ts';
import { registeredEntities } from '../register/verify.ts';
import type { Store } from '../store/store.ts';

const HOUR_MS = 60 * 60 * 1000;

/** The register, with its keys where the configuration says they are, wrapped by the master key it names. */
export function openRegister(
  configuration: Configuration,
  keys: Pick<KeyRing, 'cipher' | 'personHash'>,
  written?: (entry: Entry) => void,
): Register {
  const directory = configuration.register.keyDirectory ?? configuration.keys.directory;
  const { masterKey, previousMasterKey } = configuration.register;
  const wrapped = new RegisterKeys(
    directory,
    masterKey === undefined ? keys.cipher : masterCipher(masterKey, 'register.masterKey'),
    previousMasterKey && 'dataKey' in previousMasterKey
      ? keys.cipher
      : previousMasterKey && masterCipher(previousMasterKey, 'register.previousMasterKey'),
  );
  return new Register(wrapped, keys.personHash, written);
}

/** How long the entries of an entity are kept. */
export function retentionMonths({ register: { retention } }: Configuration, entityId: string): number {
  return retention.entities[entityId] ?? retention.months;
}

export function sealOptions(
  { entities, register, outbound }: Configuration,
  parts: { readonly store: Store; readonly clock: Clock; readonly log: Log; readonly keys: KeyRing },
): SealOptions {
  const server = register.seals.timestampServer;
  return {
    store: parts.store,
    clock: parts.clock,
    log: parts.log,
    signer: (entityId) => sealingKey(entities, parts.keys, entityId),
    issuer: (entityId) => entities.find(({ id }) => id === entityId)?.entityId ?? entityId,
    timestampServer: server && {
      url: server.url,
      trusted: server.certificates.map((file) => new X509Certificate(readFileSync(file))),
      outbound: new Outbound(outbound),
    },
  };
}

/** An aggregated body has no key of its own; what the file does not declare is sealed by the first body that it does. */
function sealingKey(
  entities: Configuration['entities'],
  { saml }: KeyRing,
  entityId: string,
): ReturnType<KeyRing['saml']['newest']> {
  const declared = entities.find(({ id }) => id === entityId);
  const own = saml.of(declared?.aggregator ?? entityId).at(-1);
  return own ?? saml.newest(entities[0]?.id ?? entityId);
}

interface Tended {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: KeyRing;
  readonly register: Register;
}

/**
 * What the registers need done every hour: destruction that is due, seals that are due, and saying what is late. What
 * fails is said in the log and keeps nothing else from being done.
 */
export async function tendRegisters(configuration: Configuration, parts: Tended): Promise<void> {
  for (const entityId of await registeredEntities(parts.store.db))
    for (const duty of [destroyIfDue, sayLateDestruction, sealIfDue, sayLateSeal])
      try {
        await duty(configuration, parts, entityId);
      } catch (error) {
        parts.log.failure(error, { reference: 'register' });
      }
}

async function destroyIfDue(configuration: Configuration, parts: Tended, entityId: string): Promise<void> {
  const { store, clock, log, register } = parts;
  const through = dueThrough(clock.now(), retentionMonths(configuration, entityId));
  const { destroyed } = await destroyDue(
    { store, register, clock, trail: new AuditTrail(parts.keys) },
    entityId,
    through,
    { actor: { kind: 'operator', name: 'retention' }, via: 'schedule' },
  );
  if (destroyed > 0)
    log.event({ event: 'register_destroyed', entity: entityId, month: through, rows: destroyed });
}

async function sayLateDestruction(
  configuration: Configuration,
  { store, clock, log }: Tended,
  entityId: string,
): Promise<void> {
  const through = dueThrough(clock.now(), retentionMonths(configuration, entityId));
  const month = await overdueMonth(store.db, entityId, through);
  if (month !== undefined) log.event({ event: 'register_retention_late', entity: entityId, month });
}

async function sealIfDue(configuration: Configuration, parts: Tended, entityId: string): Promise<void> {
  const options = sealOptions(configuration, parts);
  const sealedAt = await lastSealedAt(parts.store.db, entityId);
  const age = parts.clock.now().getTime() - (sealedAt?.getTime() ?? 0);
  if (age < configuration.register.seals.everyHours * HOUR_MS) await stampLast(options, entityId);
  else await sealHead(options, entityId, parts.register.keys.of(entityId));
}

async function sayLateSeal(
  configuration: Configuration,
  { store, clock, log }: Tended,
  entityId: string,
): Promise<void> {
  const since = await unsealedSince(store.db, entityId);
  if (since === undefined) return;
  const hours = Math.floor((clock.now().getTime() - since.getTime()) / HOUR_MS);
  if (hours >= 2 * configuration.register.seals.everyHours)
    log.event({ event: 'register_seal_late', entity: entityId, hours });
}

function masterCipher(given: MasterKey, name: string): Cipher {
  return 'command' in given ? masterKeyCommand(given.command) : masterKeyOf(given.key, name);
}
