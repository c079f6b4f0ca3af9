import type { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Actor, By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { ClientChanges } from '../clients/changes.ts';
import type { RegistrationTokens } from '../clients/registration-tokens.ts';
import type { MetadataLifeCycle } from '../entities/life-cycle.ts';
import type { EntityRegister } from '../entities/register.ts';
import type { LoginCounts } from '../figures/login-counts.ts';
import type { Language } from '../identity/language.ts';
import type { DatedEntry } from '../keys/calendar.ts';
import type { KeyedHash } from '../keys/keyed-hash.ts';
import type { Clock } from '../operations/clock.ts';
import type { Setting } from '../operations/setting.ts';
import type { Door } from '../portal/portal.ts';
import type { PortalSession } from '../portal/sessions.ts';
import type { ReadingRoom } from '../register/consultation/reading-room.ts';
import type { Register } from '../register/register.ts';
import type { Federation } from '../sources/spid/federation/federation.ts';
import type { Store } from '../store/store.ts';
import type { WebOptions } from '../web/app.ts';
import type { Html } from '../web/html.ts';
import type { Administrators } from './administrators.ts';
import type { Invitations } from './invitations.ts';
import type { Operation } from './operations.ts';
import type { ServiceDesk } from './service-desk.ts';
import type { Grant, Scope } from './roles.ts';

/** What the pages of the console work with. */
export interface ConsoleRoom {
  readonly web: Omit<WebOptions, 'cookieKeys'>;
  readonly door: Door;
  readonly store: Store;
  readonly clock: Clock;
  readonly trail: AuditTrail;
  readonly administrators: Administrators;
  readonly invitations: Invitations;
  readonly clients: ClientChanges;
  readonly desk: ServiceDesk;
  readonly registrationTokens: RegistrationTokens;
  /** Whether there is a test identity provider that citizens of nowhere can use now. */
  readonly canTry: () => boolean;
  /** Keys and certificates, what ends first first. */
  readonly calendar: () => readonly DatedEntry[];
  readonly entities: EntityRegister;
  readonly lifeCycle: MetadataLifeCycle;
  readonly federation: Federation;
  readonly settings: readonly Setting[];
  readonly counts: Pick<LoginCounts, 'flush'>;
  readonly register: Pick<Register, 'trace'>;
  readonly reading: ReadingRoom;
  readonly personHash: KeyedHash;
  /** What a provider is called; its id where it is not known any more. */
  readonly providerName: (id: string) => string;
}

/** One request of somebody whose role admits it. */
export interface Visit {
  readonly session: PortalSession;
  readonly grants: readonly Grant[];
  readonly scope: Scope;
  readonly language: Language;
  readonly by: By & { readonly actor: Actor & { kind: 'person' } };
  /** Parts of the path, by name. */
  readonly params: Readonly<Record<string, string>>;
  /** Of the form, when there is one. */
  readonly fields: ReadonlyMap<string, string>;
}

/** A page in the console's frame. */
export interface PageAnswer {
  readonly title: string;
  readonly body: Html;
  /** Pages between the section and this one, the outermost first; paths below /admin. */
  readonly parents?: readonly { readonly title: string; readonly path: string }[];
  readonly status?: number;
  /** A script of ours that makes the page more comfortable; it works without. */
  readonly script?: string;
}

/** What a route answers with: a page, the address of one, or a file to keep. */
export type Answer =
  | PageAnswer
  | { readonly goTo: string }
  | {
      readonly file: { readonly name: string; readonly type: string; readonly bytes: Uint8Array | Readable };
    };

export interface ConsoleRoute {
  readonly method: 'GET' | 'POST';
  /** Below /admin; parts that begin with a colon are parameters. */
  readonly path: string;
  readonly operation: Operation;
  /** A forgotten browser must not do it: whoever does has to have authenticated just now, and comes back to this path. */
  readonly confirmedFrom?: (params: Readonly<Record<string, string>>) => string;
  /**
   * A form that takes time: where it is shown again, filled in, when it comes from a session that is over or before
   * somebody has authenticated just now. A route that is this address itself only shows, or has `again`.
   */
  readonly keptFor?: (params: Readonly<Record<string, string>>) => string;
  /** The same form filled in with what was typed, and nothing else: of whoever was asked to authenticate first. */
  readonly again?: (visit: Visit) => Promise<Answer>;
  readonly answer: (visit: Visit, ctx: Context) => Answer | Promise<Answer>;
}
