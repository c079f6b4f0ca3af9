import type { Api } from '../clients/api.ts';
import type { DeclaredClient } from '../clients/register.ts';
import type { EntityRegister } from '../entities/register.ts';
import type { LoginCounts } from '../figures/login-counts.ts';
import type { KeyRing } from '../keys/directory.ts';
import type { Clock } from '../operations/clock.ts';
import type { Log } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { Register } from '../register/register.ts';
import type { ExpiryCalendar } from './calendar.ts';
import type { Federation } from '../sources/spid/federation/federation.ts';
import type { Store } from '../store/store.ts';

export interface GatewayOptions {
  readonly clock: Clock;
  readonly log: Log;
}

/** What is opened and checked before anything is built on it. */
export interface Parts {
  readonly entities: EntityRegister;
  readonly clients: readonly DeclaredClient[];
  readonly apis: readonly Api[];
  readonly keys: KeyRing;
  readonly store: Store;
  readonly counts: LoginCounts;
  readonly register: Register;
  readonly metrics: Metrics;
  readonly federation: Federation;
  readonly calendar: ExpiryCalendar;
}
