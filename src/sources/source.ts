import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Client } from '../clients/client.ts';
import type { AttributeName } from '../identity/attributes.ts';
import type { Identity, SourceKind, UpstreamSession } from '../identity/identity.ts';
import type { Language, Localised } from '../identity/language.ts';
import type { Level } from '../identity/level.ts';
import type { Transaction } from '../store/store.ts';

/** One citizen's journey from authorization request to authorization code, as far as a source may know it. */
export interface Login {
  /** The interaction's uid at the OpenID Provider. */
  readonly uid: string;
  /** The short code that a citizen can quote to support, and that finds everything about this login. */
  readonly reference: string;
  readonly client: Client;
  /** Lowest level acceptable for this login: the client's minimum, or more if the request asks for more. */
  readonly level: Level;
  /** The client wants a fresh authentication (`prompt=login`, `max_age`). */
  readonly forceAuthn: boolean;
  /** What the client is allowed and asks to know. */
  readonly attributes: readonly AttributeName[];
  readonly language: Language;
}

/** One provider on the choice page. */
export interface Offer {
  /** The provider's identifier inside its source (SPID: entityID). */
  readonly id: string;
  readonly name: string;
  /** Path of a picture that stands for the name. */
  readonly logo?: string;
}

/** A provider that is not offered at the moment, by decision of an operator. */
export interface Unavailability {
  readonly name: string;
  readonly since: Date;
  /** What citizens read besides; empty for nothing more. */
  readonly notice: Localised;
}

/** How the browser leaves for the provider. */
export type Departure =
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'form'; readonly action: string; readonly fields: Readonly<Record<string, string>> };

/** Why a login ended badly, in terms of what the citizen can do about it. `login/problems.ts` turns it into a page. */
export interface Failure {
  /** Stable code: an anomaly (`spid_nr25`), a check (`S1`), or a word (`unsolicited`, `expired`, `replayed`). */
  readonly code: string;
  /** Which explanation the citizen gets. Validation failures share one, so that nothing is disclosed. */
  readonly reason: FailureReason;
  /** HTTP status of the page, 400–599. */
  readonly status: number;
  /** The login it ends, when it could be found. */
  readonly loginUid?: string;
  /** The level that was asked for. */
  readonly level?: Level;
  /** The provider it was tried with, offered again where that makes sense. */
  readonly provider?: string;
  readonly reference: string;
}

export type FailureReason =
  | 'rejected' // the provider's answer is not trustworthy or not valid
  | 'unsolicited' // nobody here asked for it
  | 'no-answer' // the address at which answers arrive was opened without one
  | 'expired' // asked for, but too long ago
  | 'already-used' // asked for and already answered
  | 'unreachable' // the provider is out of order
  | 'provider-fault' // the provider had a technical problem
  | 'switched-off' // the provider was taken out of use while the citizen was there
  | 'our-fault' // the provider could not accept our request
  | 'not-started' // something went wrong at departure; once more may help
  | 'wrong-credentials'
  | 'level-not-held'
  | 'timed-out'
  | 'consent-refused'
  | 'identity-suspended'
  | 'cancelled'
  | 'not-completed'
  | 'wrong-identity-kind'
  | 'attributes-missing'
  | 'age-not-allowed' // the service is for others by age
  | 'unknown';

/** How a provider answered to the wish to leave it: all is closed, some services may be open, nothing is closed. */
export type SignOutOutcome = 'closed' | 'partly' | 'refused';

/** A session at a provider that its citizen wants closed. */
export interface SessionToClose {
  /** Names it to the journey when the provider answers. */
  readonly id: string;
  /** Short id of the entity in whose name she entered. */
  readonly entityId: string;
  readonly provider: string;
  readonly session: UpstreamSession;
  /** The register's transaction of the login that opened it; undefined for sign-outs that began before it was noted. */
  readonly transaction?: string | undefined;
}

/** What a source calls when the citizen is back. Implemented by `login/`. */
export interface Journey {
  /**
   * Attaches a proved identity to its login, inside the transaction that claimed the pending request.
   * @returns the path the browser continues to, by 303 to a same-site GET.
   */
  arrive(transaction: Transaction, loginUid: string, identity: Identity): Promise<string>;
  /** The path on which an answered login continues: for a browser that posts the same answer twice. */
  continuation(loginUid: string): string;
  /**
   * Closes everything that stands on a session at a provider: sessions of ours, grants, attributes (single logout).
   * @returns the register's transaction of each login that was closed; none is no error
   */
  end(
    transaction: Transaction,
    upstream: {
      readonly provider: string;
      readonly nameId: string;
      readonly sessionIndex: string | undefined;
    },
  ): Promise<readonly string[]>;
  /**
   * The provider has answered to a citizen who wanted to leave it.
   * @returns the path of the page that tells her; undefined when nobody waits for it
   */
  signedOut(transaction: Transaction, id: string, outcome: SignOutOutcome): Promise<string | undefined>;
  /** Sends the browser off with a message for a provider, outside any login. */
  send(ctx: Context, departure: Departure, providerName: string): void;
  /** Ends a test login, which no service asked for, with a page that says it succeeded. */
  showTested(
    ctx: Context,
    login: { readonly provider: string; readonly level: Level; readonly reference: string },
  ): void;
  /** Ends the login with a page. */
  fail(ctx: Context, failure: Failure): Promise<void>;
}

/** A way for a citizen to prove who she is. One folder under `sources/` implements it; nothing else names it. */
export interface IdentitySource {
  readonly kind: SourceKind;
  /** What the choice page offers for this login; empty when this client may not use the source. Order: random. */
  offers(login: Login): readonly Offer[];
  /** Providers that are missing among the offers, for a notice on the choice page. */
  unavailable(): readonly Unavailability[];
  /**
   * Makes the request that leaves with the browser, having written the pending request and the register entry.
   * @throws Refused `unknown_provider` when the offer is not one of `offers(login)`.
   */
  depart(login: Login, offerId: string): Promise<Departure>;
  /** The name of one of its providers, for citizens. */
  nameOf(provider: string): string | undefined;
  /** Whether sessions at a provider can be closed from here. */
  closesSessions(provider: string): boolean;
  /**
   * Makes the message that closes a session at its provider, written down within the transaction. The answer ends in
   * the journey's `signedOut`, if there ever is one.
   */
  closeSession(transaction: Transaction, session: SessionToClose): Promise<Departure>;
  /** The source's own endpoints. They end in the journey's `arrive` or `fail`. */
  mount(router: Router, journey: Journey): void;
  /** What an operator should look at before it keeps citizens out. */
  warnings(): readonly string[];
  /** Problems that keep citizens from using it now; empty when it is ready. */
  notReady(): readonly string[];
}
