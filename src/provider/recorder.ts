import type { AdapterPayload } from 'oidc-provider';
import type { RecordedIdentity } from '../identity/identities.ts';
import type { Transaction } from '../store/store.ts';

/** A code or token that is about to be handed to a client. Ids are hashed: whoever reads this cannot use them. */
export interface Issued {
  readonly what: 'code' | 'access-token' | 'refresh-token';
  readonly idHash: string;
  readonly grantId: string;
  readonly grantHash: string;
  readonly clientId: string;
  readonly sessionHash?: string | undefined;
  readonly scope?: string;
}

/** Keeps account of what is handed out. What it cannot write does not happen. */
export interface Recorder {
  /** In the transaction that stores the code or token. */
  issued(transaction: Transaction, issued: Issued): Promise<void>;
  /** A client redeemed a code that stands on an identity, before its tokens leave. */
  redeemed(identity: RecordedIdentity, clientId: string): void;
  /** Before the answer leaves. */
  released(release: {
    readonly grantId: string;
    readonly clientId: string;
    readonly tokenHash: string;
    /** Names of the claims in the answer. */
    readonly claims: readonly string[];
  }): Promise<void>;
  loggedOut(session: {
    readonly sessionUid: string;
    readonly sessionHash: string;
    readonly clientIds: readonly string[];
  }): Promise<void>;
}

const ISSUED: Readonly<Record<string, Issued['what']>> = {
  AuthorizationCode: 'code',
  AccessToken: 'access-token',
  RefreshToken: 'refresh-token',
};

/** What a record of the library hands out, if anything. */
export function issuedBy(
  model: string,
  payload: AdapterPayload,
  hashes: Pick<Issued, 'idHash' | 'grantHash' | 'sessionHash'>,
): Issued | undefined {
  const what = ISSUED[model];
  if (!what || !payload.grantId || !payload.clientId) return undefined;
  return {
    ...hashes,
    what,
    grantId: payload.grantId,
    clientId: payload.clientId,
    ...(payload.scope ? { scope: payload.scope } : {}),
  };
}
