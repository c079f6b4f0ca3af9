import type { Entity } from '../../entities/entity.ts';
import type { EntityRegister } from '../../entities/register.ts';
import type { Cipher } from '../../keys/cipher.ts';
import type { Clock } from '../../operations/clock.ts';
import type { Log } from '../../operations/log.ts';
import type { Register } from '../../register/register.ts';
import type { SigningKey } from '../../saml/signature.ts';
import type { Store } from '../../store/store.ts';
import type { Leniency } from './leniency.ts';
import type { ProviderDisplays } from './displays/displays.ts';
import type { IdentityProviders } from './registry.ts';
import type { Binding, Comparison } from './request.ts';

/** What the SPID source works with. */
export interface SpidOptions {
  readonly publicUrl: string;
  readonly entities: Pick<EntityRegister, 'fresh' | 'get' | 'list' | 'atPath' | 'inForce'>;
  readonly providers: IdentityProviders;
  /** How they are shown to citizens, where a list says so. */
  readonly displays?: Pick<ProviderDisplays, 'nameOf' | 'logoOf' | 'logo'> | undefined;
  /** The key that an identity provider expects an entity to sign with: one that the metadata it has publishes. */
  readonly signingKey: (entity: Entity, provider: string) => SigningKey;
  /** What an entity's address serves: signed, immutable bytes; undefined while there are none. */
  readonly metadata: (entity: Entity) => Promise<Uint8Array | undefined>;
  /** The draft behind a preview's secret. */
  readonly preview: (secret: string) => Promise<Uint8Array | undefined>;
  /** Which providers are for tests: they answer for services in the test stage, and all others do not. */
  readonly isTestProvider: (entityId: string) => boolean;
  /** Whether a client is in the test stage now. */
  readonly isTesting: (clientId: string) => Promise<boolean>;
  /** How requests reach a provider, where it has both ways. */
  readonly binding: (provider: string) => Binding;
  /** What a provider is let off. */
  readonly lenient: (provider: string) => readonly Leniency[];
  readonly comparison: Comparison;
  readonly skewSeconds: number;
  readonly requestMinutes: number;
  /** Only while acceptance tests are done. */
  readonly tests?: TestLogins | undefined;
  readonly store: Store;
  readonly register: Register;
  readonly log: Log;
  readonly clock: Clock;
}

/** Who acceptance tests are done with, and until when (spid-registry-and-idps, 4). Citizens never see these providers. */
export interface TestLogins {
  readonly providers: IdentityProviders;
  /** From then on there are none. */
  readonly until: Date;
  /** Seals the way to the result page. */
  readonly cipher: Cipher;
}
