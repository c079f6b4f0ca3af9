import type Keygrip from 'keygrip';
import type { Context } from 'koa';
import type { JWK } from 'jose';
import type { Api } from '../clients/api.ts';
import type { Client } from '../clients/client.ts';
import type { ClientRegister } from '../clients/register.ts';
import type { Identities, RecordedIdentity } from '../identity/identities.ts';
import type { Level } from '../identity/level.ts';
import type { Cipher } from '../keys/cipher.ts';
import type { Clock } from '../operations/clock.ts';
import type { RateLimits } from '../operations/rate-limits.ts';
import type { Log } from '../operations/log.ts';
import type { Outbound } from '../operations/outbound.ts';
import type { Store } from '../store/store.ts';
import type { CertificateHeaders } from './certificates.ts';
import type { LogoutNotices } from './logout-notices.ts';
import type { Missing, RequestFacts, SessionFacts } from './facts.ts';
import type { Recorder } from './recorder.ts';

export interface ProviderProblem {
  /** Identifier of the error, for the service's developers. */
  readonly code: string;
  readonly status: number;
}

export interface ProviderOptions {
  readonly publicUrl: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly cipher: Cipher;
  readonly log: Log;
  /** Signs the cookies of the application around the provider too. */
  readonly cookieKeys: Keygrip;
  /** For the key of DPoP nonces: the same at every process, and after every change of the other keys. */
  readonly nonceSecret: string;
  readonly limits: RateLimits;
  readonly notices: LogoutNotices;
  /** Private; of each algorithm the first signs. */
  readonly signingKeys: readonly JWK[];
  readonly clients: ClientRegister;
  readonly identities: Identities;
  readonly recorder: Recorder;
  readonly subject: (sector: string, personId: string) => string;
  readonly claimsPrefix: string;
  /** Path of the login journey's first page. */
  readonly loginPath: (uid: string) => string;
  /** What a session lacks to answer a request without a new authentication; undefined when nothing. */
  readonly missing: (session: SessionFacts, request: RequestFacts) => Missing | undefined;
  /** The gateway runs on a loopback address: services may be there too. */
  readonly trial: boolean;
  readonly outbound: Outbound;
  readonly apis: readonly Api[];
  /** Services may register themselves (registration.ts). */
  readonly dynamicRegistration: boolean;
  readonly clientCertificates: CertificateHeaders | undefined;
  readonly lifetimes: {
    /** Seconds from the client's request to the way back. */
    readonly login: number;
    /** Seconds that anything may stand on an authentication of a level: session, refresh tokens. */
    readonly standing: (level: Level) => number;
  };
  /**
   * Where a citizen who has left goes on to instead, when her identity provider still knows her.
   * @param returnTo where she would go otherwise
   */
  readonly leaveProvider: (
    identities: readonly RecordedIdentity[],
    closed: { readonly clients: readonly string[]; readonly returnTo: string },
  ) => Promise<string | undefined>;
  readonly pages: ProviderPages;
}

/** What a logout closed. */
export interface ClosedSession {
  /** Ids of the clients that were entered from the session: each was closed here, and told where it wants to be. */
  readonly clients: readonly string[];
  /** The identity provider keeps a session of its own (SPID: at level 1 only). */
  readonly providerMayRemember: boolean;
}

/** A form that goes on without anybody pressing. */
export interface SentForm {
  /**
   * A logout that needs no question; the same before another person than the one whose session there was can enter; the
   * answer to the service.
   */
  readonly why: 'leaving' | 'another-person' | 'answer';
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** The service that she comes from. */
  readonly client: Client | undefined;
}

/** The pages that oidc-provider shows through ours. */
export interface ProviderPages {
  problem(ctx: Context, problem: ProviderProblem): void | Promise<void>;
  /** @param xsrf secret that the form has to send back to `action`, with `logout=yes` to leave */
  logoutQuestion(
    ctx: Context,
    form: { action: string; xsrf: string; client: Client | undefined },
  ): void | Promise<void>;
  /** A page that sends its form by itself; the button is for browsers without scripts. */
  sending(ctx: Context, form: SentForm): void | Promise<void>;
  /** @param closed what the logout just before closed, where this browser knows of one */
  loggedOut(ctx: Context, closed: ClosedSession | undefined): void | Promise<void>;
  /** She was asked, and left this service only. */
  stayed(ctx: Context, client: Client): void | Promise<void>;
}
