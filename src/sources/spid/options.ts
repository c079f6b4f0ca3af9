import type { Entity } from '../../entities/entity.ts';
import type { Cipher } from '../../keys/cipher.ts';
import type { Clock } from '../../operations/clock.ts';
import type { Log } from '../../operations/log.ts';
import type { Register } from '../../register/register.ts';
import type { SigningKey } from '../../saml/signature.ts';
import type { Store } from '../../store/store.ts';
import type { IdentityProviders } from './registry.ts';
import type { Binding, Comparison } from './request.ts';

/** What the SPID source works with. */
export interface SpidOptions {
  readonly publicUrl: string;
  readonly entities: readonly Entity[];
  readonly providers: IdentityProviders;
  readonly signingKey: (entity: Entity) => SigningKey;
  /** The metadata in force of an entity: signed, immutable bytes. */
  readonly metadata: (entity: Entity) => Promise<Uint8Array>;
  readonly binding: Binding;
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
