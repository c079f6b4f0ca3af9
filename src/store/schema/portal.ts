/** Milliseconds since 1970, UTC. */
type Millis = number;

/** The tables behind the gateway's own pages: who is on the way to sign in, and who has. */
export interface PortalTables {
  /** A sign-in that left for the OpenID Provider and has not come back; found by the hash of its `state`. */
  portal_sign_ins: {
    state_hash: string;
    area: string;
    /** Encrypted JSON: nonce, code verifier, where to go on, which browser. */
    content: Uint8Array;
    consumed_at: Millis | null;
    expires_at: Millis;
  };
  /** Who is signed in to an area of the gateway's own pages; found by the hash of the cookie. */
  portal_sessions: {
    id_hash: string;
    area: string;
    /** Encrypted JSON: who it is, level, when, form token. */
    content: Uint8Array;
    seen_at: Millis;
    /** The end that no use puts off. */
    ends_at: Millis;
    /** The end unless it is used before. */
    expires_at: Millis;
    /** When whoever signed in left to do so. */
    began_at: Millis;
    /** Under which names a logout ends it; see portal_logouts. */
    sid_hash: string;
    sub_hash: string;
  };
  /** Logouts at the OpenID Provider that concern these sessions: what began before one is over. */
  portal_logouts: {
    /** SHA-256 of the `sid` or `sub` that the logout names. */
    name_hash: string;
    at: Millis;
    expires_at: Millis;
  };
}
